//! Keys that need no waiting, seen through an API that keeps no tokens.

use countersign::protocol::bearer::Scheme;
use countersign::protocol::jose::{KeySet, SigningKey};
use countersign::protocol::value::endpoint::Endpoint;
use countersign::{
    Credentials, Issuer, Outcome, Presented, Provider, Requirement, ResourceServer, TrustedIssuer,
};
use countersign_test_kit::TestIssuer;
use serde_json::json;

use crate::support::{ISSUER, START, World, discovered, down, ready, secs};

/// An API that looks at every token anew.
fn api(world: &World, provider: Provider) -> ResourceServer {
    let builder = ResourceServer::builder(["api"]).issuer(TrustedIssuer::new(provider));
    builder.cache_bytes(0).build(world.outside()).unwrap()
}

/// A token by this key that is good for very long.
fn token(key: &SigningKey) -> String {
    let years = |years: u64| secs(years * 365 * 86_400);
    let issuer = TestIssuer::new(ISSUER).with_key(key.clone()).at(START - years(10));
    issuer.token("alice").audience("api").lives(years(20)).sign()
}

fn presented(raw: &str) -> Presented<'_> {
    Presented::new(Credentials::new(Scheme::Bearer, raw).unwrap())
}

/// Whether the token passes without any network. Here it is never refused at once.
fn at_once(api: &ResourceServer, raw: &str) -> bool {
    match api.check_now(&presented(raw), &Requirement::new()) {
        Outcome::Settled(settled) => {
            settled.unwrap();
            true
        }
        Outcome::NeedsNetwork => false,
    }
}

fn passes(api: &ResourceServer, raw: &str) -> bool {
    ready(api.check(&presented(raw), &Requirement::new())).is_ok()
}

#[test]
fn fetched_keys_are_at_hand_until_they_are_due() {
    let world = World::new();
    let api = api(&world, discovered());
    let raw = token(&world.op().signer);
    assert!(!at_once(&api, &raw));
    assert!(passes(&api, &raw));
    assert!(at_once(&api, &raw));
    world.forward(secs(3599));
    assert!(at_once(&api, &raw));
    world.forward(secs(1));
    assert!(!at_once(&api, &raw), "keys that are due are not taken without asking");
    assert!(passes(&api, &raw));
    assert!(at_once(&api, &raw));
    assert_eq!(world.asked(Endpoint::Keys), 2);
}

#[test]
fn old_keys_are_at_hand_while_the_provider_is_down_and_not_to_be_asked() {
    let world = World::new();
    let api = api(&world, discovered());
    let raw = token(&world.op().signer);
    assert!(passes(&api, &raw));
    world.op().down = Some(down());
    world.forward(secs(3600));
    for wait in [1, 2, 4] {
        assert!(!at_once(&api, &raw));
        assert!(passes(&api, &raw), "the last good keys are kept");
        let asked = world.asked(Endpoint::Keys);
        assert!(at_once(&api, &raw), "nobody is to be asked for {wait} s");
        assert!(passes(&api, &raw));
        assert_eq!(world.asked(Endpoint::Keys), asked);
        world.forward(secs(wait));
    }
    world.op().down = None;
    assert!(passes(&api, &raw));
    world.forward(secs(3599));
    assert!(at_once(&api, &raw));
}

#[test]
fn a_clock_that_is_set_back_does_not_keep_keys_at_hand_for_ever() {
    let world = World::new();
    let api = api(&world, discovered());
    let raw = token(&world.op().signer);
    assert!(passes(&api, &raw));
    world.back(secs(30 * 86_400));
    assert!(!at_once(&api, &raw));
}

#[test]
fn written_keys_are_always_at_hand_and_nobody_is_asked() {
    let world = World::new();
    let signer = world.op().signer.clone();
    let keys = KeySet::from_jwks([signer.public_jwk()]);
    let api = api(&world, Provider::with_keys(Issuer::parse(ISSUER).unwrap(), keys));
    let raw = token(&signer);
    for _ in 0..3 {
        assert!(at_once(&api, &raw));
        world.forward(secs(365 * 86_400));
    }
    world.back(secs(2 * 365 * 86_400));
    assert!(at_once(&api, &raw));
    let stranger = crate::support::key(signer.algorithm());
    assert!(!passes(&api, &token(&stranger)));
    assert_eq!(world.requests().len(), 0);
}

#[test]
fn keys_inside_fetched_metadata_are_looked_at_again() {
    let world = World::new();
    let old = world.op().signer.clone();
    let publish = |key: &SigningKey| {
        let mut op = world.op();
        op.document.remove("jwks_uri");
        op.document.insert("jwks".into(), json!({"keys": [key.public_jwk()]}));
    };
    publish(&old);
    let api = api(&world, discovered());
    assert!(passes(&api, &token(&old)));
    assert!(at_once(&api, &token(&old)));
    let new = crate::support::key(old.algorithm());
    publish(&new);
    world.forward(secs(3600));
    assert!(passes(&api, &token(&new)));
    assert!(!passes(&api, &token(&old)));
    assert_eq!(world.asked(Endpoint::Keys), 0);
}
