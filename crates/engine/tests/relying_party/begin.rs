use std::collections::HashSet;

use countersign::{Fault, LoginOptions};

use crate::support::{World, ready};

#[test]
fn every_login_has_its_own_state_nonce_and_challenge() {
    let world = World::new();
    let rp = world.rp();
    let mut seen = HashSet::new();
    for _ in 0..100 {
        let (url, _) = world.begin(&rp).unwrap();
        for (name, value) in url.query_pairs() {
            if ["state", "nonce", "code_challenge"].contains(&&*name) {
                assert!(seen.insert(value.into_owned()), "{name} came twice");
            }
        }
    }
    assert_eq!(seen.len(), 300);
}

#[test]
fn without_randomness_no_login_begins() {
    let world = World::new();
    let rp = world.rp();
    world.begin(&rp).unwrap();
    world.without_randomness();
    let error = world.begin(&rp).unwrap_err();
    assert_eq!((error.code(), error.fault()), ("bug.entropy", Fault::Bug));
}

#[test]
fn an_option_that_can_not_be_sent_is_refused() {
    let world = World::new();
    let error = ready(world.rp().begin(LoginOptions::new().extra("state", "mine"))).unwrap_err();
    assert_eq!((error.code(), error.fault()), ("setup.option", Fault::Setup));
}

#[test]
fn the_scope_is_the_relying_partys_unless_the_login_says_otherwise() {
    let world = World::new();
    let rp = world.builder().scope("openid groups").build(world.outside()).unwrap();
    let scope = |options| {
        let (url, _) = ready(rp.begin(options)).unwrap();
        url.query_pairs().find(|(name, _)| name == "scope").unwrap().1.into_owned()
    };
    assert_eq!(scope(LoginOptions::new()), "openid groups");
    assert_eq!(scope(LoginOptions::new().scope("email")), "openid email");
}
