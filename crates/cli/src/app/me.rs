//! The session as JSON, without a token in it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use countersign::ReturnTo;
use countersign_axum::Session;
use serde_json::{Value, json};

use super::App;

/// `GET /me`
pub(crate) async fn me(State(app): State<Arc<App>>, session: Option<Session>) -> Response {
    match session {
        Some(session) => Json(described(&app, &session).await).into_response(),
        None => nobody(&app),
    }
}

/// What is known of a session, for whoever it belongs to.
pub(crate) async fn described(app: &App, session: &countersign::Session) -> Value {
    let mut described = json!({
        "sub": session.subject(),
        "iss": session.issuer(),
        "id_token": session.claims(),
        "userinfo": session.user_info(),
        "scope": session.scope(),
        "access_token_expires_at": session.access_token_expires_at().map(|at| at.as_secs()),
        "session_expires_at": app.site.policy().ends_at(session).as_secs(),
        "refreshed": session.refreshed(),
    });
    if let (Some(called), Some(members)) = (app.call(session).await, described.as_object_mut()) {
        members.insert("api".to_owned(), called);
    }
    described
}

/// 401 for everybody, a person's navigation included: this address is for programs.
fn nobody(app: &App) -> Response {
    let body = json!({
        "error": "session.required",
        "message": "You need to sign in for this.",
        "login": app.site.login_url(&ReturnTo::default()),
    });
    (StatusCode::UNAUTHORIZED, Json(body)).into_response()
}
