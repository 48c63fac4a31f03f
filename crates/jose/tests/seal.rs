use countersign_jose::{SealingKey, base64url};

use crate::support::vectors;

const SECRET: &[u8] = b"thirty-two bytes of the operator";

fn key() -> SealingKey {
    SealingKey::derive(SECRET, "session")
}

#[test]
fn what_was_sealed_opens() {
    for length in [0, 1, 15, 16, 17, 4096, 100_000] {
        let plain = vec![0x5a; length];
        let sealed = key().seal([1; 24], b"name", &plain);
        assert_eq!(sealed.len(), length + 40);
        assert_eq!(key().open(b"name", &sealed), Some(plain));
    }
}

#[test]
fn sealed_for_one_purpose_does_not_open_for_another() {
    let sealed = key().seal([1; 24], b"", b"alice");
    for purpose in ["login", "", "Session", "session ", "sessio", "ksession", "isession"] {
        let other = SealingKey::derive(SECRET, purpose);
        assert_eq!(other.open(b"", &sealed), None, "{purpose}");
        assert_ne!(other.id(), key().id(), "{purpose}");
    }
}

#[test]
fn sealed_with_one_secret_does_not_open_with_another() {
    let sealed = key().seal([1; 24], b"", b"alice");
    for secret in
        [&b""[..], b"thirty-two bytes of the operatoR", b"thirty-two bytes of the operator\0"]
    {
        assert_eq!(SealingKey::derive(secret, "session").open(b"", &sealed), None);
    }
}

#[test]
fn sealed_with_other_associated_data_does_not_open() {
    let sealed = key().seal([1; 24], b"__Host-session", b"alice");
    for associated in ["", "__Host-sessio", "__Host-session\0", "__Host-login"] {
        assert_eq!(key().open(associated.as_bytes(), &sealed), None);
    }
}

#[test]
fn two_seals_of_one_value_differ_everywhere() {
    let (one, two) = (key().seal([1; 24], b"", &[0; 64]), key().seal([2; 24], b"", &[0; 64]));
    assert_ne!(one[24..88], two[24..88]);
    assert_ne!(one[88..], two[88..]);
    assert_eq!(one, key().seal([1; 24], b"", &[0; 64]));
}

#[test]
fn a_cut_value_does_not_open() {
    let sealed = key().seal([1; 24], b"", b"alice");
    for length in 0..sealed.len() {
        assert_eq!(key().open(b"", &sealed[..length]), None, "{length}");
        assert_eq!(key().open(b"", &sealed[sealed.len() - length..]), None, "{length}");
    }
}

#[test]
fn a_value_with_one_flipped_bit_does_not_open() {
    let sealed = key().seal([1; 24], b"", b"alice");
    for bit in 0..sealed.len() * 8 {
        let mut spoiled = sealed.clone();
        spoiled[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(key().open(b"", &spoiled), None, "bit {bit}");
    }
}

#[test]
fn a_lengthened_value_does_not_open() {
    let mut sealed = key().seal([1; 24], b"", b"alice");
    sealed.push(0);
    assert_eq!(key().open(b"", &sealed), None);
}

#[test]
fn another_implementation_seals_the_same() {
    let vector = vectors("seal.json");
    let text = |name: &str| vector[name].as_str().unwrap();
    let key = SealingKey::derive(text("secret").as_bytes(), text("purpose"));
    let id: Vec<u64> = key.id().iter().map(|byte| u64::from(*byte)).collect();
    assert_eq!(vector["id"], serde_json::json!(id));
    let salt = base64url::decode(text("salt")).unwrap().try_into().unwrap();
    let sealed = key.seal(salt, text("associated").as_bytes(), text("plain").as_bytes());
    assert_eq!(base64url::encode(&sealed), text("sealed"));
}

#[test]
fn debug_shows_the_public_name_only() {
    let id = key().id();
    assert_eq!(format!("{:?}", key()), format!("SealingKey {{ id: {id:?}, .. }}"));
}
