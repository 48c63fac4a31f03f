//! The provider's metadata (OpenID Connect Discovery section 3, RFC 8414 section 2).

use axum::extract::State;
use axum::response::Response;
use countersign_jose::Algorithm;
use countersign_jose::json::Object;
use http::StatusCode;
use serde_json::{Value, json};

use super::mint::{MINT, MINT_MEMBER};
use super::{Endpoint, Shared};
use crate::answer::json_answer;
use crate::builder::Registration;
use crate::claims;
use crate::client::{CODE, CREDENTIALS, ClientAuth, EXCHANGE, IMPLICIT, REFRESH, ResponseTypes};
use crate::dpop;
use crate::mischief::Part;
use crate::provider::Inner;

pub(crate) async fn answer(State(provider): Shared) -> Response {
    let mut document = metadata(&provider);
    let steps = provider.mischief.steps(None);
    steps.bend_object(Part::Metadata, &mut document, provider.clock.now());
    json_answer(StatusCode::OK, &Value::Object(document))
}

fn metadata(provider: &Inner) -> Object {
    let settings = &provider.settings;
    let methods = ClientAuth::ALL.map(ClientAuth::name);
    let signing: Vec<&str> =
        settings.algorithms.iter().copied().map(Algorithm::name).chain(MACS).collect();
    let mut document = Object::new();
    let mut put = |name: &str, value: Value| drop(document.insert(name.to_owned(), value));
    put("issuer", json!(settings.issuer));
    put("authorization_endpoint", json!(provider.url(Endpoint::Authorize)));
    put("token_endpoint", json!(provider.url(Endpoint::Token)));
    put("userinfo_endpoint", json!(provider.url(Endpoint::UserInfo)));
    put("jwks_uri", json!(provider.url(Endpoint::Jwks)));
    if settings.registration != Registration::Closed {
        put("registration_endpoint", json!(provider.url(Endpoint::Register)));
    }
    put("introspection_endpoint", json!(provider.url(Endpoint::Introspect)));
    put("revocation_endpoint", json!(provider.url(Endpoint::Revoke)));
    put("end_session_endpoint", json!(provider.url(Endpoint::Logout)));
    put("scopes_supported", json!(settings.scopes));
    put("response_types_supported", json!(ResponseTypes::ALL));
    put("response_modes_supported", json!(["query", "fragment", "form_post"]));
    put("grant_types_supported", json!([CODE, REFRESH, IMPLICIT, CREDENTIALS, EXCHANGE]));
    put("code_challenge_methods_supported", json!(["S256"]));
    for endpoint in ["token", "introspection", "revocation"] {
        // RFC 8414 section 2: at the introspection endpoint a kind of access token may be one.
        let bearer = (endpoint == "introspection").then_some("Bearer");
        let methods: Vec<&str> = methods.into_iter().chain(bearer).collect();
        put(&format!("{endpoint}_endpoint_auth_methods_supported"), json!(methods));
        put(&format!("{endpoint}_endpoint_auth_signing_alg_values_supported"), json!(signing));
    }
    put("id_token_signing_alg_values_supported", json!(signing));
    put("userinfo_signing_alg_values_supported", json!(signing));
    put("introspection_signing_alg_values_supported", json!(signing));
    put("dpop_signing_alg_values_supported", json!(dpop::algorithms()));
    put("subject_types_supported", json!(["public"]));
    put("acr_values_supported", json!(settings.acr_values));
    put("claim_types_supported", json!(["normal"]));
    put("claims_supported", json!(claims::announced()));
    put("claims_parameter_supported", json!(true));
    put("request_parameter_supported", json!(false));
    put("request_uri_parameter_supported", json!(false));
    put("authorization_response_iss_parameter_supported", json!(true));
    for channel in ["backchannel", "frontchannel"] {
        put(&format!("{channel}_logout_supported"), json!(true));
        put(&format!("{channel}_logout_session_supported"), json!(true));
    }
    put("prompt_values_supported", json!(["none", "login", "consent", "select_account"]));
    put("display_values_supported", json!(["page"]));
    put("ui_locales_supported", json!(["en"]));
    if settings.controls {
        put(MINT_MEMBER, json!(format!("{}{MINT}", settings.issuer.trim_end_matches('/'))));
    }
    document
}

const MACS: [&str; 3] = ["HS256", "HS384", "HS512"];
