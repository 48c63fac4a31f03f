//! The API: routes for programs, which bring access tokens.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get};
use axum::{Json, Router};
use countersign::Requirement;
use countersign_axum::{Api, Token};
use serde_json::{Value, json};

/// All of it, but the metadata that stand outside.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(api: &Api) -> Router<S> {
    let guarded = |route: MethodRouter<S>, requirement| {
        route.fallback(wrong_method).layer(api.require(requirement))
    };
    Router::new()
        .route("/api/me", guarded(get(me), Requirement::new()))
        .route("/api/notes", guarded(get(notes), Requirement::new().scope("notes:read")))
        .route("/api/editor", guarded(get(editor), Requirement::new().role("editor")))
        .route("/api", any(nothing))
        .route("/api/{*rest}", any(nothing))
}

/// What the token says.
async fn me(token: Token) -> Response {
    fresh(StatusCode::OK, json!(token.claims()))
}

async fn notes(token: Token) -> Response {
    let notes = ["Buy milk", "Water the plants"];
    fresh(StatusCode::OK, json!({ "sub": token.subject(), "notes": notes }))
}

async fn editor(token: Token) -> Response {
    let may_write = token.has_scope("notes:write");
    fresh(
        StatusCode::OK,
        json!({ "sub": token.subject(), "editor": true, "may_write_notes": may_write }),
    )
}

async fn nothing() -> Response {
    let routes = ["/api/me", "/api/notes", "/api/editor"];
    fresh(
        StatusCode::NOT_FOUND,
        json!({
            "error": "not_found",
            "message": "There is nothing at this address.",
            "routes": routes,
        }),
    )
}

async fn wrong_method() -> Response {
    fresh(
        StatusCode::METHOD_NOT_ALLOWED,
        json!({ "error": "method_not_allowed", "message": "This address is read with GET." }),
    )
}

/// Another token gets another answer.
fn fresh(status: StatusCode, body: Value) -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::VARY, "Authorization")];
    (status, headers, Json(body)).into_response()
}
