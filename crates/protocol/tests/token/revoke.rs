use countersign_protocol::token::{Revoke, RevokeError, TokenHint};
use countersign_protocol::{Client, Exchange, Response};
use serde_json::json;

use crate::support::{answer, pairs, proof, raw_answer, secret, url, value_of};

fn revoke(hint: Option<TokenHint>) -> Revoke {
    let endpoint = url("https://op.example/revoke");
    let token = secret("rt-hush-1234567890abcd");
    Revoke::new(&token, hint, &endpoint, &Client::public("web"), proof()).unwrap()
}

fn judged(response: Response) -> Result<(), RevokeError> {
    revoke(None).answer(response)
}

#[test]
fn token_and_hint_travel_in_the_form() {
    for (hint, expected) in [
        (None, None),
        (Some(TokenHint::AccessToken), Some("access_token")),
        (Some(TokenHint::RefreshToken), Some("refresh_token")),
    ] {
        let request = revoke(hint).request();
        assert_eq!((request.method().as_str(), request.url().path()), ("POST", "/revoke"));
        let form = pairs(std::str::from_utf8(request.body()).unwrap());
        assert_eq!(value_of(&form, "token").as_deref(), Some("rt-hush-1234567890abcd"));
        assert_eq!(value_of(&form, "token_type_hint").as_deref(), expected);
        assert_eq!(value_of(&form, "client_id").as_deref(), Some("web"));
    }
    assert!(!format!("{:?}", revoke(None)).contains("hush"));
}

#[test]
fn a_success_needs_no_body() {
    for response in [
        raw_answer(200, &[], ""),
        raw_answer(204, &[], ""),
        raw_answer(200, &[("content-type", "text/html")], "<html>gone</html>"),
        answer(200, &json!({})),
    ] {
        assert_eq!(judged(response), Ok(()));
    }
}

#[test]
fn a_kind_of_token_that_is_not_revoked_is_told() {
    let error = judged(answer(400, &json!({"error": "unsupported_token_type"}))).unwrap_err();
    assert_eq!(error, RevokeError::Unsupported);
    assert_eq!(error.entry().code, "revocation.unsupported");
}

#[test]
fn a_refusal_is_told_without_the_token() {
    let words = "no token rt-hush-1234567890abcd here";
    for status in [400, 401] {
        let body = json!({"error": "invalid_client", "error_description": words});
        let error = judged(answer(status, &body)).unwrap_err();
        assert_eq!(error.entry().code, "revocation.refused");
        assert_eq!(error.says().unwrap().error, "invalid_client");
        assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
    }
}

#[test]
fn an_overload_passes() {
    for status in [429, 500, 503] {
        for body in [json!({"error": "unsupported_token_type"}), json!({})] {
            let error = judged(answer(status, &body)).unwrap_err();
            assert!(matches!(&error, RevokeError::Answer(answer) if answer.may_pass()), "{error}");
        }
    }
}

#[test]
fn what_is_neither_success_nor_refusal_revokes_nothing() {
    for (response, code) in [
        (raw_answer(302, &[("location", "https://op.example/login")], ""), "provider.redirect"),
        (raw_answer(404, &[("content-type", "text/html")], "<html>"), "provider.status"),
        (raw_answer(202, &[], ""), "provider.status"),
    ] {
        assert_eq!(judged(response).unwrap_err().entry().code, code);
    }
}

#[test]
fn an_error_that_is_no_code_does_not_repeat_the_token() {
    let body = json!({"error": "No such token: rt-hush-1234567890abcd"});
    let error = judged(answer(400, &body)).unwrap_err();
    assert_eq!(error.entry().code, "revocation.refused");
    assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
    let kept = judged(answer(400, &json!({"error": "Odd: code"}))).unwrap_err();
    assert_eq!(kept.says().unwrap().error, "Odd: code");
}
