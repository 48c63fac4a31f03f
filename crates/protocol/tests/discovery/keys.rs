use std::time::Duration;

use countersign_protocol::Exchange;
use countersign_protocol::discovery::{FetchKeys, FetchedKeys, KeysError};
use serde_json::json;

use crate::support::{KEY, raw_answer, url};

fn judged(headers: &[(&str, &str)], body: &str) -> Result<FetchedKeys, KeysError> {
    FetchKeys::new(url("https://op.example/jwks")).answer(raw_answer(200, headers, body))
}

fn set() -> String {
    json!({"keys": [KEY.public_jwk(), {"kty": "oct", "k": "AA"}, {"kty": "new"}]}).to_string()
}

#[test]
fn usable_keys_are_taken_and_the_others_left_aside() {
    let fetched = judged(&[("content-type", "application/jwk-set+json")], &set()).unwrap();
    assert_eq!(fetched.keys.len(), 1);
    assert_eq!(fetched.keys.skipped().len(), 2);
}

#[test]
fn what_is_no_key_set_is_refused() {
    let many: Vec<_> = (0..300).map(|_| KEY.public_jwk()).collect();
    for body in [json!({}), json!({"keys": {}}), json!({"keys": null}), json!({"keys": many})] {
        assert_eq!(judged(&[], &body.to_string()).unwrap_err().entry().code, "keys.unreadable");
    }
    let doubled = set().replacen('{', "{\"keys\":[],", 1);
    for body in ["", "[]", "<html>", &doubled] {
        assert_eq!(judged(&[], body).unwrap_err().entry().code, "provider.not_json", "{body}");
    }
}

#[test]
fn a_set_without_keys_is_one() {
    assert_eq!(judged(&[], "{\"keys\":[]}").unwrap().keys.len(), 0);
}

#[test]
fn max_age_is_found_wherever_it_stands() {
    let age = |value| judged(&[("cache-control", value)], &set()).unwrap().max_age;
    for value in
        ["max-age=60", "public, Max-Age=60, must-revalidate", "no-transform,max-age=\"60\""]
    {
        assert_eq!(age(value), Some(Duration::from_secs(60)), "{value}");
    }
    for value in ["", "no-store", "max-age", "max-age=", "max-age=-1", "max-age=x", "s-maxage=60"] {
        assert_eq!(age(value), None, "{value}");
    }
    let two = [("cache-control", "public"), ("cache-control", "max-age=60")];
    assert_eq!(judged(&two, &set()).unwrap().max_age, Some(Duration::from_secs(60)));
}
