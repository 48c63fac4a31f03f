use countersign_protocol::login::{LoginOptions, ResponseMode};
use countersign_protocol::{ReturnTo, Secret};
use serde_json::json;

use crate::support::{begin, begin_with, document, issuer, metadata_of, object, pairs, value_of};

/// Every byte of the address, so that a change of it is a decision.
#[test]
fn the_authorization_request_is_golden() {
    let (url, pending) = begin(LoginOptions::new());
    let expected = "https://op.example/authorize?response_type=code&client_id=web\
        &redirect_uri=https%3A%2F%2Fapp.example%2Fauth%2Fcallback&scope=openid+email\
        &state=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\
        &nonce=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
        &code_challenge=g77gcvvTQj90gfwWOCFjatjPtz-u8N0FgfOXnqDHMbk&code_challenge_method=S256";
    assert_eq!(url.as_str(), expected);
    assert_eq!(pending.state(), "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE");
}

#[test]
fn every_option_is_sent_once() {
    let options = LoginOptions::new()
        .scope("profile email")
        .prompt("login consent")
        .max_age(0)
        .login_hint("alice@example.com")
        .acr_values(" urn:a  urn:b ")
        .ui_locales("de-CH fr")
        .claims(object(json!({"id_token": {"acr": {"essential": true}}})))
        .response_mode(ResponseMode::FormPost)
        .extra("audience", "https://api.example")
        .attempt(2);
    let (url, pending) = begin(options);
    let query = pairs(url.query().unwrap());
    for (name, value) in [
        ("scope", "openid profile email"),
        ("prompt", "login consent"),
        ("max_age", "0"),
        ("login_hint", "alice@example.com"),
        ("acr_values", "urn:a urn:b"),
        ("ui_locales", "de-CH fr"),
        ("claims", r#"{"id_token":{"acr":{"essential":true}}}"#),
        ("response_mode", "form_post"),
        ("audience", "https://api.example"),
        ("state", pending.state()),
    ] {
        assert_eq!(value_of(&query, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(pending.attempt(), 2);
}

#[test]
fn the_query_of_the_endpoint_stays() {
    let mut tenant = document();
    tenant.insert("authorization_endpoint".into(), json!("https://op.example/a?p=b2c&x=%2F"));
    let (url, _) = begin_with(&metadata_of(tenant), &issuer(), LoginOptions::new());
    assert!(url.as_str().starts_with("https://op.example/a?p=b2c&x=%2F&response_type=code&"));
}

#[test]
fn openid_is_asked_for_once() {
    for scope in ["email", "openid email", "email openid", ""] {
        let (url, _) = begin(LoginOptions::new().scope(scope));
        let sent = value_of(&pairs(url.query().unwrap()), "scope").unwrap();
        assert_eq!(sent.split(' ').filter(|one| *one == "openid").count(), 1, "{scope}");
        assert!(!sent.starts_with(' ') && !sent.ends_with(' '), "{scope}");
    }
}

#[test]
fn a_silent_login_names_the_person_and_shows_nothing() {
    let options = LoginOptions::new()
        .return_to(ReturnTo::parse("/notes").unwrap())
        .silent("alice", Some(Secret::from("a.b.c")));
    let shown = format!("{options:?}");
    let (url, pending) = begin(options);
    let query = pairs(url.query().unwrap());
    assert_eq!(value_of(&query, "prompt").as_deref(), Some("none"));
    assert_eq!(value_of(&query, "id_token_hint").as_deref(), Some("a.b.c"));
    assert!(pending.silent());
    assert_eq!(pending.return_to().as_str(), "/notes");
    assert!(!shown.contains("a.b.c"));
}

#[test]
fn the_verifier_is_never_in_the_address() {
    let (url, pending) = begin(LoginOptions::new());
    let record = serde_json::to_value(&pending).unwrap();
    let verifier = record["verifier"].as_str().unwrap();
    assert_eq!(verifier.len(), 43);
    assert!(!url.as_str().contains(verifier));
}

#[test]
fn a_redirect_uri_of_this_login_is_the_one_that_is_redeemed() {
    let other = crate::support::url("https://other.example/cb");
    let (url, pending) = begin(LoginOptions::new().redirect_uri(other));
    let query = pairs(url.query().unwrap());
    assert_eq!(value_of(&query, "redirect_uri").as_deref(), Some("https://other.example/cb"));
    let record = serde_json::to_value(&pending).unwrap();
    assert_eq!(record["redirect_uri"], "https://other.example/cb");
}
