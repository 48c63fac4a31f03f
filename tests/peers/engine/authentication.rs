//! Every client authentication, as the peer judges it.

use std::sync::Arc;

use countersign::protocol::jose::{Algorithm, SigningKey};
use countersign::{Client, ClientAuthentication, LoginOptions, RelyingParty, Secret};
use serde_json::{Value, json};

use crate::support::node_provider::NodeProvider;
use crate::support::party::{Party, callback, discovered};
use crate::support::person::Person;

#[test]
fn each_method_without_a_key_logs_in() {
    let provider = NodeProvider::start(&json!({}));
    for method in ["none", "client_secret_basic", "client_secret_post", "client_secret_jwt"] {
        let party = Party::of(&provider, method);
        let session = party.log_in(&Person::new("ada"), LoginOptions::new());
        let session = session.unwrap_or_else(|error| panic!("{method}: {error}"));
        assert_eq!(session.subject(), "ada", "{method}");
    }
}

#[test]
fn private_key_jwt_logs_in_with_each_kind_of_key() {
    let algorithms = [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa];
    let keys = algorithms.map(|alg| SigningKey::generate(alg).unwrap());
    let jwks: Vec<_> = keys.iter().map(|key| Value::Object(key.public_jwk())).collect();
    let provider = NodeProvider::start(&json!({ "clientJwks": { "keys": jwks } }));
    let id = &provider.client("private_key_jwt").client_id;
    for (alg, key) in algorithms.into_iter().zip(keys) {
        let client = Client::new(id, ClientAuthentication::PrivateKeyJwt(Arc::new(key)));
        let party = Party::with(RelyingParty::builder(discovered(&provider), client, callback()));
        let session = party.log_in(&Person::new("ada"), LoginOptions::new());
        assert_eq!(session.unwrap_or_else(|error| panic!("{alg}: {error}")).subject(), "ada");
    }
}

#[test]
fn a_wrong_secret_is_told_in_the_providers_words_and_a_good_login_follows() {
    let provider = NodeProvider::start(&json!({}));
    let id = &provider.client("client_secret_basic").client_id;
    let client = Client::with_secret(id, Secret::from("wrong"));
    let party = Party::with(RelyingParty::builder(discovered(&provider), client, callback()));
    let ada = Person::new("ada");
    let error = party.log_in(&ada, LoginOptions::new()).unwrap_err();
    assert_eq!(error.code(), "token.refused");
    assert_eq!(error.provider_says().unwrap().error, "invalid_client");
    assert!(!error.to_string().contains("wrong"), "{error}");

    let party = Party::of(&provider, "client_secret_basic");
    assert_eq!(party.log_in(&ada, LoginOptions::new()).unwrap().subject(), "ada");
}
