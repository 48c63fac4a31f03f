use countersign_jose::{Algorithm, Jws, SignatureError, SigningKey, danger};

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

#[test]
fn a_document_is_what_a_peek_shows() {
    let key = SigningKey::from_secret(b"unknown", Algorithm::Hs256).unwrap();
    for claims in [
        &b"{\"iss\":\"https://id.example\",\"aud\":[\"a\"]}"[..],
        b"{}",
        b"[]",
        b"",
        b"{\"a\":1,\"a\":1}",
    ] {
        let token = raw(&key, r#"{"alg":"HS256"}"#, claims);
        let jws = Jws::parse(&token).unwrap();
        assert_eq!(danger::document(&jws).map(|claims| claims.to_object()), danger::peek(&token));
    }
    let token = raw(&key, r#"{"alg":"HS256"}"#, b"{}").replacen(".e30.", ".e30=.", 1);
    let error = danger::document(&Jws::parse(&token).unwrap()).unwrap_err();
    assert!(matches!(error, SignatureError::Malformed { part: "payload", .. }));
}

#[test]
fn a_token_still_passes_after_it_was_looked_at() {
    let key = SigningKey::from_secret(b"known", Algorithm::Hs256).unwrap();
    let keys = countersign_jose::KeySet::from_secret(b"known").unwrap();
    let token = raw(&key, r#"{"alg":"HS256"}"#, br#"{"exp":1}"#);
    let jws = Jws::parse(&token).unwrap();
    assert_eq!(danger::number_hint(&jws, "exp"), Some(1));
    assert!(danger::document(&jws).is_ok());
    assert_eq!(jws.verify(&keys, &crate::support::macs()).unwrap().bytes(), br#"{"exp":1}"#);
}

fn hint(payload: &str) -> Option<i64> {
    let key = SigningKey::from_secret(b"unknown", Algorithm::Hs256).unwrap();
    let token = raw(&key, r#"{"alg":"HS256"}"#, payload.as_bytes());
    danger::number_hint(&Jws::parse(&token).unwrap(), "exp")
}

#[test]
fn a_number_is_found_where_it_usually_stands() {
    for (payload, number) in [
        (r#"{"exp":1800000000}"#, 1_800_000_000),
        (r#"{"sub":"exp","exp":1}"#, 1),
        (r#"{"exp" :  7 , "a":2}"#, 7),
        ("{\"exp\"\n:\n7}", 7),
        (r#"{"exp":0}"#, 0),
        (r#"{"exp":-5}"#, -5),
        (r#"{"expires":1,"myexp":2,"exp":3}"#, 3),
        (r#"{"exp":999999999999999999}"#, 999_999_999_999_999_999),
    ] {
        assert_eq!(hint(payload), Some(number), "{payload}");
    }
}

#[test]
fn where_a_number_is_in_doubt_there_is_no_hint() {
    for payload in [
        "",
        "{}",
        "exp",
        r#"{"iat":1}"#,
        r#"{"exp":1,"a":{"exp":2}}"#,
        r#"{"exp":1,"exp":1}"#,
        r#"{"exp":"1"}"#,
        r#"{"exp":1.5}"#,
        r#"{"exp":1e9}"#,
        r#"{"exp":1E9}"#,
        r#"{"exp":null}"#,
        r#"{"exp":}"#,
        r#"{"exp":-}"#,
        r#"{"exp":- 1}"#,
        r#"{"exp":+1}"#,
        r#"{"exp":1000000000000000000}"#,
        r#"{"exp" 1}"#,
        r#"{"exp"}"#,
        r#"{"\u0065xp":1}"#,
        r#"{"EXP":1}"#,
    ] {
        assert_eq!(hint(payload), None, "{payload}");
    }
}

/// It knows no JSON, and its callers know that.
#[test]
fn a_hint_can_be_wrong() {
    assert_eq!(hint(r#"{"a":{"exp":2}}"#), Some(2), "of a member further down");
    assert_eq!(hint(r#"{"a":"\"exp\":2"}"#), None, "a string with escapes keeps its backslash");
    assert_eq!(
        hint(r#"{"\u0065xp":1,"b":{"exp":2}}"#),
        Some(2),
        "of the wrong one of two spellings"
    );
    assert_eq!(hint(r#"no JSON "exp":2"#), Some(2), "of no JSON at all");
}
