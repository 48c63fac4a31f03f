mod due;
mod record;

use countersign::{LoginOptions, Session};
use serde_json::json;

use crate::support::{World, ready, secs};

#[test]
fn a_silent_login_does_not_prolong_a_session() {
    let world = World::new();
    let rp = world.rp();
    let first = world.log_in(&rp).unwrap();
    world.forward(secs(900));
    let options = first.silent_login(LoginOptions::new());
    let again = world.log_in_with(&rp, options).unwrap().continuing(&first);
    assert_eq!(again.started_at(), first.started_at());
    assert_eq!(again.checked_at(), first.checked_at() + secs(900));
    assert_eq!(again.refreshed(), 1);
    assert_ne!(again.access_token(), first.access_token());
}

#[test]
fn the_session_of_somebody_else_is_not_continued() {
    let world = World::new();
    let rp = world.rp();
    let first = world.log_in(&rp).unwrap();
    world.forward(secs(900));
    world.op().subject = "bob".to_owned();
    let other = world.log_in(&rp).unwrap().continuing(&first);
    assert_eq!(other.started_at(), first.started_at() + secs(900));
    assert_eq!(other.refreshed(), 0);
    assert_eq!(other.subject(), "bob");
}

fn claiming() -> Session {
    let world = World::new();
    world.op().change_id_token = Box::new(|claims| {
        claims.insert("acr".into(), json!("low"));
        claims.insert("name".into(), json!("old name"));
    });
    world.op().change_user_info = Box::new(|claims| {
        claims.insert("acr".into(), json!("high"));
        claims.insert("iss".into(), json!("https://evil.example"));
        claims.insert("amr".into(), json!(["x"]));
    });
    world.log_in(&world.rp()).unwrap()
}

#[test]
fn a_profile_says_who_somebody_is_and_not_how_they_signed_in() {
    let session = claiming();
    let principal = session.principal();
    for (claim, value) in [
        ("name", json!("Alice")),
        ("acr", json!("low")),
        ("iss", json!("https://op.example")),
        ("amr", json!(["x"])),
        ("sub", json!("alice")),
    ] {
        assert_eq!(session.claim(claim), Some(&value), "{claim}");
        assert_eq!(principal.claim(claim), Some(&value), "{claim}");
    }
    assert_eq!(session.claim("nothing"), None);
}

#[test]
fn a_hint_that_would_make_the_address_too_long_is_left_out() {
    let world = World::new();
    let rp = world.rp();
    for (length, there) in [(10, true), (4000, false)] {
        let filler = "x".repeat(length);
        world.op().change_id_token = Box::new(move |claims| {
            claims.insert("filler".into(), json!(filler));
        });
        let session = world.log_in(&rp).unwrap();
        let (url, pending) = ready(rp.begin(session.silent_login(LoginOptions::new()))).unwrap();
        assert_eq!(url.query_pairs().any(|(name, _)| name == "id_token_hint"), there);
        assert!(pending.silent());
    }
}
