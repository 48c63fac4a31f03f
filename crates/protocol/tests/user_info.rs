use countersign_protocol::jose::json::Object;
use countersign_protocol::jose::{Algorithm, Allowed, KeySet, SigningKey};
use countersign_protocol::user_info::{AskUserInfo, UserInfo, UserInfoAnswer, UserInfoError};
use countersign_protocol::{Exchange, Response, Secret, Verified};
use serde_json::{Value, json};

use crate::support::{
    ACCESS_TOKEN, ISSUER, KEY, NOW, answer, issuer, key, raw_answer, received, url,
};

fn ask() -> AskUserInfo {
    let (received, identity) = received();
    let endpoint = url("https://op.example/userinfo");
    AskUserInfo::new(&endpoint, received.access_token(&identity), &identity)
}

fn judged(response: Response) -> Result<UserInfoAnswer, UserInfoError> {
    ask().answer(response)
}

fn verified(response: Response, signed: bool) -> Result<Verified<UserInfo>, UserInfoError> {
    let keys = KeySet::from_jwks([KEY.public_jwk()]);
    match judged(response)? {
        UserInfoAnswer::Plain(plain) => plain.verify(signed, NOW),
        UserInfoAnswer::Signed(jwt) => {
            jwt.verify(&keys, &Allowed::asymmetric(), &issuer(), Some("web"), NOW)
        }
    }
}

fn jwt(key: &SigningKey, claims: &Value) -> Response {
    let token = key.sign(&Object::new(), claims.to_string().as_bytes()).unwrap();
    raw_answer(200, &[("content-type", "application/jwt; charset=utf-8")], &token)
}

#[test]
fn the_access_token_travels_in_the_header_only() {
    let request = ask().request();
    assert_eq!(request.headers()["authorization"], format!("Bearer {ACCESS_TOKEN}"));
    assert_eq!(request.url().as_str(), "https://op.example/userinfo");
    assert!(!format!("{:?} {request:?} {:?}", ask(), request.headers()).contains(ACCESS_TOKEN));
}

#[test]
fn the_profile_of_the_same_subject_is_taken() {
    let profile = verified(answer(200, &json!({"sub": "alice", "email": "a@b"})), false).unwrap();
    assert_eq!(profile.claims()["email"], "a@b");
    assert_eq!(profile.verified_at(), NOW);
    assert!(!format!("{profile:?}").contains("a@b"));
}

#[test]
fn the_profile_of_somebody_else_is_refused() {
    for subject in ["bob", "Alice", "alice "] {
        for response in [
            answer(200, &json!({"sub": subject})),
            jwt(&KEY, &json!({"sub": subject, "iss": ISSUER, "aud": "web"})),
        ] {
            assert_eq!(verified(response, false).unwrap_err(), UserInfoError::Subject, "{subject}");
        }
    }
}

#[test]
fn a_profile_of_nobody_is_refused() {
    for body in [
        json!({}),
        json!({"sub": null}),
        json!({"sub": 1}),
        json!({"sub": ["alice"]}),
        json!({"sub": ""}),
    ] {
        let error = verified(answer(200, &body), false).unwrap_err();
        assert_eq!(error.entry().code, "user_info.member", "{body}");
    }
}

#[test]
fn a_refused_access_token_is_called_so() {
    for status in [401, 403] {
        let error = judged(answer(status, &json!({"error": "invalid_token"}))).unwrap_err();
        assert_eq!(error.entry().code, "user_info.refused");
    }
    assert_eq!(judged(answer(500, &json!({}))).unwrap_err().entry().code, "provider.status");
    let page = raw_answer(200, &[("content-type", "text/html")], "<html>");
    assert_eq!(judged(page).unwrap_err().entry().code, "provider.not_json");
}

#[test]
fn a_signed_profile_is_checked() {
    for claims in [
        json!({"sub": "alice"}),
        json!({"sub": "alice", "iss": ISSUER, "aud": "web"}),
        json!({"sub": "alice", "iss": ISSUER, "aud": ["api", "web"]}),
    ] {
        for signed in [true, false] {
            assert!(verified(jwt(&KEY, &claims), signed).is_ok(), "{claims}");
        }
    }
}

#[test]
fn a_profile_signed_by_somebody_else_is_refused() {
    let other = key(Algorithm::Es256);
    let error = verified(jwt(&other, &json!({"sub": "alice"})), false).unwrap_err();
    assert!(error.is_unknown_key());
    let disguised = other.with_kid(KEY.kid().unwrap());
    let error = verified(jwt(&disguised, &json!({"sub": "alice"})), false).unwrap_err();
    assert_eq!(error.entry().code, "jws.signature");
    assert!(!error.is_unknown_key());
}

#[test]
fn a_profile_signed_with_the_public_key_as_secret_is_refused() {
    let public = Value::Object(KEY.public_jwk()).to_string();
    let mac = SigningKey::from_secret(public.as_bytes(), Algorithm::Hs256).unwrap();
    let error = verified(jwt(&mac, &json!({"sub": "alice"})), false).unwrap_err();
    assert_eq!(error.entry().code, "jws.algorithm_not_allowed");
}

#[test]
fn a_signed_profile_for_somebody_else_is_refused() {
    for claims in [
        json!({"sub": "alice", "iss": "https://evil.example"}),
        json!({"sub": "alice", "iss": 1}),
        json!({"sub": "alice", "iss": null}),
        json!({"sub": "alice", "aud": "api"}),
        json!({"sub": "alice", "aud": []}),
        json!({"sub": "alice", "aud": null}),
        json!({"sub": "alice", "aud": {"web": 1}}),
    ] {
        let error = verified(jwt(&KEY, &claims), true).unwrap_err();
        assert_eq!(error.entry().code, "user_info.member", "{claims}");
    }
}

#[test]
fn a_plain_profile_is_refused_where_signed_ones_are_registered() {
    let error = verified(answer(200, &json!({"sub": "alice"})), true).unwrap_err();
    assert_eq!(error, UserInfoError::NotSigned);
}

#[test]
fn what_only_looks_signed_is_refused() {
    for token in
        ["", "a.b", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.", "{\"sub\":\"alice\"}", "ü"]
    {
        let response = raw_answer(200, &[("content-type", "application/jwt")], token);
        let error = verified(response, false).unwrap_err();
        assert!(error.entry().code.starts_with("jws."), "{token}: {error}");
    }
}

/// As an API asks: with a bare token, and its subject if it names one.
fn at_an_api(
    subject: Option<&str>,
    response: Response,
) -> Result<Verified<UserInfo>, UserInfoError> {
    let endpoint = url("https://op.example/userinfo");
    let ask = AskUserInfo::with_token(&endpoint, &Secret::from("at-1"), subject);
    assert_eq!(ask.request().headers()["authorization"], "Bearer at-1");
    let keys = KeySet::from_jwks([KEY.public_jwk()]);
    match ask.answer(response)? {
        UserInfoAnswer::Plain(plain) => plain.verify(false, NOW),
        UserInfoAnswer::Signed(jwt) => {
            jwt.verify(&keys, &Allowed::asymmetric(), &issuer(), None, NOW)
        }
    }
}

#[test]
fn a_profile_for_a_token_that_names_nobody_is_whose_the_provider_says() {
    for claims in [json!({"sub": "alice"}), json!({"sub": "bob", "aud": "another client"})] {
        for response in [answer(200, &claims), jwt(&KEY, &claims)] {
            assert_eq!(at_an_api(None, response).unwrap().claims()["sub"], claims["sub"]);
        }
    }
    for claims in [json!({}), json!({"sub": ""}), json!({"sub": 7})] {
        assert!(at_an_api(None, answer(200, &claims)).is_err(), "{claims}");
    }
}

#[test]
fn a_profile_of_somebody_else_than_the_token_names_is_refused() {
    assert!(at_an_api(Some("alice"), answer(200, &json!({"sub": "alice"}))).is_ok());
    for response in [answer(200, &json!({"sub": "bob"})), jwt(&KEY, &json!({"sub": "bob"}))] {
        assert_eq!(at_an_api(Some("alice"), response).unwrap_err(), UserInfoError::Subject);
    }
    let evil = jwt(&KEY, &json!({"sub": "alice", "iss": "https://evil.example"}));
    assert_eq!(at_an_api(Some("alice"), evil).unwrap_err().entry().code, "user_info.member");
}
