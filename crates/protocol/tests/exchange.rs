use countersign_protocol::Request;
use countersign_protocol::exchange::AnswerError;
use countersign_protocol::value::endpoint::Endpoint;
use serde_json::json;

use crate::support::{answer, raw_answer, secret, url};

const JSON: (&str, &str) = ("content-type", "application/json");

fn read(status: u16, headers: &[(&str, &str)], body: &str) -> Result<(), AnswerError> {
    raw_answer(status, headers, body).into_object(Endpoint::Token).map(|_| ())
}

fn code(answer: &Result<(), AnswerError>) -> &'static str {
    answer.as_ref().unwrap_err().entry().code
}

#[test]
fn json_is_read_under_any_json_media_type_and_without_one() {
    for media in ["application/json", "Application/JSON; charset=utf-8", "application/jwk-set+json"]
    {
        assert_eq!(read(200, &[("content-type", media)], "{}"), Ok(()), "{media}");
    }
    assert_eq!(read(200, &[], "{}"), Ok(()));
    assert_eq!(read(201, &[JSON], "{}"), Ok(()));
    assert_eq!(read(200, &[JSON, ("content-encoding", "identity")], "{}"), Ok(()));
}

#[test]
fn another_media_type_is_refused() {
    for media in ["text/html", "text/plain", "application/x-www-form-urlencoded", "", "json"] {
        let read = read(200, &[("content-type", media)], "{}");
        assert_eq!(code(&read), "provider.not_json", "{media}");
    }
}

#[test]
fn a_page_in_html_is_called_by_its_name() {
    let error = read(200, &[("content-type", "text/html")], "<html>").unwrap_err();
    assert!(error.to_string().contains("text/html"), "{error}");
}

#[test]
fn a_compressed_answer_is_refused() {
    for encoding in ["gzip", "br", "zstd", "identity, gzip"] {
        let read = read(200, &[JSON, ("content-encoding", encoding)], "{}");
        assert_eq!(code(&read), "provider.encoding", "{encoding}");
    }
}

#[test]
fn what_is_not_one_clean_object_is_refused() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(40), "]".repeat(40));
    for body in ["", "[]", "null", "\"x\"", "{", "{} {}", "{\"a\":1,\"a\":1}", "{\"a\":1,}", &deep]
    {
        assert_eq!(code(&read(200, &[JSON], body)), "provider.not_json", "{body}");
    }
}

#[test]
fn a_redirect_is_refused_and_shown_without_its_query() {
    for status in [301, 302, 303, 307, 308] {
        let location = ("location", "https://other.example/token?code=hush#x");
        let error = read(status, &[location], "").unwrap_err();
        assert_eq!(error.entry().code, "provider.redirect");
        assert!(error.to_string().contains("https://other.example/token;"), "{error}");
        assert!(!error.to_string().contains("hush"), "{error}");
    }
    assert_eq!(code(&read(302, &[], "")), "provider.redirect");
}

#[test]
fn an_error_status_is_refused_even_with_a_good_body() {
    for status in [400, 401, 403, 404, 500, 503] {
        assert_eq!(code(&read(status, &[JSON], "{}")), "provider.status", "{status}");
        assert_eq!(
            code(&read(status, &[("content-type", "text/html")], "<h1>")),
            "provider.status"
        );
    }
}

#[test]
fn the_providers_words_come_along() {
    let says = json!({"error": "invalid_client", "error_description": "wrong secret"});
    let error = answer(401, &says).into_object(Endpoint::Token).unwrap_err();
    assert_eq!(error.entry().code, "provider.refused");
    assert_eq!(error.says().unwrap().error, "invalid_client");
    assert!(error.to_string().ends_with("invalid_client: wrong secret"), "{error}");
}

#[test]
fn exhaustion_passes_and_a_refusal_does_not() {
    for (status, passes) in
        [(400, false), (401, false), (404, false), (429, true), (500, true), (503, true)]
    {
        for body in [json!({}), json!({"error": "x"})] {
            let error = answer(status, &body).into_object(Endpoint::Token).unwrap_err();
            assert_eq!(error.may_pass(), passes, "{status} {body}");
        }
    }
}

#[test]
fn a_request_shows_neither_query_nor_body_nor_credentials() {
    let request = Request::post_form(
        Endpoint::Token,
        url("https://op.example/token?k=hush"),
        &[("code", "hush")],
    )
    .authorization("Basic", &secret("hush"));
    let shown = format!("{request:?} {:?}", request.headers());
    assert!(shown.contains("POST https://op.example/token"), "{shown}");
    assert!(!shown.contains("hush"), "{shown}");
}

#[test]
fn credentials_that_no_header_holds_are_not_sent() {
    let request = Request::get(Endpoint::UserInfo, url("https://op.example"))
        .authorization("Bearer", &secret("a\r\nX-Admin: 1"));
    assert!(request.headers().get("authorization").is_none());
    assert!(!request.headers().contains_key("x-admin"));
}

#[test]
fn an_answer_shows_status_and_length_only() {
    let shown = format!("{:?}", raw_answer(200, &[("set-cookie", "hush")], "hush"));
    assert_eq!(shown, "200 OK with 4 bytes");
}
