use countersign_jose::{
    Algorithm, Jws, KeyError, KeySet, Object, SigningError, SigningKey, base64url, json,
};

use crate::support::{
    foreign, macs, object, public, set, signer, text, thumb, verify, with, without,
};

#[test]
fn every_algorithm_signs_what_it_checks() {
    for algorithm in Algorithm::ASYMMETRIC {
        let key = SigningKey::generate(*algorithm).unwrap();
        let token = key.sign(&Object::new(), b"{\"sub\":\"alice\"}").unwrap();
        let payload = verify(&token, &set([key.public_jwk()])).unwrap();
        assert_eq!(payload.algorithm(), *algorithm);
        assert_eq!(payload.kid(), key.kid());
        assert_eq!(payload.bytes(), b"{\"sub\":\"alice\"}");
    }
    for algorithm in Algorithm::MAC {
        let key = SigningKey::from_secret(b"secret", *algorithm).unwrap();
        let token = key.sign(&Object::new(), b"{}").unwrap();
        let keys = KeySet::from_secret(b"secret").unwrap();
        let payload = Jws::parse(&token).unwrap().verify(&keys, &macs()).unwrap();
        assert_eq!(payload.algorithm(), *algorithm);
    }
}

#[test]
fn signatures_without_randomness_match_another_implementation() {
    let vectors = crate::support::vectors("foreign.json");
    let mut same = 0;
    for vector in vectors["tokens"].as_array().unwrap() {
        let (alg, token) = (vector["alg"].as_str().unwrap(), vector["token"].as_str().unwrap());
        let key = match alg {
            "RS256" | "RS384" | "RS512" => signer("rsa"),
            "EdDSA" => signer("ed25519"),
            "HS256" | "HS384" | "HS512" => {
                let secret = vectors["secret"].as_str().unwrap().as_bytes();
                SigningKey::from_secret(secret, Algorithm::Hs256).unwrap()
            }
            _ => continue,
        };
        let key = key.with_algorithm(alg.parse().unwrap()).unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        assert_eq!(base64url::encode(&key.sign_bytes(input.as_bytes())), signature, "{alg}");
        same += 1;
    }
    assert_eq!(same, 7);
}

#[test]
fn ecdsa_signatures_have_their_fixed_length() {
    for (algorithm, bytes) in
        [(Algorithm::Es256, 64), (Algorithm::Es384, 96), (Algorithm::Es512, 132)]
    {
        let key = SigningKey::generate(algorithm).unwrap();
        for n in 0..20_u8 {
            assert_eq!(key.sign_bytes(&[n]).len(), bytes);
        }
    }
}

#[test]
fn a_key_goes_by_its_thumbprint_unless_told_otherwise() {
    let key = SigningKey::from_pem(&text("p256_pkcs8.pem")).unwrap();
    assert_eq!(key.kid(), Some(&*thumb("p256")));
    assert_eq!(key.clone().with_kid("mine").kid(), Some("mine"));
    assert_eq!(key.clone().with_kid("mine").public_jwk()["kid"], "mine");
    let nameless = key.without_kid();
    assert_eq!(nameless.kid(), None);
    assert!(!nameless.public_jwk().contains_key("kid"));
    let token = nameless.sign(&Object::new(), b"{}").unwrap();
    assert_eq!(Jws::parse(&token).unwrap().kid(), None);
}

#[test]
fn a_secret_goes_by_no_name() {
    let key = SigningKey::from_secret(b"secret", Algorithm::Hs256).unwrap();
    assert_eq!(key.kid(), None);
}

#[test]
fn the_public_jwk_is_public() {
    for kid in ["rsa", "p256", "p384", "p521", "ed25519"] {
        let key = signer(kid);
        let expected = with(public(kid), "alg", key.algorithm().name());
        assert_eq!(key.public_jwk(), with(expected, "use", "sig"), "{kid}");
    }
    let secret = SigningKey::from_secret(b"secret", Algorithm::Hs256).unwrap();
    assert_eq!(secret.public_jwk(), object(r#"{"kty":"oct","alg":"HS256","use":"sig"}"#));
}

#[test]
fn the_header_gets_what_is_given() {
    let extra = object(r#"{"typ":"dpop+jwt","jwk":{"kty":"OKP"}}"#);
    let key = signer("ed25519");
    let token = key.sign(&extra, b"{}").unwrap();
    let header = json::object(&base64url::decode(token.split('.').next().unwrap()).unwrap());
    let expected = with(with(extra, "alg", "EdDSA"), "kid", "ed25519");
    assert_eq!(header.unwrap(), expected);
}

#[test]
fn a_header_that_contradicts_the_key_is_refused() {
    for member in ["alg", "kid", "crit", "b64"] {
        let header = with(Object::new(), member, "none");
        let error = signer("ed25519").sign(&header, b"{}").unwrap_err();
        assert_eq!(error, SigningError::ReservedMember { member });
    }
}

#[test]
fn rsa_keys_change_their_algorithm_within_rsa() {
    for algorithm in Algorithm::ASYMMETRIC.iter().chain(Algorithm::MAC) {
        let fits = matches!(&algorithm.name()[..2], "RS" | "PS");
        let changed = signer("rsa").with_algorithm(*algorithm);
        assert_eq!(changed.is_ok(), fits, "{algorithm}");
        let fits = *algorithm == Algorithm::Es256;
        assert_eq!(signer("p256").with_algorithm(*algorithm).is_ok(), fits, "{algorithm}");
    }
}

#[test]
fn a_mac_key_is_not_generated() {
    let error = SigningKey::generate(Algorithm::Hs256).unwrap_err();
    assert_eq!(error, SigningError::AlgorithmMismatch { alg: Algorithm::Hs256 });
}

#[test]
fn an_empty_secret_or_a_signature_algorithm_is_refused_for_a_secret() {
    let empty = SigningKey::from_secret(b"", Algorithm::Hs256).unwrap_err();
    assert_eq!(empty, SigningError::EmptySecret);
    let mixed = SigningKey::from_secret(b"secret", Algorithm::Rs256).unwrap_err();
    assert_eq!(mixed, SigningError::AlgorithmMismatch { alg: Algorithm::Rs256 });
}

#[test]
fn a_jwk_keeps_its_algorithm_and_name() {
    let key = SigningKey::from_jwk(&with(foreign("rsa"), "alg", "PS384")).unwrap();
    assert_eq!((key.algorithm(), key.kid()), (Algorithm::Ps384, Some("rsa")));
    let key = SigningKey::from_jwk(&without(foreign("rsa"), "kid")).unwrap();
    assert_eq!((key.algorithm(), key.kid()), (Algorithm::Rs256, Some(&*thumb("rsa"))));
    let secret = object(r#"{"kty":"oct","k":"c2VjcmV0","alg":"HS512"}"#);
    let key = SigningKey::from_jwk(&secret).unwrap();
    assert_eq!((key.algorithm(), key.kid()), (Algorithm::Hs512, None));
}

#[test]
fn a_public_jwk_does_not_sign() {
    for (kid, member) in [("rsa", "d"), ("p256", "d"), ("ed25519", "d")] {
        let error = SigningKey::from_jwk(&public(kid)).unwrap_err();
        assert_eq!(error, SigningError::Key(KeyError::Missing { member }));
        assert_eq!(error.code(), "key.missing");
    }
}

#[test]
fn numbers_of_two_keys_do_not_make_one() {
    let mix = |kid: &str, member: &str, value: &str| {
        SigningKey::from_jwk(&with(foreign(kid), member, value)).unwrap_err()
    };
    let other =
        |key: &SigningKey, member: &str| key.public_jwk()[member].as_str().unwrap().to_owned();
    let rsa = SigningKey::generate(Algorithm::Rs256).unwrap();
    let p256 = SigningKey::generate(Algorithm::Es256).unwrap();
    let ed25519 = SigningKey::generate(Algorithm::EdDsa).unwrap();
    assert_eq!(mix("rsa", "n", &other(&rsa, "n")).code(), "key.invalid");
    assert_eq!(mix("p256", "x", &other(&p256, "x")).code(), "key.invalid");
    assert_eq!(mix("ed25519", "x", &other(&ed25519, "x")).code(), "key.invalid");
    let zero = base64url::encode(&[0; 32]);
    assert_eq!(mix("p256", "d", &zero).code(), "key.invalid");
}

#[test]
fn a_private_rsa_key_obeys_the_rules_of_its_public_half() {
    let small = crate::support::vectors("weak.json")["rsa_1024"]["n"].clone();
    let error = SigningKey::from_jwk(&with(foreign("rsa"), "n", small)).unwrap_err();
    assert_eq!(error, SigningError::Key(KeyError::RsaSize { bits: 1024 }));
    let error = SigningKey::from_jwk(&with(foreign("rsa"), "e", "AQ")).unwrap_err();
    assert_eq!(error, SigningError::Key(KeyError::RsaExponent));
}

#[test]
fn a_leading_zero_does_not_spoil_a_private_rsa_key() {
    let n = base64url::decode(foreign("rsa")["n"].as_str().unwrap()).unwrap();
    let zeros = base64url::encode(&[vec![0], n].concat());
    let key = SigningKey::from_jwk(&with(foreign("rsa"), "n", zeros)).unwrap();
    assert_eq!(key.public_jwk()["n"], foreign("rsa")["n"]);
}

#[test]
fn a_jwk_for_encryption_does_not_sign() {
    let error = SigningKey::from_jwk(&with(foreign("rsa"), "use", "enc")).unwrap_err();
    assert_eq!(error.code(), "key.use");
    let error = SigningKey::from_jwk(&with(foreign("rsa"), "alg", "RSA-OAEP")).unwrap_err();
    assert_eq!(error.code(), "key.algorithm");
    let error = SigningKey::from_jwk(&with(foreign("p256"), "alg", "ES384")).unwrap_err();
    assert_eq!(error, SigningError::AlgorithmMismatch { alg: Algorithm::Es384 });
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?}", signer("p256"));
    assert_eq!(shown, r#"SigningKey { algorithm: Es256, kid: Some("p256"), .. }"#);
    let secret = SigningKey::from_secret(b"hush hush", Algorithm::Hs256).unwrap();
    assert_eq!(format!("{secret:?}"), "SigningKey { algorithm: Hs256, kid: None, .. }");
}
