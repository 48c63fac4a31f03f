use countersign_jose::{Algorithm, KeyError, KeySet, KeyType, Object, base64url};
use serde_json::json;

use crate::support::{foreign, object, public, set, vectors, with, without};

fn refusal(jwk: Object) -> KeyError {
    let keys = KeySet::from_jwks([jwk]);
    assert!(keys.is_empty());
    keys.skipped()[0].reason.clone()
}

fn weak(name: &str) -> Object {
    vectors("weak.json")[name].as_object().unwrap().clone()
}

/// A public RSA JWK of so many bits, without a known factorisation.
fn rsa(bits: usize, e: &[u8]) -> Object {
    let mut n = vec![0xff; bits.div_ceil(8)];
    n[0] >>= n.len() * 8 - bits;
    let mut jwk = object(r#"{"kty":"RSA"}"#);
    jwk.insert("n".to_owned(), base64url::encode(&n).into());
    jwk.insert("e".to_owned(), base64url::encode(e).into());
    jwk
}

#[test]
fn every_type_of_key_is_read() {
    for (kid, kty, bits, curve, algorithms) in [
        ("rsa", KeyType::Rsa, 2048, None, 6),
        ("p256", KeyType::Ec, 256, Some("P-256"), 1),
        ("p384", KeyType::Ec, 384, Some("P-384"), 1),
        ("p521", KeyType::Ec, 521, Some("P-521"), 1),
        ("ed25519", KeyType::Okp, 256, Some("Ed25519"), 1),
    ] {
        let keys = set([public(kid)]);
        let key = keys.keys().next().unwrap();
        assert_eq!((key.kid(), key.kty(), key.bits()), (Some(kid), kty, bits));
        assert_eq!((key.curve(), key.algorithms().count()), (curve, algorithms));
        assert!(!key.has_published_private_half());
        assert_eq!(key.kty().to_string(), public(kid)["kty"].as_str().unwrap());
    }
}

#[test]
fn an_rsa_key_below_2048_bits_is_skipped() {
    assert_eq!(refusal(weak("rsa_1024")), KeyError::RsaSize { bits: 1024 });
    assert_eq!(refusal(rsa(2047, &[3])), KeyError::RsaSize { bits: 2047 });
    assert_eq!(set([rsa(2048, &[3])]).len(), 1);
}

#[test]
fn an_rsa_key_above_8192_bits_is_skipped() {
    assert_eq!(set([rsa(8192, &[1, 0, 1])]).len(), 1);
    assert_eq!(refusal(rsa(8193, &[1, 0, 1])), KeyError::RsaSize { bits: 8193 });
    assert_eq!(refusal(rsa(100_000, &[1, 0, 1])), KeyError::RsaSize { bits: 100_000 });
}

#[test]
fn an_rsa_exponent_that_makes_no_key_is_skipped() {
    for e in [&[][..], &[0], &[0, 0], &[1], &[0, 1], &[2], &[1, 0, 0], &[3, 0, 0, 0, 1], &[1; 9]] {
        assert_eq!(refusal(rsa(2048, e)), KeyError::RsaExponent, "{e:?}");
    }
    assert_eq!(set([rsa(2048, &[1, 0, 0, 0, 1])]).len(), 1);
}

#[test]
fn an_even_rsa_modulus_is_skipped() {
    let mut n = vec![0xff; 256];
    n[255] = 0xfe;
    let jwk = with(rsa(2048, &[3]), "n", base64url::encode(&n));
    assert_eq!(refusal(jwk), KeyError::Invalid { kty: KeyType::Rsa });
}

#[test]
fn leading_zeros_do_not_make_an_rsa_key_longer() {
    let n = base64url::decode(public("rsa")["n"].as_str().unwrap()).unwrap();
    let zeros = base64url::encode(&[vec![0], n].concat());
    assert_eq!(set([with(public("rsa"), "n", zeros)]).keys().next().unwrap().bits(), 2048);
    let small = base64url::decode(weak("rsa_1024")["n"].as_str().unwrap()).unwrap();
    let padded = base64url::encode(&[vec![0; 256], small].concat());
    assert_eq!(refusal(with(weak("rsa_1024"), "n", padded)), KeyError::RsaSize { bits: 1024 });
}

#[test]
fn a_point_that_is_not_on_its_curve_is_skipped() {
    let invalid = KeyError::Invalid { kty: KeyType::Ec };
    assert_eq!(refusal(weak("secp256k1_as_p256")), invalid);
    let zero = base64url::encode(&[0; 32]);
    let origin = with(with(public("p256"), "x", zero.clone()), "y", zero.clone());
    assert_eq!(refusal(origin), invalid);
    assert_eq!(refusal(with(public("p256"), "y", zero)), invalid);
    let beyond = base64url::encode(&[0xff; 32]);
    assert_eq!(refusal(with(public("p256"), "x", beyond)), invalid);
    let (x, y) = (public("p256")["x"].clone(), public("p256")["y"].clone());
    assert_eq!(refusal(with(with(public("p256"), "x", y), "y", x)), invalid);
}

#[test]
fn an_ed25519_point_of_small_order_is_skipped() {
    let mut points = vec![[0; 32], [0xff; 32], [0xff; 32], [0xff; 32]];
    points.push(*b"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05");
    points.push(*b"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a");
    points.push([0; 32]);
    points[6][0] = 1;
    for (point, lowest) in points[1..4].iter_mut().zip([0xec, 0xed, 0xee]) {
        point[0] = lowest;
        point[31] = 0x7f;
    }
    for mut point in points {
        for sign in [0, 0x80] {
            point[31] ^= sign;
            let mut jwk = object(r#"{"kty":"OKP","crv":"Ed25519"}"#);
            jwk.insert("x".to_owned(), base64url::encode(&point).into());
            assert_eq!(refusal(jwk), KeyError::Invalid { kty: KeyType::Okp }, "{point:x?}");
        }
    }
}

#[test]
fn a_coordinate_of_another_length_is_skipped() {
    let x = base64url::decode(public("p256")["x"].as_str().unwrap()).unwrap();
    for bad in [&x[1..], &x[..31], &[&[0], &x[..]].concat(), &[], &[4; 65]] {
        let reason = refusal(with(public("p256"), "x", base64url::encode(bad)));
        assert!(matches!(reason, KeyError::Malformed { member: "x", .. }), "{reason:?}");
    }
    let reason = refusal(with(public("ed25519"), "x", base64url::encode(&[1; 31])));
    assert!(matches!(reason, KeyError::Malformed { member: "x", .. }));
    let reason = refusal(with(public("p384"), "crv", "P-256"));
    assert!(matches!(reason, KeyError::Malformed { member: "x", .. }));
}

#[test]
fn a_missing_number_is_skipped() {
    for (kid, member) in [
        ("rsa", "kty"),
        ("rsa", "n"),
        ("rsa", "e"),
        ("p256", "crv"),
        ("p256", "x"),
        ("p256", "y"),
        ("ed25519", "crv"),
        ("ed25519", "x"),
    ] {
        assert_eq!(refusal(without(public(kid), member)), KeyError::Missing { member });
    }
}

#[test]
fn a_member_of_another_type_is_skipped() {
    for member in ["kty", "n", "e", "use", "alg", "kid"] {
        let reason = refusal(with(public("rsa"), member, 1));
        assert_eq!(reason, KeyError::Malformed { member, expected: "a string" });
    }
    let reason = refusal(with(public("rsa"), "key_ops", "verify"));
    assert!(matches!(reason, KeyError::Malformed { member: "key_ops", .. }));
}

#[test]
fn padded_numbers_are_skipped() {
    let padded = format!("{}=", public("p256")["x"].as_str().unwrap());
    let reason = refusal(with(public("p256"), "x", padded));
    assert!(matches!(reason, KeyError::Malformed { member: "x", .. }));
}

#[test]
fn an_encryption_key_is_skipped() {
    let reason = refusal(with(public("rsa"), "use", "enc"));
    assert_eq!(reason, KeyError::Usage { usage: "enc".to_owned() });
    assert_eq!(
        set([with(public("rsa"), "use", "sig")]).keys().next().unwrap().usage(),
        Some("sig")
    );
}

#[test]
fn operations_without_verify_are_skipped() {
    for operations in [json!([]), json!(["sign"]), json!(["encrypt", "wrapKey"]), json!([1])] {
        assert_eq!(refusal(with(public("rsa"), "key_ops", operations)), KeyError::Operations);
    }
    assert_eq!(set([with(public("rsa"), "key_ops", json!(["sign", "verify"]))]).len(), 1);
}

#[test]
fn a_shared_secret_in_a_public_set_is_skipped() {
    let jwk = object(r#"{"kty":"oct","kid":"s","k":"c2VjcmV0","alg":"HS256"}"#);
    assert_eq!(refusal(jwk), KeyError::Symmetric);
}

#[test]
fn unknown_types_and_curves_are_skipped() {
    let reason = refusal(object(r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}"#));
    assert_eq!(reason, KeyError::UnknownType { kty: "AKP".to_owned() });
    assert_eq!(refusal(weak("secp256k1")), KeyError::UnknownCurve { crv: "secp256k1".to_owned() });
    for crv in ["Ed448", "X25519", "P-256"] {
        let reason = refusal(with(public("ed25519"), "crv", crv));
        assert_eq!(reason, KeyError::UnknownCurve { crv: crv.to_owned() });
    }
}

#[test]
fn a_key_s_own_algorithm_restricts_it() {
    let keys = set([with(public("rsa"), "alg", "RS384")]);
    let key = keys.keys().next().unwrap();
    assert_eq!(key.algorithm(), Some(Algorithm::Rs384));
    assert_eq!(key.algorithms().collect::<Vec<_>>(), [Algorithm::Rs384]);
    assert!(!keys.holds_key(Some("rsa"), Algorithm::Rs256));
}

#[test]
fn an_algorithm_that_does_not_fit_the_key_is_skipped() {
    for (kid, alg) in [
        ("rsa", Algorithm::Es256),
        ("rsa", Algorithm::Hs256),
        ("p256", Algorithm::Es384),
        ("p256", Algorithm::Rs256),
        ("p384", Algorithm::Es256),
        ("ed25519", Algorithm::Es256),
    ] {
        let reason = refusal(with(public(kid), "alg", alg.name()));
        assert!(matches!(reason, KeyError::AlgorithmMismatch { .. }), "{kid} {alg}: {reason:?}");
    }
}

#[test]
fn an_algorithm_for_encryption_is_skipped() {
    let reason = refusal(with(public("rsa"), "alg", "RSA-OAEP-256"));
    assert_eq!(reason, KeyError::UnknownAlgorithm { alg: "RSA-OAEP-256".to_owned() });
}

#[test]
fn a_published_private_half_is_reported_and_never_shown() {
    let keys = set([foreign("rsa"), foreign("p256"), foreign("ed25519")]);
    assert!(keys.keys().all(|key| key.has_published_private_half()));
    let shown = format!("{keys:?}");
    assert!(shown.contains("p256"));
    for kid in ["rsa", "p256", "ed25519"] {
        assert!(!shown.contains(foreign(kid)["d"].as_str().unwrap()));
    }
}
