//! The key set (RFC 7517 section 5).

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::Shared;
use crate::answer::typed;
use crate::mischief::{self, Signature};

pub(crate) async fn answer(State(provider): Shared) -> Response {
    let steps = provider.mischief.steps(None);
    let mut keys = provider.keys.published();
    if steps.signature() == Some(Signature::Weak) {
        keys.insert(0, mischief::weak_jwk());
    }
    steps.bend_keys(&mut keys, provider.clock.now());
    let document = json!({ "keys": keys }).to_string();
    typed(StatusCode::OK, "application/jwk-set+json", document)
}
