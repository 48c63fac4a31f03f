use std::time::Duration;

use countersign_protocol::login::{Callback, LoginOptions};
use countersign_protocol::token::{Received, Redeem, TokenError};
use countersign_protocol::{Client, Exchange, Response};
use serde_json::{Value, json};

use crate::support::{
    CODE, KEY, NOW, Scene, answer, begin, issuer, pairs, proof, raw_answer, received, url, value_of,
};

fn redeem() -> Redeem {
    let (_, pending) = begin(LoginOptions::new());
    let callback = Callback::parse(&format!("code={CODE}&state={}", pending.state())).unwrap();
    let grant = pending.accept(callback, &issuer(), NOW).unwrap();
    grant.redeem(&url("https://op.example/token"), &Client::public("web"), NOW, proof()).unwrap()
}

fn judged(response: Response) -> Result<Received, TokenError> {
    redeem().answer(response)
}

fn good() -> Value {
    let claims = Value::Object(Scene::claims()).to_string();
    let id_token = KEY.sign(&Default::default(), claims.as_bytes()).unwrap();
    json!({"access_token": "at", "token_type": "Bearer", "id_token": id_token})
}

fn changed(member: &str, value: Value) -> Response {
    let mut body = good();
    body[member] = value;
    answer(200, &body)
}

fn tokens(response: Response) -> countersign_protocol::token::Tokens {
    let (_, identity) = received();
    judged(response).unwrap().into_tokens(&identity)
}

#[test]
fn the_code_goes_with_redirect_uri_and_verifier() {
    let request = redeem().request();
    let form = pairs(std::str::from_utf8(request.body()).unwrap());
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", CODE),
        ("redirect_uri", "https://app.example/auth/callback"),
        ("code_verifier", "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM"),
        ("client_id", "web"),
    ] {
        assert_eq!(value_of(&form, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(form.len(), 5);
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
}

#[test]
fn a_missing_or_wrong_member_is_named() {
    for (member, values) in [
        ("access_token", vec![json!(null), json!(""), json!(1), json!([])]),
        ("token_type", vec![json!(null), json!("mac"), json!("DPoP"), json!(1), json!("Bearer x")]),
        ("id_token", vec![json!(null), json!(1), json!({})]),
        ("refresh_token", vec![json!(1), json!([])]),
        ("scope", vec![json!(1), json!({}), json!([1])]),
        (
            "expires_in",
            vec![
                json!("soon"),
                json!(-1),
                json!(true),
                json!([]),
                json!(1e300),
                json!("NaN"),
                json!("inf"),
            ],
        ),
    ] {
        for value in values {
            let error = judged(changed(member, value.clone())).unwrap_err();
            assert_eq!(error.entry().code, "token.member", "{member} {value}");
            assert!(error.to_string().contains(&format!("\"{member}\"")), "{error}");
        }
    }
}

#[test]
fn the_token_type_has_any_case() {
    for kind in ["bearer", "BEARER", "Bearer"] {
        assert!(judged(changed("token_type", json!(kind))).is_ok());
    }
}

#[test]
fn a_lifetime_counts_from_the_question_and_may_be_a_string() {
    for (value, millis) in
        [(json!(3600), 3_600_000), (json!("3600"), 3_600_000), (json!(0), 0), (json!(1.5), 1_500)]
    {
        let expected = NOW + Duration::from_millis(millis);
        assert_eq!(tokens(changed("expires_in", value)).expires_at, Some(expected));
    }
    assert_eq!(tokens(answer(200, &good())).expires_at, None);
}

#[test]
fn the_scope_is_what_was_granted() {
    assert_eq!(tokens(answer(200, &good())).scope, "openid email");
    assert_eq!(tokens(changed("scope", json!("openid"))).scope, "openid");
    assert_eq!(tokens(changed("scope", json!(["openid", "a"]))).scope, "openid a");
    // An empty scope grants nothing; it must not turn into what was asked.
    assert_eq!(tokens(changed("scope", json!(""))).scope, "");
    assert_eq!(tokens(changed("scope", json!([]))).scope, "");
}

#[test]
fn an_empty_refresh_token_is_none() {
    assert!(tokens(changed("refresh_token", json!(""))).refresh_token.is_none());
    let kept = tokens(changed("refresh_token", json!("rt"))).refresh_token;
    assert_eq!(kept.unwrap().expose(), "rt");
}

#[test]
fn a_refusal_keeps_the_providers_words_whatever_its_status() {
    let words = json!({"error": "invalid_grant", "error_description": "spent"});
    for status in [200, 400, 401] {
        let error = judged(answer(status, &words)).unwrap_err();
        assert_eq!(error.entry().code, "token.refused", "{status}");
        assert_eq!(error.says().unwrap().to_string(), "invalid_grant: spent");
    }
}

#[test]
fn a_provider_that_is_exhausted_did_not_refuse() {
    for status in [429, 500, 503] {
        let error = judged(answer(status, &json!({"error": "invalid_grant"}))).unwrap_err();
        assert_eq!(error.entry().code, "provider.refused", "{status}");
    }
}

#[test]
fn what_is_no_answer_is_refused() {
    let form =
        raw_answer(200, &[("content-type", "application/x-www-form-urlencoded")], "access_token=a");
    assert_eq!(judged(form).unwrap_err().entry().code, "provider.not_json");
    let redirect = raw_answer(307, &[("location", "https://evil.example")], "");
    assert_eq!(judged(redirect).unwrap_err().entry().code, "provider.redirect");
}

#[test]
fn tokens_and_questions_show_no_secret() {
    let body = json!({"access_token": "hush", "token_type": "Bearer", "id_token": "hush", "refresh_token": "hush"});
    let received = judged(answer(200, &body)).unwrap();
    let redeem = redeem();
    let shown = format!("{received:?} {redeem:?} {:?}", redeem.request().headers());
    for secret in ["hush", CODE, "AwMDAwMD", "AgICAgIC"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn words_that_repeat_the_code_are_left_out() {
    let words = json!({"error": "invalid_grant", "error_description": format!("{CODE} is spent")});
    let error = judged(answer(400, &words)).unwrap_err();
    assert_eq!(error.to_string(), "the provider refused to exchange the code: invalid_grant");
}
