//! Keys come from the provider, change there, and are sometimes not to be had.

use countersign::protocol::jose::Algorithm;
use countersign::protocol::value::endpoint::Endpoint;
use countersign::{Fault, Outcome, Requirement};
use countersign_test_kit::TestIssuer;

use super::api::{AUDIENCE, asking, check, code, of, presented};
use crate::support::{ISSUER, Task, World, down, key, secs};

fn good(world: &World) -> String {
    of(world).token("alice").audience(AUDIENCE).sign()
}

#[test]
fn keys_are_fetched_with_the_first_token_and_no_more() {
    let world = World::new();
    let api = asking(&world);
    let raw = good(&world);
    assert!(matches!(api.check_now(&presented(&raw), &Requirement::new()), Outcome::NeedsNetwork));
    check(&api, &raw).unwrap();
    for _ in 0..10 {
        check(&api, &good(&world)).unwrap();
    }
    assert_eq!((world.asked(Endpoint::Discovery), world.asked(Endpoint::Keys)), (1, 1));
    assert!(matches!(
        api.check_now(&presented(&raw), &Requirement::new()),
        Outcome::Settled(Ok(_))
    ));
}

#[test]
fn many_who_wait_for_the_first_keys_cause_one_fetch() {
    let world = World::new();
    let api = asking(&world);
    let raw = good(&world);
    world.close(Endpoint::Keys);
    let (presented, requirement) = (presented(&raw), Requirement::new());
    let mut tasks: Vec<_> =
        (0..50).map(|_| Task::new(api.check(&presented, &requirement))).collect();
    assert!(tasks.iter_mut().all(|task| task.poll().is_none()));
    world.open();
    for task in &mut tasks {
        assert!(task.poll().unwrap().is_ok());
    }
    assert_eq!(world.asked(Endpoint::Keys), 1);
}

#[test]
fn a_token_by_a_new_key_passes_at_once_and_one_by_a_removed_key_no_longer() {
    let world = World::new();
    let api = asking(&world);
    let old = good(&world);
    check(&api, &old).unwrap();
    world.op().rotate();
    check(&api, &good(&world)).unwrap();
    // The new set came with the unknown key; what the removed one signed is out of the cache too.
    assert_eq!(code(check(&api, &old)), "keys.unknown");
}

#[test]
fn a_cached_token_ends_within_the_refresh_interval_when_its_key_is_removed() {
    let world = World::new();
    let api = asking(&world);
    let raw = of(&world).token("alice").audience(AUDIENCE).lives(secs(24 * 3600)).sign();
    check(&api, &raw).unwrap();
    world.op().rotate();
    world.forward(secs(3599));
    assert!(check(&api, &raw).is_ok(), "nobody has told yet");
    world.forward(secs(1));
    assert_eq!(code(check(&api, &raw)), "keys.unknown");
    assert!(
        world.asked(Endpoint::Keys) <= 3,
        "once since it is due, once since the key is unknown"
    );
}

#[test]
fn a_cached_token_outlives_a_rotation_that_keeps_its_key() {
    let world = World::new();
    let api = asking(&world);
    let raw = of(&world).token("alice").audience(AUDIENCE).lives(secs(24 * 3600)).sign();
    check(&api, &raw).unwrap();
    world.op().keys.push(key(Algorithm::Es256));
    world.forward(secs(3600));
    check(&api, &raw).unwrap();
    assert!(matches!(
        api.check_now(&presented(&raw), &Requirement::new()),
        Outcome::Settled(Ok(_))
    ));
}

#[test]
fn a_provider_that_is_down_at_the_start_lets_nobody_in_and_is_found_when_it_is_back() {
    let world = World::new();
    let api = asking(&world);
    let raw = good(&world);
    world.op().down = Some(down());
    let error = check(&api, &raw).unwrap_err();
    let countersign::CheckError::Unavailable(error) = error else { panic!("{error}") };
    assert_eq!(error.fault(), Fault::Network);
    assert!(error.retry_after().is_some());
    world.op().down = None;
    world.forward(secs(2));
    check(&api, &raw).unwrap();
}

#[test]
fn a_provider_that_goes_down_later_does_not_take_its_tokens_along() {
    let world = World::new();
    let api = asking(&world);
    let raw = of(&world).token("alice").audience(AUDIENCE).lives(secs(24 * 3600)).sign();
    check(&api, &raw).unwrap();
    world.op().down = Some(down());
    world.forward(secs(3 * 3600));
    check(&api, &raw).unwrap();
    check(&api, &good(&world)).unwrap();
}

#[test]
fn ten_thousand_unknown_kids_cause_a_few_fetches() {
    let world = World::new();
    let api = asking(&world);
    check(&api, &good(&world)).unwrap();
    let stranger = key(Algorithm::Es256);
    for n in 0..10_000 {
        let key = stranger.clone().with_kid(format!("kid-{n}"));
        // Signing is what takes time here: the signature is never looked at.
        let raw = if n < 20 {
            TestIssuer::new(ISSUER)
                .with_key(key)
                .at(super::api::now(&world))
                .token("eve")
                .audience(AUDIENCE)
                .sign()
        } else {
            unsigned(n)
        };
        assert_eq!(code(check(&api, &raw)), "keys.unknown");
    }
    assert!(world.asked(Endpoint::Keys) <= 6, "{} fetches", world.asked(Endpoint::Keys));
    world.forward(secs(31));
    assert_eq!(code(check(&api, &unsigned(10_001))), "keys.unknown");
    assert!(world.asked(Endpoint::Keys) <= 7);
    check(&api, &good(&world)).unwrap();
}

fn unsigned(n: usize) -> String {
    use countersign::protocol::jose::base64url::encode;
    let header = format!(r#"{{"alg":"ES256","kid":"kid-{n}"}}"#);
    format!("{}.{}.{}", encode(header.as_bytes()), encode(b"{}"), encode(&[1; 64]))
}
