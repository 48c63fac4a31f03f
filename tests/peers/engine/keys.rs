//! Keys that change, and a provider that comes and goes.

use countersign::{Fault, LoginOptions};
use serde_json::json;

use crate::support::node_provider::NodeProvider;
use crate::support::party::Party;
use crate::support::person::Person;

#[test]
fn new_keys_are_followed_at_once_also_twice_in_a_row() {
    let provider = NodeProvider::start(&json!({}));
    let party = Party::of(&provider, "none");
    let ada = Person::new("ada");
    party.log_in(&ada, LoginOptions::new()).unwrap();
    for keep in [false, false, true] {
        provider.rotate_keys(keep);
        let session = party.log_in(&ada, LoginOptions::new());
        assert_eq!(session.unwrap_or_else(|error| panic!("{error}")).subject(), "ada");
    }
    assert_eq!(provider.requests("GET /jwks"), 4);
}

#[test]
fn keys_are_fetched_once_for_many_logins() {
    let provider = NodeProvider::start(&json!({}));
    let party = Party::of(&provider, "none");
    for name in ["ada", "bob", "cy"] {
        party.log_in(&Person::new(name), LoginOptions::new()).unwrap();
    }
    assert_eq!(provider.requests("GET /jwks"), 1);
    assert_eq!(provider.requests("GET /.well-known/openid-configuration"), 1);
}

#[test]
fn a_provider_that_is_down_at_start_is_used_when_it_is_back() {
    let provider = NodeProvider::start(&json!({}));
    provider.be_down(true);
    let party = Party::of(&provider, "none");
    let error = party.wait(party.rp.begin(LoginOptions::new())).unwrap_err();
    assert_eq!(error.fault(), Fault::Network, "{error}");
    let wait = error.retry_after().expect("it passes by itself");
    // Nobody asks again before that.
    party.wait(party.rp.begin(LoginOptions::new())).unwrap_err();
    assert_eq!(provider.requests("GET /.well-known/openid-configuration"), 1);
    provider.be_down(false);
    std::thread::sleep(wait);
    assert_eq!(party.log_in(&Person::new("ada"), LoginOptions::new()).unwrap().subject(), "ada");
}
