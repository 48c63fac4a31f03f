use countersign_jose::proof::{self, SelfSigned};
use countersign_jose::{
    Algorithm, Allowed, KeyError, Object, SignatureError, SigningKey, thumbprint,
};
use serde_json::{Value, json};

use crate::support::{foreign, macs, public, raw, signer, with, without};

fn verify(token: &str) -> Result<SelfSigned, SignatureError> {
    proof::verify(token, &Allowed::asymmetric())
}

/// A proof by one of the keys that another implementation made, with this `jwk`.
fn proven(kid: &str, jwk: Value) -> Result<SelfSigned, SignatureError> {
    let key = signer(kid);
    let header = json!({ "typ": "dpop+jwt", "alg": key.algorithm().name(), "jwk": jwk });
    verify(&raw(&key, &header.to_string(), br#"{"jti":"1"}"#))
}

fn of(kid: &str) -> Object {
    without(public(kid), "kid")
}

#[test]
fn the_key_in_the_header_checks_its_own_signature() {
    for kid in KEYS {
        let proof = proven(kid, of(kid).into()).unwrap();
        assert_eq!(proof.payload.bytes(), br#"{"jti":"1"}"#);
        assert!(proof.payload.typ_is("dpop+jwt"));
        assert_eq!(proof.jwk, of(kid));
        assert_eq!(proof.thumbprint, thumbprint(&of(kid)).unwrap());
    }
}

#[test]
fn a_private_key_in_the_header_is_refused() {
    for kid in KEYS {
        let error = proven(kid, foreign(kid).into()).unwrap_err();
        assert!(matches!(error, SignatureError::OwnKey(KeyError::Private { .. })), "{error:?}");
        assert_eq!(error.code(), "jws.own_key");
    }
    for member in ["d", "k", "p", "q", "dp", "dq", "qi", "oth"] {
        for value in [json!("AA"), json!(""), json!(null), json!([])] {
            let error = proven("p256", with(of("p256"), member, value).into()).unwrap_err();
            assert_eq!(error, SignatureError::OwnKey(KeyError::Private { member }));
            assert!(error.to_string().contains(member));
        }
    }
}

#[test]
fn a_shared_secret_in_the_header_is_refused() {
    let key = SigningKey::from_secret(b"secret", Algorithm::Hs256).unwrap();
    for alg in ["HS256", "RS256", "ES256"] {
        for jwk in [json!({ "kty": "oct", "k": "c2VjcmV0" }), json!({ "kty": "oct" })] {
            let header = json!({ "alg": alg, "jwk": jwk });
            let token = raw(&key, &header.to_string(), b"{}");
            assert!(verify(&token).is_err(), "{header}");
            assert!(proof::verify(&token, &macs()).is_err(), "{header}");
        }
    }
}

#[test]
fn a_mac_proves_nothing_even_where_macs_are_allowed() {
    let key = SigningKey::from_secret(b"secret", Algorithm::Hs256).unwrap();
    let header = json!({ "alg": "HS256", "jwk": of("p256") });
    let error = proof::verify(&raw(&key, &header.to_string(), b"{}"), &macs()).unwrap_err();
    assert!(matches!(error, SignatureError::AlgorithmNotAllowed { got: Algorithm::Hs256, .. }));
}

#[test]
fn a_header_without_a_key_is_refused() {
    let key = signer("p256");
    let error = verify(&raw(&key, r#"{"alg":"ES256","kid":"p256"}"#, b"{}")).unwrap_err();
    assert_eq!(error, SignatureError::NoOwnKey);
    assert_eq!(error.code(), "jws.own_key");
}

#[test]
fn what_is_no_key_is_refused() {
    for jwk in [json!(null), json!("key"), json!([]), json!([{}]), json!(1), json!(true)] {
        assert_eq!(proven("p256", jwk).unwrap_err(), SignatureError::OwnKey(KeyError::NotAnObject));
    }
    for jwk in [
        Object::new(),
        without(of("p256"), "x"),
        without(of("p256"), "kty"),
        with(of("p256"), "y", "AA"),
        with(of("p256"), "crv", "secp256k1"),
        with(of("p256"), "use", "enc"),
        with(of("p256"), "key_ops", json!(["sign"])),
        with(of("p256"), "alg", "RS256"),
    ] {
        let error = proven("p256", jwk.clone().into()).unwrap_err();
        assert!(matches!(error, SignatureError::OwnKey(_)), "{jwk:?}: {error:?}");
    }
}

#[test]
fn another_key_than_the_one_that_signed_is_refused() {
    let other = SigningKey::generate(Algorithm::Es256).unwrap().public_jwk();
    let error = proven("p256", other.into()).unwrap_err();
    assert!(matches!(error, SignatureError::BadSignature { alg: Algorithm::Es256, .. }));
}

#[test]
fn a_key_of_another_type_than_the_algorithm_is_refused() {
    for jwk in [of("rsa"), of("ed25519"), of("p384")] {
        let error = proven("p256", jwk.into()).unwrap_err();
        let wrong = KeyError::AlgorithmMismatch { alg: Algorithm::Es256, kty: kty(&error) };
        assert_eq!(error, SignatureError::OwnKey(wrong));
    }
}

#[test]
fn an_algorithm_that_is_not_allowed_is_refused() {
    let key = signer("p256");
    let header = json!({ "alg": "ES256", "jwk": of("p256") });
    let only_ed = Allowed::new([Algorithm::EdDsa]).unwrap();
    let error = proof::verify(&raw(&key, &header.to_string(), b"{}"), &only_ed).unwrap_err();
    assert!(matches!(error, SignatureError::AlgorithmNotAllowed { got: Algorithm::Es256, .. }));
}

#[test]
fn the_header_of_a_proof_is_read_as_strictly_as_any() {
    let (key, jwk) = (signer("p256"), Value::from(of("p256")));
    for header in [
        format!(r#"{{"alg":"none","jwk":{jwk}}}"#),
        format!(r#"{{"alg":"ES256","crit":["jwk"],"jwk":{jwk}}}"#),
        format!(r#"{{"alg":"ES256","b64":false,"jwk":{jwk}}}"#),
        format!(r#"{{"alg":"ES256","jwk":{jwk},"jwk":{jwk}}}"#),
        format!(r#"{{"alg":"ES256","jwk":{jwk},"\u006awk":{jwk}}}"#),
        format!(r#"{{"jwk":{jwk}}}"#),
        format!(r#"{{"alg":"ES256","jwk":{jwk}}} x"#),
    ] {
        assert!(verify(&raw(&key, &header, b"{}")).is_err(), "{header}");
    }
}

#[test]
fn a_changed_proof_is_refused() {
    let header = json!({ "alg": "ES256", "jwk": of("p256") }).to_string();
    let good = raw(&signer("p256"), &header, br#"{"htm":"GET"}"#);
    assert!(verify(&good).is_ok());
    let other = raw(&signer("p256"), &header, br#"{"htm":"PUT"}"#);
    let (_, signature) = good.rsplit_once('.').unwrap();
    let (signed, _) = other.rsplit_once('.').unwrap();
    let error = verify(&format!("{signed}.{signature}")).unwrap_err();
    assert!(matches!(error, SignatureError::BadSignature { .. }));
}

fn kty(error: &SignatureError) -> countersign_jose::KeyType {
    match error {
        SignatureError::OwnKey(KeyError::AlgorithmMismatch { kty, .. }) => *kty,
        other => panic!("{other:?}"),
    }
}

const KEYS: [&str; 5] = ["rsa", "p256", "p384", "p521", "ed25519"];
