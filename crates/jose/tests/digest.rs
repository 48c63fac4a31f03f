use countersign_jose::{Algorithm, base64url, constant_time_eq, digest};

use crate::support::vectors;

#[test]
fn half_digests_match_another_implementation() {
    let vectors = vectors("halves.json");
    let value = vectors["value"].as_str().unwrap();
    let halves = vectors["halves"].as_object().unwrap();
    assert_eq!(halves.len(), 13);
    for (alg, half) in halves {
        let alg: Algorithm = alg.parse().unwrap();
        assert_eq!(digest::half(alg, value).unwrap(), half.as_str().unwrap(), "{alg}");
    }
}

#[test]
fn half_a_digest_is_half_as_long() {
    for (alg, bytes) in [(Algorithm::Rs256, 16), (Algorithm::Es384, 24), (Algorithm::EdDsa, 32)] {
        let half = base64url::decode(&digest::half(alg, "").unwrap()).unwrap();
        assert_eq!(half.len(), bytes);
    }
}

#[test]
fn half_a_digest_of_other_than_ascii_is_refused() {
    assert!(digest::half(Algorithm::Rs256, "tökén").is_err());
}

#[test]
fn sha256_of_nothing_is_the_known_value() {
    let encoded = base64url::encode(&digest::sha256(b""));
    assert_eq!(encoded, "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
}

#[test]
fn comparison_sees_every_difference() {
    assert!(constant_time_eq(b"", b""));
    assert!(constant_time_eq(b"same", b"same"));
    for other in ["", "sam", "sames", "Same", "samE", "sa\0e"] {
        assert!(!constant_time_eq(b"same", other.as_bytes()), "{other:?}");
    }
}
