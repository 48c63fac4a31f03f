use countersign::LogoutOptions;
use countersign::protocol::value::endpoint::Endpoint;

use crate::support::{World, down, ready, secs};

#[test]
fn the_hint_is_the_id_token_of_the_session() {
    let world = World::new();
    let rp = world.rp();
    let session = world.log_in(&rp).unwrap();
    let url = ready(rp.logout_url(Some(&session), LogoutOptions::new())).unwrap().unwrap();
    let hint = url.query_pairs().find(|(name, _)| name == "id_token_hint").unwrap().1;
    assert_eq!(hint, session.identity().raw().expose());
    let url = ready(rp.logout_url(None, LogoutOptions::new())).unwrap().unwrap();
    assert_eq!(url.as_str(), "https://op.example/logout?client_id=web");
}

#[test]
fn a_provider_without_the_endpoint_has_no_address() {
    let world = World::new();
    world.op().document.remove("end_session_endpoint").unwrap();
    assert!(ready(world.rp().logout_url(None, LogoutOptions::new())).unwrap().is_none());
}

#[test]
fn a_session_of_an_earlier_client_logs_out_with_it() {
    let world = World::new();
    world.op().secret_lifetime = Some(secs(3600));
    let rp = world.registering();
    let session = world.log_in(&rp).unwrap();
    world.forward(secs(3600));
    world.begin(&rp).unwrap();
    let url = ready(rp.logout_url(Some(&session), LogoutOptions::new())).unwrap().unwrap();
    assert!(url.as_str().ends_with("client_id=client-1"), "{url}");
    assert_eq!(world.asked(Endpoint::Registration), 2);
}

#[test]
fn a_provider_that_was_never_reached_gives_an_error() {
    let world = World::new();
    world.op().down = Some(down());
    let error = ready(world.rp().logout_url(None, LogoutOptions::new())).unwrap_err();
    assert_eq!(error.code(), "network.unreachable");
}
