use countersign_protocol::Exchange;
use countersign_protocol::resource::AskResource;
use serde_json::json;

use crate::support::{answer, raw_answer, secret, url};

fn ask(address: &str) -> Option<AskResource> {
    AskResource::new(url(address), &secret("hush")).ok()
}

#[test]
fn the_token_travels_in_the_header_of_a_safe_request_only() {
    let ask = ask("https://api.example/notes?page=2").unwrap();
    assert_eq!(ask.request().headers()["authorization"], "Bearer hush");
    assert_eq!(ask.request().url().as_str(), "https://api.example/notes?page=2");
    assert!(!format!("{ask:?} {:?}", ask.request().headers()).contains("hush"));
}

#[test]
fn a_token_does_not_travel_in_clear() {
    for address in
        ["http://api.example", "ftp://api.example", "file:///x", "http://127.0.0.1.example"]
    {
        assert!(ask(address).is_none(), "{address}");
    }
    assert!(ask("http://127.0.0.1:8000/x").is_some());
}

#[test]
fn any_status_and_any_body_is_an_answer() {
    let judged = |response| ask("https://api.example").unwrap().answer(response).unwrap();
    let got = judged(answer(403, &json!({"error": "x"})));
    assert_eq!((got.status.as_u16(), got.body), (403, json!({"error": "x"})));
    let got = judged(raw_answer(200, &[("content-type", "application/json")], "{"));
    assert_eq!(got.body, json!("{"));
    let got = judged(raw_answer(200, &[("content-type", "text/html")], "<p>"));
    assert_eq!(got.body, json!("<p>"));
}
