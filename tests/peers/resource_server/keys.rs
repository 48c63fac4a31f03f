//! Keys that come and go under an API, and a provider that does.

use std::time::Duration;

use countersign::CheckError;
use countersign_jose::base64url;
use serde_json::{Value, json};

use crate::support::api::{AUDIENCE, Api};
use crate::support::node_provider::NodeProvider;

#[test]
fn new_keys_are_followed_at_once() {
    let provider = NodeProvider::start(&json!({}));
    let api = Api::of(&provider.issuer);
    for (keep, asked) in [(true, 1), (true, 2), (false, 3)] {
        for _ in 0..2 {
            let given = provider.token(&[("resource", AUDIENCE)]);
            api.bearer(&given.access_token).unwrap_or_else(|error| panic!("{error}"));
        }
        assert_eq!(provider.requests("GET /jwks"), asked);
        provider.rotate_keys(keep);
    }
}

#[test]
fn tokens_of_a_removed_key_stop_also_those_that_passed_before() {
    let provider = NodeProvider::start(&json!({ "ttl": { "ClientCredentials": 86400 } }));
    let api = Api::of(&provider.issuer);
    let old = provider.token(&[("resource", AUDIENCE)]).access_token;
    api.bearer(&old).unwrap();
    provider.rotate_keys(false);
    // Nobody has told the API yet. Whoever shows a token of the new key does.
    api.bearer(&old).unwrap();
    let new = provider.token(&[("resource", AUDIENCE)]).access_token;
    api.bearer(&new).unwrap();
    assert_eq!(api.bearer(&old).unwrap_err().code(), "keys.unknown");
    // Without such a token, time does.
    provider.rotate_keys(false);
    api.bearer(&new).unwrap();
    api.later(Duration::from_secs(3601));
    assert_eq!(api.bearer(&new).unwrap_err().code(), "keys.unknown");
}

#[test]
fn ten_thousand_invented_key_names_cause_a_few_requests() {
    let provider = NodeProvider::start(&json!({}));
    let api = Api::of(&provider.issuer);
    api.stop_clock();
    let good = provider.token(&[("resource", AUDIENCE)]).access_token;
    api.bearer(&good).unwrap();
    let (header, rest) = good.split_once('.').unwrap();
    let mut header: Value = serde_json::from_slice(&base64url::decode(header).unwrap()).unwrap();
    let mut invent = |place: u32| {
        header["kid"] = json!(format!("invented-{place}"));
        format!("{}.{rest}", base64url::encode(header.to_string().as_bytes()))
    };
    for place in 0..10_000 {
        assert_eq!(api.bearer(&invent(place)).unwrap_err().code(), "keys.unknown");
        if place % 1000 == 0 {
            api.bearer(&good).unwrap();
        }
    }
    // At first, and a few at once.
    let asked = provider.requests("GET /jwks");
    assert_eq!(asked, 5);
    // Then one per cooldown, and real new keys get through.
    for more in 1..=3 {
        api.later(Duration::from_secs(31));
        for place in 0..10 {
            assert_eq!(api.bearer(&invent(place)).unwrap_err().code(), "keys.unknown");
        }
        assert_eq!(provider.requests("GET /jwks"), asked + more);
    }
    provider.rotate_keys(false);
    api.later(Duration::from_secs(31));
    api.bearer(&provider.token(&[("resource", AUDIENCE)]).access_token).unwrap();
}

#[test]
fn a_provider_that_is_down_at_start_is_used_when_it_is_back() {
    let provider = NodeProvider::start(&json!({}));
    let given = provider.token(&[("resource", AUDIENCE)]).access_token;
    provider.be_down(true);
    let api = Api::of(&provider.issuer);
    api.stop_clock();
    let error = api.bearer(&given).unwrap_err();
    let CheckError::Unavailable(error) = error else { panic!("{error}") };
    let wait = error.retry_after().expect("it passes by itself");
    assert!(api.wait(api.server.ready()).is_err());
    // Nobody asks again before that.
    api.bearer(&given).unwrap_err();
    assert_eq!(provider.requests("GET /.well-known/openid-configuration"), 1);
    provider.be_down(false);
    api.later(wait);
    api.bearer(&given).unwrap();
    api.wait(api.server.ready()).unwrap();
}

#[test]
fn known_keys_serve_while_the_provider_is_down() {
    let provider = NodeProvider::start(&json!({ "ttl": { "ClientCredentials": 86400 } }));
    let api = Api::of(&provider.issuer);
    let [seen, unseen] = [(); 2].map(|()| provider.token(&[("resource", AUDIENCE)]).access_token);
    api.bearer(&seen).unwrap();
    provider.be_down(true);
    api.bearer(&unseen).unwrap();
    // Also when they are due to be fetched again, which fails.
    api.later(Duration::from_secs(3601));
    api.bearer(&seen).unwrap();
    api.bearer(&unseen).unwrap();
}
