use countersign::protocol::value::endpoint::Endpoint;
use countersign::{Fault, Secret};

use super::tokens;
use crate::support::{World, ready};

#[test]
fn a_refresh_token_of_nobody_in_particular_is_redeemed() {
    let world = World::new();
    let session = world.log_in(&world.rp()).unwrap();
    let old = session.refresh_token().unwrap();
    let new = ready(tokens(&world).refresh(old, session.scope())).unwrap();
    assert_ne!(new.access_token, *session.access_token());
    assert!(new.refresh_token.is_some());
}

#[test]
fn a_refresh_token_that_the_provider_does_not_know_is_refused() {
    let world = World::new();
    let error = ready(tokens(&world).refresh(&Secret::from("rt-hush"), "openid")).unwrap_err();
    assert_eq!((error.code(), error.fault()), ("refresh.refused", Fault::Person));
    assert!(!error.to_string().contains("hush"));
    assert_eq!(world.asked(Endpoint::Token), 1);
}
