//! Logins and sessions that an application keeps in parts.

use std::collections::HashMap;

use countersign::protocol::jose::json::Object;
use countersign::protocol::login::KeptRequest;
use countersign::{KeptSession, PendingLogin, Secret, Session, danger};
use serde_json::{Value, json};
use url::Url;

use crate::support::{ISSUER, START, World, ready};

fn parameters(url: &Url) -> Object {
    let pairs: HashMap<String, String> = url.query_pairs().into_owned().collect();
    pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
}

fn kept<'a>(parameters: &'a Object, pending: &PendingLogin) -> KeptRequest<'a> {
    let verifier = pending.verifier().cloned();
    KeptRequest { parameters, issuer: ISSUER, verifier, started_at: START }
}

#[test]
fn a_login_is_finished_from_the_parameters_of_its_request() {
    let world = World::new();
    let rp = world.rp();
    let (url, pending) = world.begin(&rp).unwrap();
    let parameters = parameters(&url);
    let again = danger::kept_login(kept(&parameters, &pending)).unwrap();
    assert!(ready(rp.complete(again, world.authorize(&url))).is_ok());
}

#[test]
fn a_kept_login_still_compares_state_and_nonce() {
    for (name, code) in [("state", "login.state_mismatch"), ("nonce", "id_token.nonce")] {
        let world = World::new();
        let rp = world.rp();
        let (url, pending) = world.begin(&rp).unwrap();
        let mut parameters = parameters(&url);
        parameters.insert(name.into(), json!("of-another-login"));
        let again = danger::kept_login(kept(&parameters, &pending)).unwrap();
        let refused = ready(rp.complete(again, world.authorize(&url))).unwrap_err();
        assert_eq!(refused.code(), code);
    }
}

#[test]
fn a_kept_login_of_another_provider_is_refused() {
    let world = World::new();
    let rp = world.rp();
    let (url, pending) = world.begin(&rp).unwrap();
    let parameters = parameters(&url);
    let other = KeptRequest { issuer: "https://other.example", ..kept(&parameters, &pending) };
    let again = danger::kept_login(other).unwrap();
    assert_eq!(
        ready(rp.complete(again, world.authorize(&url))).unwrap_err().code(),
        "login.issuer"
    );
}

#[test]
fn a_request_that_lacks_what_is_compared_is_no_login() {
    let world = World::new();
    let (url, pending) = world.begin(&world.rp()).unwrap();
    for name in ["state", "nonce", "client_id", "redirect_uri"] {
        for wrong in [Value::Null, json!(""), json!(7)] {
            let mut parameters = parameters(&url);
            parameters.insert(name.into(), wrong);
            let error = danger::kept_login(kept(&parameters, &pending)).unwrap_err();
            assert_eq!(error.parameter, name);
        }
    }
}

#[test]
fn a_kept_max_age_is_still_demanded() {
    let world = World::new();
    let rp = world.rp();
    world.op().change_id_token = Box::new(|claims| {
        claims.remove("auth_time");
    });
    for max_age in [json!(60), json!("60")] {
        let (url, pending) = world.begin(&rp).unwrap();
        let mut parameters = parameters(&url);
        parameters.insert("max_age".into(), max_age);
        let again = danger::kept_login(kept(&parameters, &pending)).unwrap();
        let refused = ready(rp.complete(again, world.authorize(&url))).unwrap_err();
        assert!(refused.code().starts_with("id_token."), "{refused}");
    }
}

#[test]
fn only_a_login_without_nonce_takes_any_nonce() {
    let world = World::new();
    let rp = world.rp();
    let (url, pending) = world.begin(&rp).unwrap();
    let mut parameters = parameters(&url);
    parameters.remove("nonce");
    assert!(danger::kept_login(kept(&parameters, &pending)).is_err());
    let again = danger::login_without_nonce(kept(&parameters, &pending)).unwrap();
    assert_eq!(again.nonce(), None);
    assert!(ready(rp.complete(again, world.authorize(&url))).is_ok());
}

fn restored(session: &Session, claims: Object) -> Session {
    danger::kept_session(KeptSession {
        identity: danger::kept_claims(claims, START).unwrap(),
        user_info: None,
        access_token: session.access_token().clone(),
        expires_at: session.access_token_expires_at(),
        refresh_token: session.refresh_token().cloned(),
        scope: session.scope().to_owned(),
        client_id: session.client_id().to_owned(),
        started_at: START,
    })
}

#[test]
fn a_session_that_is_kept_as_claims_is_renewed() {
    let world = World::new();
    let rp = world.rp();
    let session = world.log_in(&rp).unwrap();
    let kept = restored(&session, session.claims().clone());
    let renewed = ready(rp.refresh(&kept)).unwrap();
    assert_eq!((renewed.subject(), renewed.refreshed()), ("alice", 1));
    let url =
        ready(rp.logout_url(Some(&kept), countersign::LogoutOptions::new())).unwrap().unwrap();
    assert!(!url.as_str().contains("id_token_hint"), "there is no token to show: {url}");
}

#[test]
fn a_kept_session_is_not_renewed_for_somebody_else() {
    let world = World::new();
    let rp = world.rp();
    let session = world.log_in(&rp).unwrap();
    let mut claims = session.claims().clone();
    claims.insert("sub".into(), json!("bob"));
    assert!(ready(rp.refresh(&restored(&session, claims))).is_err());
}

#[test]
fn a_process_that_is_forked_off_does_not_register_again() {
    let world = World::new();
    let parent = world.registering();
    let (url, pending) = world.begin(&parent).unwrap();
    let child = world.registering();
    child.take_over(&parent);
    assert!(ready(child.complete(pending, world.authorize(&url))).is_ok());
    assert_eq!(world.op().registered, 1);
}

#[test]
fn somebody_is_identified_without_a_profile() {
    let world = World::new();
    let rp = world.rp();
    let (url, pending) = world.begin(&rp).unwrap();
    let session = ready(rp.identify(pending, world.authorize(&url))).unwrap();
    assert_eq!((session.subject(), session.user_info().is_none()), ("alice", true));
    assert_eq!(world.asked(countersign::protocol::value::endpoint::Endpoint::UserInfo), 0);
}

#[test]
fn a_token_that_was_kept_apart_is_shown_at_logout() {
    let world = World::new();
    let rp = world.rp();
    let options = countersign::LogoutOptions::new().id_token_hint(Secret::from("a.b.c"));
    let url = ready(rp.logout_url(None, options)).unwrap().unwrap();
    assert!(url.as_str().contains("id_token_hint=a.b.c"), "{url}");
}
