use countersign::protocol::jose::json::Object;
use countersign::protocol::value::endpoint::Endpoint;
use countersign::{Error, RelyingParty};
use serde_json::{Value, json};

use crate::support::{ISSUER, World, down, ready, secs};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What the provider says when a session of a client ends.
fn token(world: &World, client_id: &str, jti: &str) -> String {
    let now = countersign::outside::Clock::now(world).as_secs();
    let claims = json!({
        "iss": ISSUER,
        "aud": client_id,
        "sub": "alice",
        "iat": now,
        "exp": now + 120,
        "jti": jti,
        "events": { EVENT: {} },
    });
    let mut header = Object::new();
    header.insert("typ".into(), json!("logout+jwt"));
    world.op().signer.sign(&header, claims.to_string().as_bytes()).unwrap()
}

fn told(rp: &RelyingParty, token: &str) -> Result<Option<String>, Error> {
    ready(rp.logout_token(token)).map(|token| token.subject().map(str::to_owned))
}

fn code(rp: &RelyingParty, token: &str) -> &'static str {
    told(rp, token).unwrap_err().code()
}

#[test]
fn a_logout_of_the_provider_is_heard_once() {
    let world = World::new();
    let rp = world.rp();
    let first = token(&world, "web", "j-1");
    assert_eq!(told(&rp, &first).unwrap().as_deref(), Some("alice"));
    assert_eq!(code(&rp, &first), "logout_token.replay");
    assert!(told(&rp, &token(&world, "web", "j-2")).is_ok());
    // For as long as it is good, clock_skew included.
    world.forward(secs(179));
    assert_eq!(code(&rp, &first), "logout_token.replay");
    world.forward(secs(1));
    assert_eq!(code(&rp, &first), "logout_token.expired");
}

#[test]
fn a_logout_token_by_a_key_just_rotated_is_heard() {
    let world = World::new();
    let rp = world.rp();
    assert!(told(&rp, &token(&world, "web", "j-1")).is_ok());
    world.op().rotate();
    assert!(told(&rp, &token(&world, "web", "j-2")).is_ok());
    assert_eq!(world.asked(Endpoint::Keys), 2);
}

#[test]
fn an_id_token_of_the_client_ends_nothing() {
    let world = World::new();
    let rp = world.rp();
    let session = world.log_in(&rp).unwrap();
    let id_token = session.identity().raw().expose().to_owned();
    assert_eq!(code(&rp, &id_token), "logout_token.kind");
}

#[test]
fn a_token_of_another_client_is_refused() {
    let world = World::new();
    assert_eq!(code(&world.rp(), &token(&world, "other", "j-1")), "logout_token.audience");
    assert_eq!(code(&world.rp(), "no token at all"), "jws.malformed");
}

#[test]
fn a_token_while_the_keys_cannot_be_had_may_be_brought_again() {
    let world = World::new();
    let rp = world.rp();
    let told_later = token(&world, "web", "j-1");
    world.op().down = Some(down());
    assert_eq!(code(&rp, &told_later), "network.unreachable");
    world.op().down = None;
    world.forward(secs(60));
    assert!(told(&rp, &told_later).is_ok());
}

#[test]
fn sessions_of_an_earlier_registration_are_ended_too() {
    let world = World::new();
    world.op().secret_lifetime = Some(secs(3600));
    let rp = world.registering();
    world.log_in(&rp).unwrap();
    world.forward(secs(3600));
    world.begin(&rp).unwrap();
    assert_eq!(world.asked(Endpoint::Registration), 2);
    for client_id in ["client-1", "client-2"] {
        assert!(told(&rp, &token(&world, client_id, client_id)).is_ok(), "{client_id}");
    }
    assert_eq!(code(&rp, &token(&world, "client-3", "j-3")), "logout_token.audience");
}

#[test]
fn a_renewed_session_keeps_the_name_that_the_provider_gave_it() {
    let world = World::new();
    let rp = world.rp();
    world.op().change_id_token = Box::new(|claims| {
        claims.insert("sid".into(), json!("s-1"));
        claims.insert("auth_time".into(), json!(1_699_999_990));
    });
    let session = world.log_in(&rp).unwrap();
    assert_eq!(session.session_id(), Some("s-1"));
    world.op().change_id_token = Box::new(|_| {});
    let mut renewed = session.clone();
    for _ in 0..2 {
        world.forward(secs(100));
        renewed = ready(rp.refresh(&renewed)).unwrap();
        // From one cookie to the next.
        let record = renewed.to_record();
        renewed = countersign::Session::from_authenticated_record(&record).unwrap();
    }
    assert_eq!(renewed.claims().get("sid"), None::<&Value>);
    assert_eq!(renewed.session_id(), Some("s-1"));
    assert_eq!(renewed.auth_time(), session.auth_time());
    world.op().change_id_token = Box::new(|claims| {
        claims.insert("auth_time".into(), json!(1_699_999_999));
    });
    let error = ready(rp.refresh(&renewed)).unwrap_err();
    assert_eq!(error.code(), "refresh.subject");
}
