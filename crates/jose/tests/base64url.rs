use countersign_jose::base64url::{decode, encode};

#[test]
fn all_bytes_survive() {
    let bytes: Vec<u8> = (0..=255).collect();
    for length in 0..bytes.len() {
        assert_eq!(decode(&encode(&bytes[..length])).unwrap(), bytes[..length]);
    }
}

#[test]
fn padding_is_refused() {
    assert!(decode("QQ==").is_err());
    assert!(decode("QUI=").is_err());
    assert_eq!(decode("QQ").unwrap(), b"A");
}

#[test]
fn the_other_alphabet_is_refused() {
    assert!(decode("+/+/").is_err());
    assert_eq!(decode("-_-_").unwrap(), [0xfb, 0xff, 0xbf]);
}

#[test]
fn white_space_is_refused() {
    for text in ["QUJD ", " QUJD", "QU\nJD", "QUJD\r\n", "QU\tJD", "QUJD\0"] {
        assert!(decode(text).is_err(), "{text:?}");
    }
}

#[test]
fn trailing_bits_are_refused() {
    for text in ["QR", "QV", "QUJ", "QUL"] {
        assert!(decode(text).is_err(), "{text}");
    }
}

#[test]
fn an_impossible_length_is_refused() {
    assert!(decode("Q").is_err());
    assert!(decode("QUJDR").is_err());
}
