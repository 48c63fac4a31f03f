//! What an API needs to know of its provider, which is less than a login does.

use countersign::protocol::discovery::Metadata;
use countersign::protocol::jose::KeySet;
use countersign::protocol::value::endpoint::Endpoint;
use countersign::{
    Client, Error, Issuer, LoginOptions, Provider, RelyingParty, TokenAsk, TokenClient,
};
use serde_json::{Value, json};

use crate::support::{World, answer, client, discovered, down, ready, redirect_uri, secs};

const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

fn tokens(world: &World) -> TokenClient {
    TokenClient::builder(discovered(), client()).build(world.outside()).unwrap()
}

fn fetched(tokens: &TokenClient) -> Result<(), Error> {
    ready(tokens.client_credentials(&TokenAsk::new())).map(drop)
}

fn paths(world: &World) -> Vec<String> {
    let requests = world.requests();
    let discovery = requests.iter().filter(|request| request.endpoint() == Endpoint::Discovery);
    discovery.map(|request| request.url().path().to_owned()).collect()
}

#[test]
fn metadata_of_openid_come_first_and_suffice() {
    let world = World::new();
    fetched(&tokens(&world)).unwrap();
    assert_eq!(paths(&world), [OPENID]);
}

#[test]
fn metadata_of_oauth_are_taken_where_there_are_none_of_openid() {
    let world = World::new();
    world.op().not_there.push(OPENID.to_owned());
    world.op().document.remove("authorization_endpoint");
    fetched(&tokens(&world)).unwrap();
    assert_eq!(paths(&world), [OPENID, OAUTH]);
}

#[test]
fn a_login_does_not_look_for_metadata_of_oauth() {
    let world = World::new();
    world.op().not_there.push(OPENID.to_owned());
    assert_eq!(world.begin(&world.rp()).unwrap_err().code(), "provider.status");
    assert_eq!(paths(&world), [OPENID]);
}

#[test]
fn a_login_needs_its_endpoints_as_before() {
    for needed in ["authorization_endpoint", "token_endpoint"] {
        let world = World::new();
        world.op().document.remove(needed).unwrap();
        assert_eq!(world.begin(&world.rp()).unwrap_err().code(), "discovery.member");
    }
}

#[test]
fn metadata_of_nowhere_are_told_as_such() {
    let world = World::new();
    world.op().not_there.extend([OPENID.to_owned(), OAUTH.to_owned()]);
    assert_eq!(fetched(&tokens(&world)).unwrap_err().code(), "provider.status");
}

#[test]
fn a_provider_that_is_overloaded_or_down_is_not_asked_at_another_place() {
    for status in [429, 500, 503] {
        let world = World::new();
        world.op().instead.insert(Endpoint::Discovery, answer(status, &json!({})));
        assert!(fetched(&tokens(&world)).is_err());
        assert_eq!(paths(&world), [OPENID], "{status}");
    }
    let world = World::new();
    world.op().down = Some(down());
    assert!(fetched(&tokens(&world)).is_err());
    assert_eq!(paths(&world), [OPENID]);
}

#[test]
fn metadata_of_somebody_else_are_refused_at_the_second_place_too() {
    let world = World::new();
    world.op().not_there.push(OPENID.to_owned());
    world.op().document.insert("issuer".into(), json!("https://evil.example"));
    assert_eq!(fetched(&tokens(&world)).unwrap_err().code(), "discovery.issuer");
}

#[test]
fn an_issuer_with_a_path_is_looked_for_behind_its_host() {
    let world = World::new();
    let provider = Provider::discover(Issuer::parse("https://op.example/a/").unwrap());
    world.op().not_there.push(format!("/a{OPENID}"));
    let tokens = TokenClient::builder(provider, client()).build(world.outside()).unwrap();
    assert_eq!(fetched(&tokens).unwrap_err().code(), "discovery.issuer");
    assert_eq!(paths(&world), [format!("/a{OPENID}"), format!("{OAUTH}/a")]);
}

#[test]
fn an_endpoint_that_is_not_offered_is_an_error_of_the_setup() {
    let world = World::new();
    world.op().document.remove("token_endpoint");
    let error = fetched(&tokens(&world)).unwrap_err();
    assert_eq!(error.code(), "setup.endpoint");
    assert!(error.to_string().contains("token_endpoint"), "{error}");
}

#[test]
fn nobody_logs_in_at_a_provider_known_only_to_an_api() {
    let world = World::new();
    let document = json!({"issuer": "https://op.example", "jwks": {"keys": []}});
    let api = Metadata::for_api(document.to_string().as_bytes()).unwrap();
    let keys = KeySet::from_jwks([world.op().signer.public_jwk()]);
    let issuer = Issuer::parse("https://op.example").unwrap();
    for provider in [Provider::written(api).unwrap(), Provider::with_keys(issuer, keys)] {
        let rp = RelyingParty::builder(provider, client(), redirect_uri()).build(world.outside());
        let error = ready(rp.unwrap().begin(LoginOptions::new())).unwrap_err();
        assert_eq!(error.code(), "setup.option");
        assert!(error.to_string().contains("authorization_endpoint"), "{error}");
    }
    assert_eq!(world.requests().len(), 0);
}

#[test]
fn written_metadata_of_an_api_are_enough_for_tokens() {
    let world = World::new();
    let document: Value =
        json!({"issuer": "https://op.example", "token_endpoint": "https://op.example/token"});
    let api = Metadata::for_api(document.to_string().as_bytes()).unwrap();
    let provider = Provider::written(api).unwrap();
    let tokens = TokenClient::builder(provider, client()).build(world.outside()).unwrap();
    fetched(&tokens).unwrap();
    world.forward(secs(7200));
    fetched(&tokens).unwrap();
    assert_eq!(world.asked(Endpoint::Discovery), 0);
}

#[test]
fn a_client_without_authentication_is_told_at_once() {
    let world = World::new();
    let tokens = TokenClient::builder(discovered(), Client::public("web")).build(world.outside());
    let error = fetched(&tokens.unwrap()).unwrap_err();
    assert_eq!(error.code(), "setup.client_auth");
    assert_eq!(world.asked(Endpoint::Token), 0);
}
