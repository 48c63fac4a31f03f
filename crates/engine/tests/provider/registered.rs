use countersign::protocol::value::endpoint::Endpoint;
use countersign::{Fault, LoginOptions, RegistrationRequest, RelyingParty};
use serde_json::json;

use crate::support::{Task, World, answer, discovered, down, ready, redirect_uri, secs};

fn client_id(url: &url::Url) -> String {
    url.query_pairs().find(|(name, _)| name == "client_id").unwrap().1.into_owned()
}

#[test]
fn a_client_registers_itself_once_however_many_wait() {
    let world = World::new();
    let rp = world.registering();
    world.close(Endpoint::Registration);
    let mut tasks: Vec<_> = (0..50).map(|_| Task::new(rp.begin(LoginOptions::new()))).collect();
    for task in &mut tasks {
        assert!(task.poll().is_none());
    }
    world.open();
    for task in &mut tasks {
        let (url, _) = task.poll_if_woken().unwrap().unwrap();
        assert_eq!(client_id(&url), "client-1");
    }
    assert_eq!(world.asked(Endpoint::Registration), 1);
    assert!(world.log_in(&rp).is_ok());
}

#[test]
fn what_the_provider_answered_to_a_registration_can_be_read() {
    let world = World::new();
    let rp = world.registering();
    assert!(rp.registration().is_none());
    world.begin(&rp).unwrap();
    assert_eq!(rp.registration().unwrap().all()["client_id"], "client-1");
    assert!(world.rp().registration().is_none());
}

#[test]
fn a_login_begun_before_the_renewal_is_completed_with_its_client() {
    let world = World::new();
    world.op().secret_lifetime = Some(secs(3600));
    let rp = world.registering();
    let (before, pending) = world.begin(&rp).unwrap();
    world.forward(secs(3539));
    assert_eq!(client_id(&world.begin(&rp).unwrap().0), "client-1");
    world.forward(secs(1));
    let (after, _) = world.begin(&rp).unwrap();
    assert_eq!((client_id(&before), client_id(&after)), ("client-1".into(), "client-2".into()));
    let callback = world.authorize(&before);
    let session = ready(rp.complete(pending, callback)).unwrap();
    assert_eq!(session.client_id(), "client-1");
    assert_eq!(world.asked(Endpoint::Registration), 2);
    assert!(ready(rp.refresh(&session)).is_ok());
}

#[test]
fn a_renewal_that_fails_leaves_the_client_until_its_secret_ends() {
    let world = World::new();
    world.op().secret_lifetime = Some(secs(3600));
    let rp = world.registering();
    world.begin(&rp).unwrap();
    world.op().instead.insert(Endpoint::Registration, answer(503, &json!({})));
    world.forward(secs(3545));
    assert!(world.log_in(&rp).is_ok());
    assert!(world.log_in(&rp).is_ok());
    assert_eq!(world.asked(Endpoint::Registration), 2, "the back-off holds");
    world.forward(secs(55));
    assert_eq!(world.begin(&rp).unwrap_err().fault(), Fault::Network);
    world.op().instead.clear();
    world.forward(secs(60));
    assert!(world.log_in(&rp).is_ok());
}

#[test]
fn a_client_that_the_provider_forgot_registers_again() {
    let world = World::new();
    let rp = world.registering();
    world.log_in(&rp).unwrap();
    world.op().clients.remove("client-1");
    let (url, pending) = world.begin(&rp).unwrap();
    world.op().clients.insert("client-1".into(), Some("another".into()));
    let callback = world.authorize(&url);
    let error = ready(rp.complete(pending, callback)).unwrap_err();
    assert_eq!(error.code(), "token.refused");
    assert_eq!(error.provider_says().unwrap().error, "invalid_client");
    let session = world.log_in(&rp).unwrap();
    assert_eq!(session.client_id(), "client-2");
}

#[test]
fn a_client_that_was_registered_by_hand_is_never_replaced() {
    let world = World::new();
    let rp = world.rp();
    world.op().clients.insert("web".into(), Some("another".into()));
    for _ in 0..3 {
        assert_eq!(world.log_in(&rp).unwrap_err().code(), "token.refused");
    }
    assert_eq!(world.asked(Endpoint::Registration), 0);
    assert_eq!(ready(rp.client()).unwrap().id(), "web");
}

#[test]
fn a_secret_that_was_born_expired_does_not_register_for_each_login() {
    let world = World::new();
    world.op().registration.insert("client_secret_expires_at".into(), json!(1_600_000_000));
    let rp = world.registering();
    for _ in 0..10 {
        world.begin(&rp).unwrap();
    }
    assert_eq!(world.asked(Endpoint::Registration), 1);
    world.forward(secs(60));
    world.begin(&rp).unwrap();
    assert_eq!(world.asked(Endpoint::Registration), 2);
}

#[test]
fn a_refused_registration_is_not_tried_again_at_once() {
    let world = World::new();
    let words = json!({"error": "invalid_client_metadata", "error_description": "no"});
    world.op().instead.insert(Endpoint::Registration, answer(400, &words));
    let rp = world.registering();
    for _ in 0..10 {
        let error = world.begin(&rp).unwrap_err();
        assert_eq!(error.code(), "registration.refused");
        assert_eq!(error.provider_says().unwrap().error, "invalid_client_metadata");
    }
    assert_eq!(world.asked(Endpoint::Registration), 1);
}

#[test]
fn a_provider_without_registration_is_an_error_of_the_setup() {
    let world = World::new();
    world.op().document.remove("registration_endpoint").unwrap();
    let request = RegistrationRequest::new([redirect_uri()]);
    let rp = RelyingParty::registering(discovered(), request, redirect_uri());
    let error = world.begin(&rp.build(world.outside()).unwrap()).unwrap_err();
    assert_eq!(error.code(), "setup.endpoint");
}

#[test]
fn a_provider_that_is_down_is_not_asked_to_register() {
    let world = World::new();
    world.op().down = Some(down());
    assert!(world.begin(&world.registering()).is_err());
    assert_eq!(world.asked(Endpoint::Registration), 0);
}
