use countersign_jose::{Algorithm, SignatureError, SigningKey, danger};

use crate::support::raw;

#[test]
fn peeking_shows_the_payload_of_an_unknown_signer() {
    let key = SigningKey::from_secret(b"unknown", Algorithm::Hs256).unwrap();
    let token = raw(&key, r#"{"alg":"HS256"}"#, br#"{"iss":"https://id.example"}"#);
    assert_eq!(danger::peek(&token).unwrap()["iss"], "https://id.example");
}

#[test]
fn peeking_keeps_to_the_same_form() {
    let key = SigningKey::from_secret(b"unknown", Algorithm::Hs256).unwrap();
    for (header, payload) in [
        (r#"{"alg":"none"}"#, &b"{}"[..]),
        (r#"{"alg":"HS256","crit":["x"]}"#, b"{}"),
        (r#"{"alg":"HS256"}"#, b"{\"iss\":1,\"iss\":2}"),
        (r#"{"alg":"HS256"}"#, b"[]"),
        (r#"{"alg":"HS256"}"#, b"\xff"),
        (r#"{"alg":"HS256"}"#, b""),
    ] {
        assert!(danger::peek(&raw(&key, header, payload)).is_err());
    }
    let token = raw(&key, r#"{"alg":"HS256"}"#, b"{}").replacen(".e30.", ".e30=.", 1);
    let error = danger::peek(&token).unwrap_err();
    assert!(matches!(error, SignatureError::Malformed { part: "payload", .. }));
}
