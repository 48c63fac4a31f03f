use std::time::Duration;

use countersign::Requirement;

use super::api::{AUDIENCE, api, at_once, issuer, knowing};

const ISSUER: &str = "https://op.example";

#[test]
fn a_token_seen_before_ends_when_it_expires() {
    let issuer = issuer(ISSUER);
    let (api, world) = api(knowing(&issuer));
    let raw = issuer.token("alice").audience(AUDIENCE).lives(Duration::from_secs(600)).sign();
    assert!(at_once(&api, &raw, &Requirement::new()).is_ok());
    assert_eq!(api.cached(), 1);
    world.forward(Duration::from_secs(600 + 59));
    assert!(at_once(&api, &raw, &Requirement::new()).is_ok(), "the skew is allowed for");
    world.forward(Duration::from_secs(1));
    let refused = at_once(&api, &raw, &Requirement::new()).unwrap_err();
    assert_eq!(refused.code(), "access_token.expired");
    assert_eq!(api.cached(), 0);
}

#[test]
fn a_token_seen_before_is_asked_every_requirement_anew() {
    let issuer = issuer(ISSUER);
    let (api, _) = api(knowing(&issuer));
    let raw = issuer.token("alice").audience(AUDIENCE).scope("notes:read").sign();
    assert!(at_once(&api, &raw, &Requirement::new().scope("notes:read")).is_ok());
    let refused = at_once(&api, &raw, &Requirement::new().scope("notes:write")).unwrap_err();
    assert_eq!(refused.code(), "bearer.scope");
}

#[test]
fn ten_thousand_tokens_take_no_more_than_the_bytes_allowed() {
    let issuer = issuer(ISSUER);
    let (api, _) = api(knowing(&issuer).cache_bytes(256 * 1024));
    for n in 0..2_000 {
        let raw = issuer.token(format!("user{n}")).audience(AUDIENCE).sign();
        assert!(at_once(&api, &raw, &Requirement::new()).is_ok());
    }
    assert!((10..200).contains(&api.cached()), "{} are cached", api.cached());
}

#[test]
fn a_cache_of_no_size_keeps_nothing() {
    let issuer = issuer(ISSUER);
    let (api, _) = api(knowing(&issuer).cache_bytes(0));
    let raw = issuer.token("alice").audience(AUDIENCE).sign();
    assert!(at_once(&api, &raw, &Requirement::new()).is_ok());
    assert_eq!(api.cached(), 0);
}
