//! Tokens for calls onward: fetched in the application's own name, kept, renewed, taken back.

use std::sync::Arc;
use std::time::Duration;

use countersign::protocol::jose::{Algorithm, SigningKey};
use countersign::{
    Client, ClientAuthentication, Introspection, ResourceServer, Secret, TokenAsk, TokenClient,
};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::api::{AUDIENCE, Api, trusted};
use crate::support::node_provider::NodeProvider;
use crate::support::party::{discovered, named};

#[test]
fn each_method_of_authentication_brings_a_token_that_the_api_takes() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let keys = json!({ "keys": [Value::Object(key.public_jwk())] });
    let provider = NodeProvider::start(&json!({ "clientJwks": keys }));
    let api = Api::of(&provider.issuer);
    let methods = ["client_secret_basic", "client_secret_post", "client_secret_jwt"];
    let mut clients: Vec<_> = methods.iter().map(|name| named(&provider, name)).collect();
    let id = &provider.client("private_key_jwt").client_id;
    clients.push(Client::new(id, ClientAuthentication::PrivateKeyJwt(Arc::new(key))));
    for client in clients {
        let tokens = tokens(&api, &provider, client.clone());
        let grant = api.wait(tokens.client_credentials(&ask())).unwrap();
        assert_eq!(grant.scope, "notes:read");
        let token = api.bearer(grant.token.expose()).unwrap();
        assert_eq!(token.subject(), Some(client.id()));
        assert!(token.has_scope("notes:read"));
    }
}

#[test]
fn a_token_is_fetched_once_and_renewed_before_it_ends() {
    let provider = NodeProvider::start(&json!({ "ttl": { "ClientCredentials": 300 } }));
    let api = Api::of(&provider.issuer);
    let tokens = tokens(&api, &provider, named(&provider, "client_secret_basic"));
    let ask = ask();
    let all = || join_all((0..20).map(|_| tokens.client_credentials(&ask)));
    let grants = api.wait(async { all().await });
    let first = grants[0].as_ref().unwrap().token.clone();
    assert!(grants.iter().all(|grant| grant.as_ref().unwrap().token == first));
    assert_eq!(provider.requests("POST /token"), 1);
    api.later(Duration::from_secs(200));
    assert!(api.wait(tokens.client_credentials(&ask)).unwrap().token == first);
    api.later(Duration::from_secs(75));
    let second = api.wait(tokens.client_credentials(&ask)).unwrap().token;
    assert!(second != first);
    assert_eq!(provider.requests("POST /token"), 2);
    // Another question, another token.
    let more = TokenAsk::new().resource(AUDIENCE).scope("notes:write");
    assert!(api.wait(tokens.client_credentials(&more)).unwrap().token != second);
    assert_eq!(provider.requests("POST /token"), 3);
}

#[test]
fn a_token_that_was_taken_back_passes_nowhere_and_is_not_handed_out_again() {
    let apis = json!({ AUDIENCE: { "format": "opaque" } });
    let provider = NodeProvider::start(&json!({ "apis": apis }));
    let introspection = Introspection::new(named(&provider, "api")).keep(Duration::ZERO);
    let issuer = trusted(&provider.issuer).introspection(introspection);
    let api = Api::with(ResourceServer::builder([AUDIENCE]).issuer(issuer));
    let tokens = tokens(&api, &provider, named(&provider, "client_secret_post"));
    let grant = api.wait(tokens.client_credentials(&ask())).unwrap();
    api.bearer(grant.token.expose()).unwrap();
    api.wait(tokens.revoke(&grant.token, None)).unwrap();
    assert_eq!(api.bearer(grant.token.expose()).unwrap_err().code(), "access_token.inactive");
    let next = api.wait(tokens.client_credentials(&ask())).unwrap();
    assert!(next.token != grant.token);
    api.bearer(next.token.expose()).unwrap();
    // Twice is once, and what is unknown is no fault, RFC 7009 section 2.2.
    api.wait(tokens.revoke(&grant.token, None)).unwrap();
    api.wait(tokens.revoke(&Secret::from("nobody-has-issued-this"), None)).unwrap();
    // This provider can't take back what it does not keep, and says so.
    provider.set(&json!({ "apis": {} }));
    tokens.forget(&next.token);
    let signed = api.wait(tokens.client_credentials(&ask())).unwrap();
    let error = api.wait(tokens.revoke(&signed.token, None)).unwrap_err();
    assert_eq!(error.code(), "revocation.unsupported", "{error}");
}

#[test]
fn a_refusal_comes_in_the_providers_words_and_is_not_asked_for_again_at_once() {
    let provider = NodeProvider::start(&json!({}));
    let api = Api::of(&provider.issuer);
    api.stop_clock();
    let id = &provider.client("client_secret_basic").client_id;
    let client = Client::with_secret(id, Secret::from("wrong"));
    let tokens = tokens(&api, &provider, client);
    for _ in 0..2 {
        let error = api.wait(tokens.client_credentials(&ask())).unwrap_err();
        assert_eq!(error.provider_says().unwrap().error, "invalid_client", "{error}");
        assert!(!error.to_string().contains("wrong"), "{error}");
    }
    assert_eq!(provider.requests("POST /token"), 1);
}

fn tokens(api: &Api, provider: &NodeProvider, client: Client) -> TokenClient {
    TokenClient::builder(discovered(provider), client).build(api.outside.clone()).unwrap()
}

fn ask() -> TokenAsk {
    TokenAsk::new().resource(AUDIENCE).scope("notes:read")
}
