use countersign::outside::Failure;
use countersign::protocol::value::endpoint::Endpoint;
use countersign::{Error, Fault, RelyingParty, Session};
use serde_json::json;

use crate::support::{Task, World, answer, down, ready, secs};

fn refresh(rp: &RelyingParty, session: &Session) -> Result<Session, Error> {
    ready(rp.refresh(session))
}

/// A world with somebody logged in; the token endpoint was asked once.
fn logged_in() -> (World, RelyingParty, Session) {
    let world = World::new();
    let rp = world.rp();
    let session = world.log_in(&rp).unwrap();
    (world, rp, session)
}

#[test]
fn a_session_is_renewed() {
    let (world, rp, session) = logged_in();
    world.forward(secs(100));
    world.op().change_user_info = Box::new(|claims| {
        claims.insert("name".into(), json!("Alice B."));
    });
    let renewed = refresh(&rp, &session).unwrap();
    assert_ne!(renewed.access_token(), session.access_token());
    assert_ne!(renewed.refresh_token(), session.refresh_token());
    assert_eq!(renewed.refreshed(), 1);
    assert_eq!(renewed.started_at(), session.started_at());
    assert_eq!(renewed.checked_at(), session.checked_at() + secs(100));
    assert_eq!(renewed.access_token_expires_at(), Some(session.started_at() + secs(400)));
    assert_eq!(renewed.claim("name"), Some(&json!("Alice B.")));
    assert_eq!(refresh(&rp, &renewed).unwrap().refreshed(), 2);
}

#[test]
fn an_answer_without_id_token_keeps_the_identity() {
    let (world, rp, session) = logged_in();
    world.op().id_token_on_refresh = false;
    let renewed = refresh(&rp, &session).unwrap();
    assert_eq!(renewed.identity().raw(), session.identity().raw());
    assert_eq!(renewed.refreshed(), 1);
}

#[test]
fn an_answer_without_refresh_token_keeps_the_old_one() {
    let (world, rp, session) = logged_in();
    world.op().change_tokens = Box::new(|answer| {
        answer.remove("refresh_token");
    });
    let renewed = refresh(&rp, &session).unwrap();
    assert_eq!(renewed.refresh_token(), session.refresh_token());
}

#[test]
fn many_who_renew_one_session_cause_one_request() {
    let (world, rp, session) = logged_in();
    world.close(Endpoint::Token);
    let mut tasks: Vec<_> = (0..50).map(|_| Task::new(rp.refresh(&session))).collect();
    for task in &mut tasks {
        assert!(task.poll().is_none());
    }
    world.open();
    let mut access_tokens = Vec::new();
    for task in &mut tasks {
        let renewed = task.poll_if_woken().unwrap().unwrap();
        access_tokens.push(renewed.access_token().expose().to_owned());
    }
    access_tokens.dedup();
    assert_eq!(access_tokens.len(), 1);
    assert_eq!(world.asked(Endpoint::Token), 2);
    assert_eq!(world.asked(Endpoint::UserInfo), 2);
}

#[test]
fn a_latecomer_gets_the_same_answer_for_a_minute() {
    let (world, rp, session) = logged_in();
    let first = refresh(&rp, &session).unwrap();
    world.forward(secs(59));
    let late = refresh(&rp, &session).unwrap();
    assert_eq!(late.access_token(), first.access_token());
    assert_eq!(world.asked(Endpoint::Token), 2);
    world.forward(secs(2));
    let error = refresh(&rp, &session).unwrap_err();
    assert_eq!(error.code(), "refresh.refused", "the provider takes a refresh token once");
    assert_eq!(world.asked(Endpoint::Token), 3);
}

#[test]
fn different_sessions_are_renewed_apart() {
    let (world, rp, session) = logged_in();
    let other = world.log_in(&rp).unwrap();
    let one = refresh(&rp, &session).unwrap();
    let two = refresh(&rp, &other).unwrap();
    assert_ne!(one.access_token(), two.access_token());
}

#[test]
fn a_refusal_is_kept_for_a_minute_and_ends_the_sign_in() {
    let (world, rp, session) = logged_in();
    world.op().instead.insert(Endpoint::Token, answer(400, &json!({"error": "invalid_grant"})));
    for _ in 0..10 {
        let error = refresh(&rp, &session).unwrap_err();
        assert_eq!((error.code(), error.fault()), ("refresh.refused", Fault::Person));
    }
    assert_eq!(world.asked(Endpoint::Token), 2);
    world.forward(secs(61));
    refresh(&rp, &session).unwrap_err();
    assert_eq!(world.asked(Endpoint::Token), 3);
}

#[test]
fn a_failure_that_passes_is_not_kept() {
    let (world, rp, session) = logged_in();
    for failure in [down(), Failure::Timeout { after: secs(10) }, Failure::Cut { why: "x".into() }]
    {
        world.op().down = Some(failure);
        assert_eq!(refresh(&rp, &session).unwrap_err().fault(), Fault::Network);
    }
    world.op().down = None;
    for status in [429, 500, 503] {
        world
            .op()
            .instead
            .insert(Endpoint::Token, answer(status, &json!({"error": "invalid_grant"})));
        assert_eq!(refresh(&rp, &session).unwrap_err().fault(), Fault::Network, "{status}");
    }
    world.op().instead.clear();
    assert!(refresh(&rp, &session).is_ok());
    assert_eq!(world.asked(Endpoint::Token), 8);
}

#[test]
fn another_error_of_the_provider_does_not_end_the_sign_in() {
    let (world, rp, session) = logged_in();
    for error in ["invalid_client", "invalid_scope", "unauthorized_client", "x"] {
        world.op().instead.insert(Endpoint::Token, answer(400, &json!({ "error": error })));
        assert_eq!(refresh(&rp, &session).unwrap_err().code(), "token.refused");
    }
    world.op().instead.clear();
    assert!(refresh(&rp, &session).is_ok());
}

#[test]
fn an_answer_that_was_under_way_when_all_went_away_is_not_lost() {
    let (world, rp, session) = logged_in();
    world.close(Endpoint::Token);
    let mut left = Task::new(rp.refresh(&session));
    assert!(left.poll().is_none());
    drop(left);
    // Much later: the refresh token is spent, so only the old answer is good.
    world.forward(secs(120));
    world.open();
    let renewed = refresh(&rp, &session).unwrap();
    assert_eq!(renewed.refreshed(), 1);
    assert_eq!(world.asked(Endpoint::Token), 2);
}

#[test]
fn a_renewal_about_somebody_else_is_refused() {
    let (world, rp, session) = logged_in();
    world.op().change_id_token = Box::new(|claims| {
        claims.insert("sub".into(), json!("bob"));
    });
    assert_eq!(refresh(&rp, &session).unwrap_err().code(), "refresh.subject");
    let (world, rp, session) = logged_in();
    world.op().change_user_info = Box::new(|claims| {
        claims.insert("sub".into(), json!("bob"));
    });
    assert_eq!(refresh(&rp, &session).unwrap_err().code(), "user_info.subject");
}

#[test]
fn a_session_without_refresh_token_is_not_renewed() {
    let world = World::new();
    world.op().change_tokens = Box::new(|answer| {
        answer.remove("refresh_token");
    });
    let rp = world.rp();
    let session = world.log_in(&rp).unwrap();
    let error = refresh(&rp, &session).unwrap_err();
    assert_eq!((error.code(), error.fault()), ("refresh.none", Fault::Person));
    assert_eq!(world.asked(Endpoint::Token), 1);
}

#[test]
fn a_rotated_key_is_followed_on_refresh() {
    let (world, rp, session) = logged_in();
    world.op().rotate();
    assert!(refresh(&rp, &session).is_ok());
    assert_eq!(world.asked(Endpoint::Keys), 2);
}
