use std::time::Duration;

use countersign::protocol::jose::Algorithm;
use countersign::protocol::value::endpoint::Endpoint;
use countersign::{Callback, Fault, PendingLogin, RelyingParty};
use http::HeaderValue;
use serde_json::json;

use crate::support::{Task, World, answer, down, key, secs};

fn begun(world: &World, rp: &RelyingParty) -> (PendingLogin, Callback) {
    let (url, pending) = world.begin(rp).unwrap();
    let callback = world.authorize(&url);
    (pending, callback)
}

/// A login whose ID token names a key that nobody published.
fn unknown_key(world: &World, rp: &RelyingParty, number: u32) -> &'static str {
    let honest = world.op().signer.clone();
    world.op().signer = honest.clone().with_kid(format!("invented-{number}"));
    let error = world.log_in(rp).unwrap_err();
    world.op().signer = honest;
    error.code()
}

#[test]
fn a_rotation_is_followed_at_once_and_twice_within_a_second() {
    let world = World::new();
    let rp = world.rp();
    world.log_in(&rp).unwrap();
    for fetched in [2, 3] {
        world.op().rotate();
        world.log_in(&rp).unwrap();
        world.log_in(&rp).unwrap();
        assert_eq!(world.asked(Endpoint::Keys), fetched);
    }
}

#[test]
fn a_rotation_of_keys_without_names_is_followed() {
    let world = World::new();
    let rp = world.rp();
    for _ in 0..3 {
        let unnamed = key(Algorithm::Es256).without_kid();
        world.op().keys = vec![unnamed.clone()];
        world.op().signer = unnamed;
        world.log_in(&rp).unwrap();
    }
}

#[test]
fn a_rotation_of_keys_without_names_is_followed_where_tokens_name_them() {
    let world = World::new();
    let rp = world.rp();
    for name in ["one", "two", "three"] {
        let unnamed = key(Algorithm::Es256).without_kid();
        world.op().keys = vec![unnamed.clone()];
        world.op().signer = unnamed.with_kid(name);
        world.log_in(&rp).unwrap();
    }
}

#[test]
fn ten_thousand_unknown_keys_cause_four_fetches_and_then_one_in_30_seconds() {
    let world = World::new();
    let rp = world.rp();
    world.log_in(&rp).unwrap();
    for number in 0..10_000 {
        assert_eq!(unknown_key(&world, &rp, number), "keys.unknown");
    }
    assert_eq!(world.asked(Endpoint::Keys), 1 + 4);

    world.forward(Duration::from_millis(29_999));
    unknown_key(&world, &rp, 0);
    assert_eq!(world.asked(Endpoint::Keys), 5);
    for round in 1..=4 {
        world.forward(Duration::from_millis(if round == 1 { 1 } else { 30_000 }));
        for number in 0..50 {
            unknown_key(&world, &rp, number);
        }
        assert_eq!(world.asked(Endpoint::Keys), 5 + round);
    }
    assert!(world.log_in(&rp).is_ok());
}

#[test]
fn the_budget_keeps_what_is_left_of_the_30_seconds() {
    let world = World::new();
    let rp = world.rp();
    world.log_in(&rp).unwrap();
    for number in 0..10 {
        unknown_key(&world, &rp, number);
    }
    // 45 s are one fetch and a half; the other half comes 15 s later.
    world.forward(secs(45));
    unknown_key(&world, &rp, 0);
    unknown_key(&world, &rp, 1);
    assert_eq!(world.asked(Endpoint::Keys), 6);
    world.forward(secs(15));
    unknown_key(&world, &rp, 0);
    unknown_key(&world, &rp, 1);
    assert_eq!(world.asked(Endpoint::Keys), 7);
}

#[test]
fn the_budget_fills_up_to_four_and_no_further() {
    let world = World::new();
    let rp = world.rp();
    world.log_in(&rp).unwrap();
    for round in 1..=3 {
        for number in 0..10 {
            unknown_key(&world, &rp, number);
        }
        // Less than an hour, so that the keys themselves stay fresh.
        assert_eq!(world.asked(Endpoint::Keys), 1 + 4 * round);
        world.forward(secs(600));
    }
}

#[test]
fn a_clock_that_is_set_back_does_not_empty_the_budget_for_long() {
    let world = World::new();
    let rp = world.rp();
    world.log_in(&rp).unwrap();
    for number in 0..10 {
        unknown_key(&world, &rp, number);
    }
    world.back(secs(600));
    unknown_key(&world, &rp, 0);
    world.forward(secs(30));
    world.op().rotate();
    assert!(world.log_in(&rp).is_ok());
}

#[test]
fn fifty_who_wait_for_the_keys_cause_one_fetch() {
    let world = World::new();
    let rp = world.rp();
    let logins: Vec<_> = (0..50).map(|_| begun(&world, &rp)).collect();
    world.close(Endpoint::Keys);
    let mut tasks: Vec<_> = logins
        .into_iter()
        .map(|(pending, callback)| Task::new(rp.complete(pending, callback)))
        .collect();
    for task in &mut tasks {
        assert!(task.poll().is_none());
    }
    assert_eq!(world.asked(Endpoint::Keys), 1);
    world.open();
    for task in &mut tasks {
        assert!(task.poll_if_woken().unwrap().is_ok());
    }
    assert_eq!(world.asked(Endpoint::Keys), 1);
}

#[test]
fn a_leader_who_goes_away_strands_nobody() {
    let world = World::new();
    let rp = world.rp();
    let logins: Vec<_> = (0..5).map(|_| begun(&world, &rp)).collect();
    world.close(Endpoint::Keys);
    let mut tasks: Vec<_> = logins
        .into_iter()
        .map(|(pending, callback)| Task::new(rp.complete(pending, callback)))
        .collect();
    for task in &mut tasks {
        assert!(task.poll().is_none());
    }
    drop(tasks.remove(0));
    drop(tasks.remove(1));
    world.open();
    for task in &mut tasks {
        assert!(task.poll_if_woken().unwrap().is_ok());
    }
    assert_eq!(world.asked(Endpoint::Keys), 1);
}

#[test]
fn keys_that_somebody_asked_for_before_the_rotation_are_asked_for_again() {
    let world = World::new();
    let rp = world.rp();
    world.log_in(&rp).unwrap();
    let (early, late) = (begun(&world, &rp), begun(&world, &rp));
    world.op().rotate();
    world.close(Endpoint::Keys);
    let mut early = Task::new(rp.complete(early.0, early.1));
    assert!(early.poll().is_none());
    // The answer is on its way when the keys are rotated once more.
    world.op().rotate();
    let mut late = Task::new(rp.complete(late.0, late.1));
    assert!(late.poll().is_none());
    assert_eq!(world.asked(Endpoint::Keys), 2);
    world.open();
    assert!(late.poll_if_woken().unwrap().is_ok());
    assert!(early.poll_if_woken().unwrap().is_ok());
    assert_eq!(world.asked(Endpoint::Keys), 3);
}

#[test]
fn the_last_good_keys_are_kept_while_they_can_not_be_had() {
    let world = World::new();
    let rp = world.rp();
    world.log_in(&rp).unwrap();
    for (status, body) in [(500, json!({})), (200, json!({})), (200, json!({"keys": 1}))] {
        world.op().instead.insert(Endpoint::Keys, answer(status, &body));
        world.forward(secs(2 * 24 * 3600));
        assert!(world.log_in(&rp).is_ok());
    }
    assert_eq!(world.asked(Endpoint::Keys), 4);
}

#[test]
fn an_unknown_key_while_the_keys_can_not_be_had_is_a_failure_that_passes() {
    let world = World::new();
    let rp = world.rp();
    world.log_in(&rp).unwrap();
    world.op().rotate();
    world.op().instead.insert(Endpoint::Keys, answer(503, &json!({})));
    for _ in 0..10 {
        assert_eq!(world.log_in(&rp).unwrap_err().fault(), Fault::Network);
    }
    assert_eq!(world.asked(Endpoint::Keys), 2, "the back-off holds here too");
    world.op().instead.clear();
    world.forward(secs(1));
    assert!(world.log_in(&rp).is_ok());
}

#[test]
fn keys_are_fresh_for_as_long_as_the_answer_says_within_bounds() {
    for (max_age, fresh) in
        [(None, 3600), (Some("60"), 300), (Some("600"), 600), (Some("99999999"), 86_400)]
    {
        let world = World::new();
        let rp = world.rp();
        let mut keys = answer(200, &json!({"keys": [world.op().signer.public_jwk()]}));
        if let Some(seconds) = max_age {
            let value = HeaderValue::from_str(&format!("max-age={seconds}")).unwrap();
            keys.headers.insert("cache-control", value);
        }
        world.op().instead.insert(Endpoint::Keys, keys);
        world.log_in(&rp).unwrap();
        world.forward(secs(fresh - 1));
        world.log_in(&rp).unwrap();
        assert_eq!(world.asked(Endpoint::Keys), 1, "{max_age:?}");
        world.forward(secs(1));
        world.log_in(&rp).unwrap();
        assert_eq!(world.asked(Endpoint::Keys), 2, "{max_age:?}");
    }
}

#[test]
fn keys_that_can_not_be_had_at_first_are_had_later() {
    let world = World::new();
    let rp = world.rp();
    let first = begun(&world, &rp);
    world.op().instead.insert(Endpoint::Keys, answer(500, &json!({})));
    let error = crate::support::ready(rp.complete(first.0, first.1)).unwrap_err();
    assert_eq!(error.fault(), Fault::Network);
    world.op().instead.clear();
    assert!(world.log_in(&rp).is_err(), "the back-off lasts a second");
    world.forward(secs(1));
    assert!(world.log_in(&rp).is_ok());
}

#[test]
fn readiness_tells_the_truth() {
    let world = World::new();
    let rp = world.rp();
    world.op().down = Some(down());
    assert!(crate::support::ready(rp.ready()).is_err());
    world.op().down = None;
    world.forward(secs(1));
    assert!(crate::support::ready(rp.ready()).is_ok());
    assert_eq!(world.asked(Endpoint::Keys), 1);
}

#[test]
fn a_provider_without_keys_is_an_error_of_the_setup() {
    let world = World::new();
    world.op().document.remove("jwks_uri").unwrap();
    assert_eq!(world.log_in(&world.rp()).unwrap_err().code(), "setup.jwks_uri");
    let keys = json!({"keys": [world.op().signer.public_jwk()]});
    world.op().document.insert("jwks".into(), keys);
    let rp = world.rp();
    assert!(world.log_in(&rp).is_ok());
    assert_eq!(unknown_key(&world, &rp, 0), "keys.unknown");
    assert_eq!(world.asked(Endpoint::Keys), 0);
}
