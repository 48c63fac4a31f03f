use countersign_protocol::token::{ExchangedToken, TokenAsk, TokenError, TokenExchange, TokenType};
use countersign_protocol::{Client, Exchange, Response};
use serde_json::{Value, json};

use crate::support::{NOW, answer, pairs, proof, raw_answer, secret, secs, url, value_of};

const URN: &str = "urn:ietf:params:oauth:token-type:";

fn plain() -> TokenExchange {
    TokenExchange::new(secret("subject-hush-1234567890"))
}

fn judged(exchange: &TokenExchange, response: Response) -> Result<ExchangedToken, TokenError> {
    let client = Client::with_secret("api", secret("hush"));
    let endpoint = url("https://op.example/token");
    exchange.at(&endpoint, &client, NOW, proof()).unwrap().answer(response)
}

fn body(changes: &Value) -> Response {
    let mut body = json!({
        "access_token": "at-2",
        "issued_token_type": format!("{URN}access_token"),
        "token_type": "Bearer",
        "expires_in": 60,
    });
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    answer(200, &body)
}

fn with(changes: Value) -> Result<ExchangedToken, TokenError> {
    judged(&plain().ask(TokenAsk::new().scope("a b")), body(&changes))
}

#[test]
fn the_form_is_that_of_rfc_8693() {
    let exchange = TokenExchange::of(secret("id-1"), TokenType::IdToken)
        .actor(secret("act-1"), TokenType::Jwt)
        .requested(TokenType::AccessToken)
        .ask(TokenAsk::new().scope("a").audience("billing").resource("https://b.example/"));
    let client = Client::public("spa");
    let asked = exchange.at(&url("https://op.example/token"), &client, NOW, proof()).unwrap();
    let form = pairs(std::str::from_utf8(asked.request().body()).unwrap());
    for (name, value) in [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", "id-1"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
        ("actor_token", "act-1"),
        ("actor_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("scope", "a"),
        ("audience", "billing"),
        ("resource", "https://b.example/"),
        ("client_id", "spa"),
    ] {
        assert_eq!(value_of(&form, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(form.len(), 10);
    assert!(!format!("{asked:?} {exchange:?}").contains("-1"));
}

#[test]
fn what_countersign_sets_is_no_extra_parameter() {
    let exchange = plain().ask(TokenAsk::new().extra("actor_token", "x"));
    let endpoint = url("https://op.example/token");
    let error = exchange.at(&endpoint, &Client::public("web"), NOW, proof()).unwrap_err();
    assert_eq!(error.entry().code, "setup.option");
}

#[test]
fn the_answer_is_read() {
    let given = with(json!({"scope": "a", "refresh_token": "rt-2"})).unwrap();
    assert_eq!(given.token.expose(), "at-2");
    assert_eq!(given.kind, TokenType::AccessToken);
    assert!(given.bearer);
    assert_eq!(given.expires_at, Some(secs(NOW.as_secs() + 60)));
    assert_eq!(given.scope, "a", "a narrower scope is obeyed");
    assert_eq!(given.refresh_token.as_ref().unwrap().expose(), "rt-2");
    assert!(!format!("{given:?}").contains("-2"));
}

#[test]
fn an_empty_scope_in_the_answer_is_an_empty_scope() {
    assert_eq!(with(json!({"scope": ""})).unwrap().scope, "");
    assert_eq!(with(json!({})).unwrap().scope, "a b");
}

#[test]
fn an_answer_that_does_not_say_what_it_gives_is_refused() {
    for wrong in [json!(null), json!(""), json!(1), json!([format!("{URN}access_token")])] {
        let error = with(json!({"issued_token_type": wrong})).unwrap_err();
        assert_eq!(error.entry().code, "token.member", "{wrong}");
        assert!(error.to_string().contains("issued_token_type"), "{error}");
    }
}

#[test]
fn only_what_is_no_access_token_may_be_of_no_type() {
    let na = |kind: &str| {
        with(json!({"token_type": "N_A", "issued_token_type": format!("{URN}{kind}")}))
    };
    for kind in ["id_token", "jwt", "saml2", "refresh_token"] {
        assert!(!na(kind).unwrap().bearer, "{kind}");
    }
    assert_eq!(na("access_token").unwrap_err().entry().code, "token.member");
    for wrong in [json!(null), json!("mac"), json!("DPoP"), json!(1), json!("")] {
        let error = with(json!({"token_type": wrong})).unwrap_err();
        assert_eq!(error.entry().code, "token.member", "{wrong}");
    }
}

#[test]
fn another_kind_than_was_wanted_is_refused() {
    let wanted = plain().requested(TokenType::AccessToken);
    for (kind, good) in
        [("access_token", true), ("jwt", true), ("refresh_token", false), ("id_token", false)]
    {
        let given = body(&json!({"issued_token_type": format!("{URN}{kind}")}));
        assert_eq!(judged(&wanted, given).is_ok(), good, "{kind}");
    }
    let other = TokenType::Other("urn:example:txn".to_owned());
    let given = || body(&json!({"issued_token_type": "urn:example:txn", "token_type": "N_A"}));
    assert_eq!(judged(&plain().requested(other.clone()), given()).unwrap().kind, other);
    assert!(judged(&wanted, given()).is_err());
}

#[test]
fn a_token_or_lifetime_of_a_wrong_form_is_refused() {
    for wrong in [
        json!({"access_token": null}),
        json!({"access_token": ""}),
        json!({"access_token": {}}),
        json!({"expires_in": -1}),
        json!({"expires_in": "later"}),
        json!({"expires_in": {}}),
        json!({"scope": {}}),
        json!({"refresh_token": 1}),
    ] {
        assert_eq!(with(wrong.clone()).unwrap_err().entry().code, "token.member", "{wrong}");
    }
}

#[test]
fn a_refusal_does_not_repeat_the_tokens() {
    let exchange = plain().actor(secret("actor-hush-1234567890"), TokenType::AccessToken);
    for token in ["subject-hush-1234567890", "actor-hush-1234567890", "hush"] {
        for status in [200, 400, 503] {
            let words = format!("bad token {token}");
            let body = json!({"error": "invalid_request", "error_description": words});
            let error = judged(&exchange, answer(status, &body)).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
            let expected = if status == 503 { "provider.refused" } else { "token.not_granted" };
            assert_eq!(error.entry().code, expected);
        }
    }
}

#[test]
fn what_is_no_answer_is_refused() {
    let html = ("content-type", "text/html");
    for (response, code) in [
        (raw_answer(307, &[("location", "https://evil.example/")], ""), "provider.redirect"),
        (raw_answer(500, &[html], "<html>"), "provider.status"),
        (raw_answer(200, &[html], "<html>"), "provider.not_json"),
        (answer(200, &json!({})), "token.member"),
    ] {
        assert_eq!(judged(&plain(), response).unwrap_err().entry().code, code);
    }
}

#[test]
fn two_questions_have_two_fingerprints() {
    let ask = |ask: TokenAsk| plain().ask(ask);
    let all = [
        plain(),
        TokenExchange::new(secret("another")),
        TokenExchange::of(secret("subject-hush-1234567890"), TokenType::Jwt),
        plain().actor(secret("x"), TokenType::Jwt),
        plain().requested(TokenType::Jwt),
        ask(TokenAsk::new().scope("a")),
        ask(TokenAsk::new().scope("")),
        ask(TokenAsk::new().audience("a")),
        ask(TokenAsk::new().audience("a").audience("b")),
        ask(TokenAsk::new().audience("a\", \"b")),
        ask(TokenAsk::new().extra("a", "b")),
        ask(TokenAsk::new().resource("https://a.example/")),
    ];
    for (at, one) in all.iter().enumerate() {
        for (other_at, other) in all.iter().enumerate() {
            assert_eq!(one.fingerprint() == other.fingerprint(), at == other_at);
        }
    }
}
