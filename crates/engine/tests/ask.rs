use bytes::Bytes;
use countersign::protocol::value::endpoint::Endpoint;
use countersign::{Fault, RelyingParty};
use serde_json::json;

use crate::support::{World, answer, client, discovered, down, redirect_uri};

fn reached_at(world: &World, address: &str) -> RelyingParty {
    let provider = discovered().reached_at(address.parse().unwrap());
    RelyingParty::builder(provider, client(), redirect_uri()).build(world.outside()).unwrap()
}

#[test]
fn a_detour_is_taken_by_this_machine_and_not_by_the_browser() {
    let world = World::new();
    let rp = reached_at(&world, "https://op.internal:8443");
    let (url, _) = world.begin(&rp).unwrap();
    assert_eq!(url.host_str(), Some("op.example"));
    let session = world.log_in(&rp).unwrap();
    assert_eq!(session.issuer(), "https://op.example");
    for request in world.requests() {
        assert_eq!(request.url().host_str(), Some("op.internal"), "{request:?}");
        assert_eq!(request.url().port(), Some(8443));
    }
    let paths: Vec<_> =
        world.requests().iter().map(|request| request.url().path().to_owned()).collect();
    assert_eq!(paths[0], "/.well-known/openid-configuration");
    assert!(paths.contains(&"/token".to_owned()) && paths.contains(&"/jwks".to_owned()));
}

#[test]
fn a_detour_with_a_path_replaces_the_issuer() {
    let world = World::new();
    world.op().document.insert("jwks_uri".into(), json!("https://op.example/jwks?v=2"));
    let rp = reached_at(&world, "https://op.internal/behind/");
    world.log_in(&rp).unwrap();
    let urls: Vec<_> = world.requests().iter().map(|request| request.url().to_string()).collect();
    assert!(urls.contains(&"https://op.internal/behind/token".to_owned()), "{urls:?}");
    assert!(urls.contains(&"https://op.internal/behind/jwks?v=2".to_owned()), "{urls:?}");
}

#[test]
fn an_endpoint_on_another_host_is_no_part_of_the_detour() {
    let world = World::new();
    world.op().document.insert("jwks_uri".into(), json!("https://keys.example/jwks"));
    world.log_in(&reached_at(&world, "https://op.internal")).unwrap();
    let asked = world.requests();
    let keys = asked.iter().find(|request| request.endpoint() == Endpoint::Keys).unwrap();
    assert_eq!(keys.url().as_str(), "https://keys.example/jwks");
}

#[test]
fn a_failure_of_the_network_is_one_of_the_network() {
    let world = World::new();
    world.op().down = Some(down());
    let error = world.begin(&world.rp()).unwrap_err();
    assert_eq!(error.code(), "network.unreachable");
    assert_eq!(error.fault(), Fault::Network);
    assert!(error.to_string().contains("discovery document"), "{error}");
    assert!(error.retry_after().is_some());
}

#[test]
fn an_exhausted_provider_is_a_failure_that_passes() {
    for status in [429, 500, 502, 503] {
        let world = World::new();
        world.op().instead.insert(Endpoint::Discovery, answer(status, &json!({})));
        let error = world.begin(&world.rp()).unwrap_err();
        assert_eq!((error.code(), error.fault()), ("provider.status", Fault::Network), "{status}");
        assert!(error.retry_after().is_some());
    }
    let world = World::new();
    world.op().instead.insert(Endpoint::Discovery, answer(404, &json!({})));
    let error = world.begin(&world.rp()).unwrap_err();
    assert_eq!(error.fault(), Fault::Provider);
}

#[test]
fn an_answer_that_a_transport_did_not_cut_is_too_large_here() {
    let world = World::new();
    let mut large = answer(200, &json!({}));
    large.body = Bytes::from(vec![b' '; 1024 * 1024 + 1]);
    world.op().instead.insert(Endpoint::Discovery, large);
    let error = world.begin(&world.rp()).unwrap_err();
    assert_eq!(error.code(), "network.too_large");
}
