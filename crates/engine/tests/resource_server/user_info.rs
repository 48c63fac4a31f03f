//! The profile of whoever a token speaks for.

use countersign::protocol::value::endpoint::Endpoint;
use serde_json::json;

use super::api::{AUDIENCE, asking, check, of};
use crate::support::{World, answer, down, secs};

#[test]
fn a_profile_is_asked_for_once_a_minute() {
    let world = World::new();
    let api = asking(&world);
    let token = check(&api, &of(&world).token("alice").audience(AUDIENCE).sign()).unwrap();
    let profile = answer(200, &json!({"sub": "alice", "name": "Alice"}));
    world.op().instead.insert(Endpoint::UserInfo, profile);
    for _ in 0..3 {
        let profile = crate::support::ready(api.user_info(&token)).unwrap();
        assert_eq!(profile.claims()["name"], "Alice");
    }
    assert_eq!(world.asked(Endpoint::UserInfo), 1);
    world.forward(secs(60));
    crate::support::ready(api.user_info(&token)).unwrap();
    assert_eq!(world.asked(Endpoint::UserInfo), 2);
}

#[test]
fn a_profile_of_somebody_else_is_refused_and_not_remembered() {
    let world = World::new();
    let api = asking(&world);
    let token = check(&api, &of(&world).token("alice").audience(AUDIENCE).sign()).unwrap();
    world.op().instead.insert(Endpoint::UserInfo, answer(200, &json!({"sub": "mallory"})));
    let error = crate::support::ready(api.user_info(&token)).unwrap_err();
    assert_eq!(error.code(), "user_info.subject");
    world.op().instead.insert(Endpoint::UserInfo, answer(200, &json!({"sub": "alice"})));
    crate::support::ready(api.user_info(&token)).unwrap();
}

#[test]
fn a_provider_that_is_down_gives_no_profile() {
    let world = World::new();
    let api = asking(&world);
    let token = check(&api, &of(&world).token("alice").audience(AUDIENCE).sign()).unwrap();
    world.op().down = Some(down());
    let error = crate::support::ready(api.user_info(&token)).unwrap_err();
    assert_eq!(error.code(), "network.unreachable");
}

#[test]
fn long_profiles_take_bounded_memory() {
    let world = World::new();
    let api = asking(&world);
    let profile = answer(200, &json!({"sub": "alice", "groups": "x".repeat(1_000_000)}));
    world.op().instead.insert(Endpoint::UserInfo, profile);
    let issuer = of(&world);
    let token = |n: usize| issuer.token("alice").audience(AUDIENCE).claim("jti", n.to_string());
    let tokens: Vec<_> = (0..100).map(|n| check(&api, &token(n).sign()).unwrap()).collect();
    for token in &tokens {
        crate::support::ready(api.user_info(token)).unwrap();
    }
    world.op().down = Some(down());
    let has = |token: &&countersign::Token| crate::support::ready(api.user_info(token)).is_ok();
    let held = tokens.iter().filter(has).count();
    assert!((1..=32).contains(&held), "{held} megabytes are held");
}
