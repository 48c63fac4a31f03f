use countersign_protocol::value::random::{RANDOM_BYTES, attempt, nonce, state, verifier};

#[test]
fn a_verifier_has_the_characters_and_the_length_of_the_rfc() {
    // RFC 7636 section 4.1: 43 to 128 characters of ALPHA / DIGIT / "-" / "." / "_" / "~".
    for byte in [0, 0x3e, 0x3f, 0xff] {
        let verifier = verifier([byte; RANDOM_BYTES]);
        assert_eq!(verifier.expose().len(), 43);
        assert!(verifier.expose().chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c)));
    }
}

#[test]
fn different_bytes_make_different_strings() {
    assert_ne!(state([1; RANDOM_BYTES], 0), state([2; RANDOM_BYTES], 0));
    assert_ne!(nonce([1; RANDOM_BYTES]), nonce([2; RANDOM_BYTES]));
}

#[test]
fn the_attempt_of_a_foreign_state_is_zero() {
    for foreign in ["", ".", "a.", "a.x", "a.256", "a.-1", "a.1.x"] {
        assert_eq!(attempt(foreign), 0, "{foreign}");
    }
    for number in [0, 1, 255] {
        assert_eq!(attempt(&state([7; RANDOM_BYTES], number)), number);
    }
}
