use std::time::Duration;

use countersign::protocol::discovery::Metadata;
use countersign::protocol::value::endpoint::Endpoint;
use countersign::{LoginOptions, Provider, RelyingParty};
use serde_json::{Value, json};

use crate::support::{Task, World, answer, client, down, redirect_uri, secs};

#[test]
fn nothing_is_asked_before_it_is_needed() {
    let world = World::new();
    let _rp = world.rp();
    assert_eq!(world.requests().len(), 0);
}

#[test]
fn a_provider_that_was_down_at_the_start_is_found_when_it_is_up() {
    let world = World::new();
    world.op().down = Some(down());
    let rp = world.rp();
    assert!(world.begin(&rp).is_err());
    world.op().down = None;
    world.forward(secs(1));
    assert!(world.log_in(&rp).is_ok());
}

#[test]
fn a_provider_that_is_down_is_asked_after_1_2_4_and_at_most_60_seconds() {
    let world = World::new();
    world.op().down = Some(down());
    let rp = world.rp();
    assert!(world.begin(&rp).is_err());
    let mut asked = 1;
    for wait in [1, 2, 4, 8, 16, 32, 60, 60, 60].into_iter().chain([60; 100]) {
        let error = world.begin(&rp).unwrap_err();
        assert_eq!(error.code(), "network.unreachable");
        assert_eq!(error.retry_after(), Some(secs(wait)));
        world.forward(secs(wait) - Duration::from_millis(1));
        assert!(world.begin(&rp).is_err());
        assert_eq!(world.asked(Endpoint::Discovery), asked, "asked before {wait} s were over");
        world.forward(Duration::from_millis(1));
        assert!(world.begin(&rp).is_err());
        asked += 1;
        assert_eq!(world.asked(Endpoint::Discovery), asked, "not asked after {wait} s");
    }
}

#[test]
fn a_success_ends_the_back_off() {
    let world = World::new();
    world.op().down = Some(down());
    let rp = world.rp();
    for wait in [0, 1, 2, 4] {
        world.forward(secs(wait));
        assert!(world.begin(&rp).is_err());
    }
    world.op().down = None;
    world.forward(secs(8));
    assert!(world.begin(&rp).is_ok());
    world.op().down = Some(down());
    world.forward(secs(3600));
    let asked = world.asked(Endpoint::Discovery);
    for _ in 0..2 {
        assert!(world.begin(&rp).is_ok());
        world.forward(secs(1));
    }
    assert_eq!(world.asked(Endpoint::Discovery), asked + 2);
}

#[test]
fn a_clock_that_is_set_back_does_not_prolong_the_wait() {
    let world = World::new();
    world.op().down = Some(down());
    let rp = world.rp();
    assert!(world.begin(&rp).is_err());
    world.back(secs(24 * 3600));
    world.op().down = None;
    assert!(world.begin(&rp).is_ok());
}

#[test]
fn the_last_good_metadata_is_kept_while_the_provider_is_down() {
    let world = World::new();
    let rp = world.rp();
    world.begin(&rp).unwrap();
    world.op().down = Some(down());
    for _ in 0..5 {
        world.forward(secs(3600));
        assert!(world.begin(&rp).is_ok());
    }
    assert_eq!(world.asked(Endpoint::Discovery), 6);
}

#[test]
fn metadata_that_went_wrong_does_not_replace_the_good() {
    let world = World::new();
    let rp = world.rp();
    world.begin(&rp).unwrap();
    for wrong in [json!({}), json!({"issuer": "https://evil.example"}), json!([])] {
        world.op().instead.insert(Endpoint::Discovery, answer(200, &wrong));
        world.forward(secs(3600));
        assert_eq!(world.begin(&rp).unwrap().0.host_str(), Some("op.example"));
    }
}

#[test]
fn metadata_is_asked_for_again_after_an_hour() {
    let world = World::new();
    let rp = world.rp();
    world.begin(&rp).unwrap();
    world.forward(secs(3599));
    world.begin(&rp).unwrap();
    assert_eq!(world.asked(Endpoint::Discovery), 1);
    world.op().document.insert("authorization_endpoint".into(), json!("https://op.example/new"));
    world.forward(secs(1));
    assert_eq!(world.begin(&rp).unwrap().0.path(), "/new");
    assert_eq!(world.asked(Endpoint::Discovery), 2);
}

#[test]
fn while_one_asks_again_the_others_go_on_with_what_there_is() {
    let world = World::new();
    let rp = world.rp();
    world.begin(&rp).unwrap();
    world.forward(secs(3600));
    world.close(Endpoint::Discovery);
    let mut first = Task::new(rp.begin(LoginOptions::new()));
    assert!(first.poll().is_none());
    for _ in 0..10 {
        assert!(world.begin(&rp).is_ok());
    }
    world.open();
    assert!(first.poll_if_woken().unwrap().is_ok());
    assert_eq!(world.asked(Endpoint::Discovery), 2);
}

#[test]
fn a_question_that_was_left_behind_is_asked_anew_after_30_seconds() {
    let world = World::new();
    let rp = world.rp();
    world.close(Endpoint::Discovery);
    let mut left = Task::new(rp.begin(LoginOptions::new()));
    assert!(left.poll().is_none());
    drop(left);

    world.forward(secs(29));
    let mut joined = Task::new(rp.begin(LoginOptions::new()));
    assert!(joined.poll().is_none());
    assert_eq!(world.asked(Endpoint::Discovery), 1);
    drop(joined);

    world.forward(secs(1));
    let mut anew = Task::new(rp.begin(LoginOptions::new()));
    assert!(anew.poll().is_none());
    assert_eq!(world.asked(Endpoint::Discovery), 2);
    world.open();
    assert!(anew.poll_if_woken().unwrap().is_ok());
}

#[test]
fn another_issuer_is_an_error_of_the_setup() {
    let world = World::new();
    world.op().document.insert("issuer".into(), json!("https://op.example/"));
    let error = world.begin(&world.rp()).unwrap_err();
    assert_eq!(error.code(), "discovery.issuer");
    assert!(error.to_string().contains("they differ at character 19"), "{error}");
}

#[test]
fn written_metadata_is_never_fetched() {
    let world = World::new();
    let document = Value::Object(world.op().document.clone()).to_string();
    let provider = Provider::written(Metadata::from_json(document.as_bytes()).unwrap()).unwrap();
    let rp = RelyingParty::builder(provider, client(), redirect_uri()).build(world.outside());
    let rp = rp.unwrap();
    for _ in 0..3 {
        world.log_in(&rp).unwrap();
        world.forward(secs(7200));
    }
    assert_eq!(world.asked(Endpoint::Discovery), 0);
}
