//! HTTP answers: JSON, errors, redirects and pages, none of which may be stored.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::builder::Settings;

/// Tells which client an answer is for, so that misbehaviour can meet only that one.
#[derive(Clone)]
pub(crate) struct ForClient(pub(crate) String);

/// An error as RFC 6749 section 5.2 and its relatives write it.
#[derive(Debug)]
pub(crate) struct OAuthError {
    status: StatusCode,
    error: &'static str,
    description: String,
    challenge: Option<&'static str>,
}

impl OAuthError {
    /// An error with status 400.
    pub(crate) fn new(error: &'static str, description: impl Into<String>) -> Self {
        let description = description.into();
        Self { status: StatusCode::BAD_REQUEST, error, description, challenge: None }
    }

    /// The client is not who it says it is.
    pub(crate) fn client(description: impl Into<String>) -> Self {
        let challenge = Some("Basic realm=\"development provider\"");
        let status = StatusCode::UNAUTHORIZED;
        Self { status, challenge, ..Self::new("invalid_client", description) }
    }

    /// The bearer token is missing or no good (RFC 6750 section 3).
    pub(crate) fn bearer(error: &'static str, description: impl Into<String>) -> Self {
        let challenge = Some("Bearer");
        Self { status: StatusCode::UNAUTHORIZED, challenge, ..Self::new(error, description) }
    }

    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let description = plain(&self.description);
        let body = json!({ "error": self.error, "error_description": description });
        let mut response = json_answer(self.status, &body);
        if let Some(challenge) = self.challenge {
            // RFC 6750 section 3.1 wants the error in the challenge as well.
            let full = match challenge {
                "Bearer" => {
                    format!("Bearer error=\"{}\", error_description=\"{description}\"", self.error,)
                }
                other => other.to_owned(),
            };
            set(&mut response, header::WWW_AUTHENTICATE, &full);
        }
        response
    }
}

/// A description in the characters that RFC 6749 section 4.1.2.1 allows.
pub(crate) fn plain(description: &str) -> String {
    let allowed = |letter| match letter {
        '"' | '\\' => '\'',
        ' '..='~' => letter,
        _ => '?',
    };
    description.chars().map(allowed).collect()
}

/// JSON that nobody may store.
pub(crate) fn json_answer(status: StatusCode, value: &Value) -> Response {
    typed(status, "application/json", value.to_string())
}

/// A body of any type that nobody may store.
pub(crate) fn typed(status: StatusCode, content_type: &str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    set(&mut response, header::CONTENT_TYPE, content_type);
    set(&mut response, header::CACHE_CONTROL, "no-store");
    set(&mut response, header::PRAGMA, "no-cache");
    response
}

/// Sends the browser on with a GET.
pub(crate) fn see_other(to: &str) -> Response {
    let mut response = typed(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", String::new());
    set(&mut response, header::LOCATION, to);
    set(&mut response, header::REFERRER_POLICY, "no-referrer");
    response
}

/// Marks whom the answer is for.
pub(crate) fn for_client(mut response: Response, client_id: &str) -> Response {
    response.extensions_mut().insert(ForClient(client_id.to_owned()));
    response
}

/// Sets a header field; a value that can't be one is left out.
pub(crate) fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        response.headers_mut().insert(name, value);
    }
}

/// Adds a cookie for this host, out of reach of scripts.
pub(crate) fn set_cookie(
    response: &mut Response,
    settings: &Settings,
    name: &str,
    value: &str,
    life: i64,
) {
    let path = if settings.base_path.is_empty() { "/" } else { &settings.base_path };
    let secure = if settings.issuer.starts_with("https:") { "; Secure" } else { "" };
    let cookie =
        format!("{name}={value}; Path={path}; Max-Age={life}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// The value of a cookie of the request.
pub(crate) fn cookie(headers: &http::HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).into_iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value.to_owned())
}
