//! Dynamic registration (RFC 7591, OpenID Connect Registration) and what follows (RFC 7592).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use countersign_jose::json::{self, Object};
use countersign_jose::{Algorithm, KeySet, constant_time_eq};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::{Endpoint, Shared, user_info};
use crate::answer::{self, OAuthError, json_answer, typed};
use crate::builder::Registration;
use crate::client::{Client, ClientAuth, Metadata, ResponseTypes};
use crate::doors;
use crate::mischief::Part;
use crate::provider::Inner;

pub(crate) async fn create(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    match register(&provider, &headers, &body) {
        Ok(client) => {
            let mut document = document(&provider, &client);
            let steps = provider.mischief.steps(None);
            steps.bend_object(Part::Registration, &mut document, provider.clock.now());
            provider.book().clients.insert(client.id.clone(), client);
            json_answer(StatusCode::CREATED, &Value::Object(document))
        }
        Err(error) => error.into_response(),
    }
}

pub(crate) async fn read(
    State(provider): Shared,
    Path(client_id): Path<String>,
    headers: HeaderMap,
) -> Response {
    match own(&provider, &client_id, &headers) {
        Ok(client) => {
            let document = Value::Object(document(&provider, &client));
            answer::for_client(json_answer(StatusCode::OK, &document), &client_id)
        }
        Err(error) => error.into_response(),
    }
}

pub(crate) async fn delete(
    State(provider): Shared,
    Path(client_id): Path<String>,
    headers: HeaderMap,
) -> Response {
    match own(&provider, &client_id, &headers) {
        Ok(client) => {
            let mut book = provider.book();
            book.clients.remove(&client.id);
            let of_client = book.grants.values_mut().filter(|grant| grant.client_id == client.id);
            of_client.for_each(|grant| grant.revoked = true);
            typed(StatusCode::NO_CONTENT, "text/plain", String::new())
        }
        Err(error) => error.into_response(),
    }
}

fn register(provider: &Arc<Inner>, headers: &HeaderMap, body: &[u8]) -> Result<Client, OAuthError> {
    match &provider.settings.registration {
        Registration::Open => {}
        Registration::Token(right) => {
            let given = user_info::bearer(headers, b"")?;
            if !constant_time_eq(given.as_bytes(), right.as_bytes()) {
                let text = "the initial access token is wrong";
                return Err(OAuthError::bearer("invalid_token", text));
            }
        }
        Registration::Closed => {
            let error = OAuthError::new("access_denied", "registration is closed here");
            return Err(error.status(StatusCode::FORBIDDEN));
        }
    }
    let metadata = metadata(provider, body)?;
    let method = metadata.token_endpoint_auth_method;
    let macs = [&metadata.id_token_signed_response_alg, &metadata.userinfo_signed_response_alg];
    let macs = macs.into_iter().flatten().any(|alg| alg.starts_with("HS"));
    let secret = (method.needs_secret() || macs).then(|| {
        // RFC 7518 section 3.2 wants 512 bits for HS512.
        format!("{}{}{}", doors::random(), doors::random(), doors::random())
    });
    let now = provider.clock.now();
    let life = provider.settings.registered_secret_lifetime;
    let mut client = Client::registered(doors::random(), secret, metadata);
    client.issued_at = now;
    client.secret_expires_at = life.map_or(0, |life| now.saturating_add(life));
    client.registration_token = Some(doors::random());
    Ok(client)
}

/// The metadata asked for, as far as it can be had.
fn metadata(provider: &Inner, body: &[u8]) -> Result<Metadata, OAuthError> {
    let bad = |reason: String| OAuthError::new("invalid_client_metadata", reason);
    let object = json::object(body).map_err(|error| bad(error.to_string()))?;
    let metadata: Metadata =
        serde_json::from_value(Value::Object(object)).map_err(|error| bad(error.to_string()))?;
    let ResponseTypes(asked) = &metadata.response_types;
    let known = |asked: &String| {
        ResponseTypes::ALL.iter().any(|k| ResponseTypes::sorted(k) == ResponseTypes::sorted(asked))
    };
    if let Some(other) = asked.iter().find(|asked| !known(asked)) {
        return Err(bad(format!("response_types: {other:?} is not supported")));
    }
    if metadata.redirect_uris.is_empty() && !asked.is_empty() {
        let text = "redirect_uris must hold at least one address";
        return Err(OAuthError::new("invalid_redirect_uri", text));
    }
    let called = [&metadata.backchannel_logout_uri, &metadata.frontchannel_logout_uri];
    if let Some(uri) = called.into_iter().flatten().find(|uri| !is_web(uri)) {
        return Err(bad(format!("{uri:?} is not an http or https address without fragment")));
    }
    for uri in metadata.redirect_uris.iter().chain(&metadata.post_logout_redirect_uris) {
        let good = Url::parse(uri).is_ok_and(|url| {
            url.fragment().is_none() && !["javascript", "data", "file"].contains(&url.scheme())
        });
        if !good {
            let text = format!("{uri:?} is not an absolute address without fragment");
            return Err(OAuthError::new("invalid_redirect_uri", text));
        }
    }
    let algorithms =
        [&metadata.id_token_signed_response_alg, &metadata.userinfo_signed_response_alg];
    for asked in algorithms.into_iter().flatten() {
        let signs = |alg: Algorithm| alg.is_mac() || provider.settings.algorithms.contains(&alg);
        if !asked.parse().is_ok_and(signs) {
            return Err(bad(format!("algorithm {asked:?} is not supported")));
        }
    }
    if metadata.token_endpoint_auth_method == ClientAuth::PrivateKeyJwt {
        let Some(jwks) = &metadata.jwks else {
            let text = "private_key_jwt needs jwks; the development provider fetches no jwks_uri";
            return Err(bad(text.to_owned()));
        };
        let document = Value::Object(jwks.clone()).to_string();
        let keys = KeySet::parse(document.as_bytes()).map_err(|error| bad(error.to_string()))?;
        if keys.is_empty() {
            return Err(bad(format!("jwks holds no usable key: {:?}", keys.skipped())));
        }
    }
    Ok(metadata)
}

fn is_web(uri: &str) -> bool {
    Url::parse(uri)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.fragment().is_none())
}

/// The client, if the registration access token fits (RFC 7592 section 2.1).
fn own(provider: &Inner, client_id: &str, headers: &HeaderMap) -> Result<Client, OAuthError> {
    let token = user_info::bearer(headers, b"")?;
    let client = provider.book().clients.get(client_id).cloned();
    let right = |client: &Client| {
        let right = client.registration_token.as_deref().unwrap_or_default();
        !right.is_empty() && constant_time_eq(right.as_bytes(), token.as_bytes())
    };
    client
        .filter(right)
        .ok_or_else(|| OAuthError::bearer("invalid_token", "no such registration for this token"))
}

/// The answer of RFC 7591 section 3.2.1.
fn document(provider: &Inner, client: &Client) -> Object {
    let metadata = serde_json::to_value(&client.metadata).unwrap_or_default();
    let mut document = metadata.as_object().cloned().unwrap_or_default();
    let mut put = |name: &str, value: Value| drop(document.insert(name.to_owned(), value));
    put("client_id", json!(client.id));
    put("client_id_issued_at", json!(client.issued_at));
    if let Some(secret) = &client.secret {
        put("client_secret", json!(secret));
        put("client_secret_expires_at", json!(client.secret_expires_at));
    }
    if let Some(token) = &client.registration_token {
        let address = format!("{}/{}", provider.url(Endpoint::Register), client.id);
        put("registration_access_token", json!(token));
        put("registration_client_uri", json!(address));
    }
    document
}
