//! Remote control for tests in other languages and browsers: `/dev/…`, on loopback only.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use countersign_jose::Algorithm;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

use super::{Shared, mint};
use crate::DevProvider;
use crate::answer::{OAuthError, json_answer, typed};
use crate::mischief::{Mischief, Who, cases};
use crate::provider::Inner;

pub(crate) fn routes() -> Router<Arc<Inner>> {
    Router::new()
        .route("/dev/mischief", get(list).post(set))
        .route("/dev/clock", get(time).post(advance))
        .route("/dev/keys", post(rotate))
        .route(mint::MINT, post(mint::answer))
        .route("/dev/sessions", post(end_sessions))
        .route("/dev/requests", get(requests))
        .route("/dev/unpublished-keys", get(unpublished))
}

async fn list(State(provider): Shared) -> Response {
    let cases: Vec<Value> =
        cases().iter().map(|case| json!({"name": case.name, "about": case.about})).collect();
    let body = json!({ "active": provider.mischief.active(), "cases": cases });
    json_answer(StatusCode::OK, &body)
}

/// `{"client_id": "shop", "case": "id_token.alg_none"}`, `{"steps": […]}` or `{"clear": true}`;
/// without `client_id` it meets everybody.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    case: Option<String>,
    #[serde(default)]
    steps: Vec<Mischief>,
    #[serde(default)]
    clear: bool,
}

async fn set(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let order: Order = match read(&headers, &body) {
        Ok(order) => order,
        Err(response) => return *response,
    };
    if order.clear {
        provider.mischief.clear();
    }
    let mut steps = order.steps;
    if let Some(name) = &order.case {
        match Mischief::named(name) {
            Some(named) => steps.extend(named),
            None => {
                let text = format!("no mischief is named {name:?}; GET lists the names");
                return OAuthError::new("invalid_request", text).into_response();
            }
        }
    }
    if !steps.is_empty() || !order.clear {
        let who = order.client_id.map_or(Who::All, Who::Client);
        provider.mischief.set(who, steps);
    }
    json_answer(StatusCode::OK, &json!({ "active": provider.mischief.active() }))
}

async fn time(State(provider): Shared) -> Response {
    json_answer(StatusCode::OK, &json!({ "now": provider.clock.now() }))
}

/// `{"advance": seconds}` or `{"set": unix_seconds}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    #[serde(default)]
    advance: u64,
    #[serde(default)]
    set: Option<i64>,
}

async fn advance(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let order: Move = match read(&headers, &body) {
        Ok(order) => order,
        Err(response) => return *response,
    };
    if let Some(now) = order.set {
        provider.clock.set(now);
    }
    provider.clock.advance(Duration::from_secs(order.advance));
    json_answer(StatusCode::OK, &json!({ "now": provider.clock.now() }))
}

/// `{"rotate": times}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    rotate: u8,
}

async fn rotate(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let order: Rotation = match read(&headers, &body) {
        Ok(order) => order,
        Err(response) => return *response,
    };
    for _ in 0..order.rotate.min(MOST_ROTATIONS) {
        if let Err(error) = provider.keys.rotate() {
            return crate::tokens::server_error(&error.to_string()).into_response();
        }
    }
    json_answer(StatusCode::OK, &json!({ "keys": provider.keys.published().len() }))
}

/// `{"end": username}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    end: String,
}

async fn end_sessions(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let order: End = match read(&headers, &body) {
        Ok(order) => order,
        Err(response) => return *response,
    };
    let ended = DevProvider(provider).end_sessions(&order.end);
    json_answer(StatusCode::OK, &json!({ "ended": ended }))
}

async fn requests(State(provider): Shared) -> Response {
    let requests = provider.counters.read();
    json_answer(StatusCode::OK, &serde_json::to_value(requests).unwrap_or_default())
}

/// The key to which `jku` points in `id_token.embedded_jku`; nobody should ever ask for it.
async fn unpublished(State(provider): Shared) -> Response {
    let keys: Vec<Value> = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa]
        .into_iter()
        .filter_map(|algorithm| provider.keys.foreign(algorithm).ok())
        .map(|key| Value::Object(key.public_jwk()))
        .collect();
    let body = json!({ "keys": keys }).to_string();
    typed(StatusCode::OK, "application/jwk-set+json", body)
}

/// Only JSON: a page of another origin can't send that without asking first.
pub(super) fn read<T: for<'de> Deserialize<'de>>(
    headers: &HeaderMap,
    body: &[u8],
) -> Result<T, Box<Response>> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !given.is_some_and(|given| given.starts_with("application/json")) {
        let error = OAuthError::new("invalid_request", "the body must be application/json");
        return Err(Box::new(error.into_response()));
    }
    serde_json::from_slice(body).map_err(|error| {
        Box::new(OAuthError::new("invalid_request", error.to_string()).into_response())
    })
}

const MOST_ROTATIONS: u8 = 10;
