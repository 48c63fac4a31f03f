//! What is answered when an extractor finds nobody.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use countersign_web::Reply;

/// The guard's reply: a redirect to the provider, 401 as JSON, or a page.
#[derive(Clone, Debug)]
pub struct Rejection(Box<Reply>);

impl Rejection {
    /// A mistake in the application, not in the request.
    pub(crate) fn no_layer() -> Self {
        tracing::error!(
            code = "setup.layer",
            "an extractor of countersign_axum is used on a route without Countersign::layer() or a layer of Api"
        );
        let text = serde_json::json!({
            "error": "setup.layer",
            "message": "This application is not set up correctly.",
        });
        Self(Box::new(Reply::json(StatusCode::INTERNAL_SERVER_ERROR, &text)))
    }
}

impl From<Reply> for Rejection {
    fn from(reply: Reply) -> Self {
        Self(Box::new(reply))
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        self.0.into_http().map(Body::from)
    }
}
