//! Clients that register themselves.

use std::sync::Arc;

use countersign::protocol::jose::{Algorithm, SigningKey};
use countersign::{
    ClientAuthMethod, LoginOptions, Provider, RegistrationRequest, RelyingParty, Secret,
};
use serde_json::json;

use crate::support::node_provider::NodeProvider;
use crate::support::party::{Party, callback};
use crate::support::person::Person;

#[test]
fn a_client_registers_itself_once_and_logs_in() {
    let provider = NodeProvider::start(&json!({}));
    let party = Party::registering(&provider, RegistrationRequest::new([callback()]));
    for name in ["ada", "bob"] {
        let session = party.log_in(&Person::new(name), LoginOptions::new()).unwrap();
        assert_eq!(session.subject(), name);
    }
    assert_eq!(provider.requests("POST /reg"), 1);
}

#[test]
fn each_method_can_be_registered() {
    let provider = NodeProvider::start(&json!({}));
    let key = Arc::new(SigningKey::generate(Algorithm::Es256).unwrap());
    for method in ClientAuthMethod::ALL {
        let request = RegistrationRequest::new([callback()]).auth_method(method);
        let request = match method {
            ClientAuthMethod::PrivateKeyJwt => request.key(Arc::clone(&key)),
            _ => request,
        };
        let party = Party::registering(&provider, request);
        let session = party.log_in(&Person::new("ada"), LoginOptions::new());
        let session = session.unwrap_or_else(|error| panic!("{method}: {error}"));
        assert_eq!(session.subject(), "ada");
    }
}

#[test]
fn a_client_registers_itself_at_a_provider_whose_metadata_is_written_down() {
    let provider = NodeProvider::start(&json!({}));
    let party = Party::of(&provider, "none");
    let metadata = (*party.wait(party.rp.metadata()).unwrap()).clone();
    let request = RegistrationRequest::new([callback()]);
    let written = Provider::written(metadata).unwrap();
    let party = Party::with(RelyingParty::registering(written, request, callback()));
    assert_eq!(party.log_in(&Person::new("ada"), LoginOptions::new()).unwrap().subject(), "ada");
}

#[test]
fn the_initial_access_token_opens_a_closed_registration() {
    let provider = NodeProvider::start(&json!({ "initialAccessToken": "let-me-in" }));
    let request = RegistrationRequest::new([callback()]);
    let party = Party::registering(&provider, request.clone());
    let error = party.wait(party.rp.begin(LoginOptions::new())).unwrap_err();
    assert_eq!(error.code(), "registration.token", "{error}");

    let request = request.initial_access_token(Secret::from("let-me-in"));
    let party = Party::registering(&provider, request);
    assert_eq!(party.log_in(&Person::new("ada"), LoginOptions::new()).unwrap().subject(), "ada");
}

#[test]
fn a_refused_registration_is_told_in_the_providers_words() {
    let provider = NodeProvider::start(&json!({}));
    let request = RegistrationRequest::new([callback()])
        .member("id_token_signed_response_alg", json!("none of them"));
    let party = Party::registering(&provider, request);
    let error = party.wait(party.rp.begin(LoginOptions::new())).unwrap_err();
    assert_eq!(error.code(), "registration.refused", "{error}");
    assert_eq!(error.provider_says().unwrap().error, "invalid_client_metadata");
}
