//! Whether the application lives, and whether people can log in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use countersign::Fault;
use serde_json::json;

use super::App;

/// The process answers.
pub(crate) async fn alive() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "status": "alive" }))).into_response()
}

/// The provider can be used.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    let Err(error) = app.site.relying_party().ready().await else {
        return (no_store, Json(json!({ "status": "ready" }))).into_response();
    };
    let body = json!({
        "status": "not_ready",
        "error": error.code(),
        "message": error.meaning(),
    });
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, no_store, Json(body)).into_response();
    if error.fault() == Fault::Network {
        let seconds = error.retry_after().map_or(5, |wait| wait.as_secs().max(1));
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}
