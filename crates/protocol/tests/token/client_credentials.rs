use countersign_protocol::token::{AskError, ClientCredentials, TokenAsk, TokenError, Tokens};
use countersign_protocol::{Client, Exchange, Request, Response};
use serde_json::{Value, json};

use crate::support::{NOW, answer, pairs, proof, raw_answer, secret, secs, url};

fn asked(ask: &TokenAsk) -> Result<ClientCredentials, AskError> {
    let client = Client::with_secret("api", secret("hush"));
    ClientCredentials::new(ask, &url("https://op.example/token"), &client, NOW, proof())
}

fn form(request: &Request) -> Vec<(String, String)> {
    pairs(std::str::from_utf8(request.body()).unwrap())
}

fn judged(response: Response) -> Result<Tokens, TokenError> {
    asked(&TokenAsk::new().scope("a b")).unwrap().answer(response)
}

fn with(changes: Value) -> Result<Tokens, TokenError> {
    let mut body = json!({"access_token": "at-1", "token_type": "Bearer", "expires_in": 300});
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    judged(answer(200, &body))
}

#[test]
fn the_form_holds_what_was_asked_and_nothing_else() {
    let request = asked(&TokenAsk::new()).unwrap().request();
    assert_eq!(form(&request), [("grant_type".to_owned(), "client_credentials".to_owned())]);
    assert!(request.headers()["authorization"].to_str().unwrap().starts_with("Basic "));

    let ask = TokenAsk::new()
        .scope("notes:read mail")
        .resource("https://notes.example/api?x=1")
        .resource("https://mail.example")
        .audience("billing")
        .audience("stock")
        .extra("organization", "acme & co");
    let form = form(&asked(&ask).unwrap().request());
    let expected = [
        ("grant_type", "client_credentials"),
        ("scope", "notes:read mail"),
        ("resource", "https://notes.example/api?x=1"),
        ("resource", "https://mail.example"),
        ("audience", "billing"),
        ("audience", "stock"),
        ("organization", "acme & co"),
    ];
    assert_eq!(form, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn a_client_that_does_not_authenticate_is_refused() {
    let client = Client::public("web");
    let endpoint = url("https://op.example/token");
    let error = ClientCredentials::new(&TokenAsk::new(), &endpoint, &client, NOW, proof());
    let error = error.unwrap_err();
    assert_eq!(error.entry().code, "setup.client_auth");
    assert!(error.to_string().contains("client_credentials"), "{error}");
}

#[test]
fn what_countersign_sets_is_no_extra_parameter() {
    for name in ["grant_type", "scope", "client_id", "client_secret", "subject_token", "resource"] {
        let error = asked(&TokenAsk::new().extra(name, "x")).unwrap_err();
        assert_eq!(error, AskError::Reserved { name: name.to_owned() });
        assert_eq!(error.entry().code, "setup.option");
    }
}

#[test]
fn a_resource_that_is_no_address_or_has_a_fragment_is_refused() {
    for wrong in ["https://notes.example/#top", "https://notes.example/#", "notes", "/api", ""] {
        let error = asked(&TokenAsk::new().resource(wrong)).unwrap_err();
        assert_eq!(error, AskError::Resource { got: wrong.to_owned() });
    }
    assert!(asked(&TokenAsk::new().resource("urn:example:notes")).is_ok());
}

#[test]
fn the_token_is_read_and_a_refresh_token_left() {
    let tokens = with(json!({"refresh_token": "rt", "id_token": "x"})).unwrap();
    assert_eq!(tokens.access_token.expose(), "at-1");
    assert_eq!(tokens.expires_at, Some(secs(NOW.as_secs() + 300)));
    assert_eq!(tokens.refresh_token, None);
    assert!(!format!("{tokens:?}").contains("at-1"));
}

#[test]
fn an_empty_scope_in_the_answer_is_an_empty_scope() {
    assert_eq!(with(json!({"scope": ""})).unwrap().scope, "");
    assert_eq!(with(json!({"scope": []})).unwrap().scope, "");
    assert_eq!(with(json!({"scope": "a"})).unwrap().scope, "a");
    assert_eq!(with(json!({})).unwrap().scope, "a b");
    assert_eq!(with(json!({"scope": null})).unwrap().scope, "a b");
}

#[test]
fn a_lifetime_of_a_wrong_form_is_refused() {
    for wrong in [json!(-1), json!("soon"), json!(true), json!([300]), json!(1e300), json!("NaN")] {
        let error = with(json!({"expires_in": wrong})).unwrap_err();
        assert_eq!(error.entry().code, "token.member", "{wrong}");
    }
    assert_eq!(with(json!({"expires_in": null})).unwrap().expires_at, None);
}

#[test]
fn a_token_that_is_none_is_refused() {
    for wrong in [
        json!({"access_token": null}),
        json!({"access_token": ""}),
        json!({"access_token": 1}),
        json!({"token_type": null}),
        json!({"token_type": "mac"}),
        json!({"token_type": "N_A"}),
        json!({"token_type": "DPoP"}),
        json!({"scope": 1}),
    ] {
        assert_eq!(with(wrong.clone()).unwrap_err().entry().code, "token.member", "{wrong}");
    }
}

#[test]
fn a_refusal_is_told_in_the_providers_words() {
    for status in [200, 400, 401] {
        let body = json!({"error": "invalid_scope", "error_description": "no such scope"});
        let error = judged(answer(status, &body)).unwrap_err();
        assert_eq!(error.entry().code, "token.not_granted");
        assert_eq!(error.says().unwrap().to_string(), "invalid_scope: no such scope");
        assert!(!error.to_string().contains("code"), "{error}");
    }
}

#[test]
fn what_is_no_answer_is_refused() {
    let html = ("content-type", "text/html");
    for (response, code) in [
        (raw_answer(302, &[("location", "https://evil.example/")], ""), "provider.redirect"),
        (raw_answer(500, &[html], "<html>"), "provider.status"),
        (raw_answer(401, &[html], "<html>"), "provider.status"),
        (answer(503, &json!({"error": "temporarily_unavailable"})), "provider.refused"),
        (
            raw_answer(200, &[html], r#"{"access_token":"at","token_type":"Bearer"}"#),
            "provider.not_json",
        ),
        (raw_answer(200, &[], "[]"), "provider.not_json"),
    ] {
        assert_eq!(judged(response).unwrap_err().entry().code, code);
    }
}
