//! Answers: the one place that knows status codes, and the headers that all of ours carry.

use std::sync::Arc;

use bytes::Bytes;
use countersign_protocol::{Fault, ProviderSays};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use crate::error::{self, Problem};
use crate::pages;

/// An answer that a face sends as it is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers, `Set-Cookie` among them.
    pub headers: HeaderMap,
    /// The body; empty for redirects.
    pub body: Bytes,
}

impl Reply {
    /// An answer without a body. It is not to be stored by anybody, as it depends on who asks.
    #[must_use]
    pub fn new(status: StatusCode) -> Self {
        let mut reply = Self { status, headers: HeaderMap::new(), body: Bytes::new() };
        reply.put(header::CACHE_CONTROL, "no-store");
        reply.put(header::VARY, "Cookie");
        reply
    }

    /// A redirect with a GET to follow (303, RFC 9110 section 15.4.4).
    #[must_use]
    pub fn see_other(location: &str) -> Self {
        let mut reply = Self::new(StatusCode::SEE_OTHER);
        reply.put(header::LOCATION, location);
        reply.put(header::REFERRER_POLICY, "no-referrer");
        reply
    }

    /// A page of HTML. Its own headers decide what it may load; set them with [`Reply::header`].
    #[must_use]
    pub fn html(status: StatusCode, text: impl Into<Bytes>) -> Self {
        Self::with_body(status, "text/html; charset=utf-8", text.into())
    }

    /// A JSON answer.
    #[must_use]
    pub fn json(status: StatusCode, value: &serde_json::Value) -> Self {
        Self::with_body(status, "application/json", value.to_string().into())
    }

    /// Sets a header; an invalid value is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.put(name, value);
        self
    }

    /// The same as a response of the `http` crate.
    #[must_use]
    pub fn into_http(self) -> Response<Bytes> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }

    pub(crate) fn cookies(mut self, cookies: impl IntoIterator<Item = HeaderValue>) -> Self {
        for cookie in cookies {
            self.headers.append(header::SET_COOKIE, cookie);
        }
        self
    }

    fn with_body(status: StatusCode, kind: &'static str, body: Bytes) -> Self {
        let mut reply = Self::new(status);
        reply.put(header::CONTENT_TYPE, kind);
        reply.put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        reply.put(header::REFERRER_POLICY, "no-referrer");
        reply.body = body;
        reply
    }

    fn put(&mut self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
    }
}

/// What an application's own error page gets to show.
///
/// Nothing in it is a secret; the provider's words are cut to the characters that RFC 6749
/// section 4.1.2.1 allows, and still have to be escaped like any text from outside.
#[derive(Debug)]
pub struct ErrorView<'a> {
    problem: &'a Problem,
    status: StatusCode,
    try_again: &'a str,
}

impl ErrorView<'_> {
    /// The provider's `error` if it said one, else our stable code.
    #[must_use]
    pub fn error(&self) -> &str {
        self.says().map_or(self.code(), |says| &says.error)
    }

    /// The provider's `error_description` if it gave one, else what our code means.
    #[must_use]
    pub fn error_description(&self) -> &str {
        self.says().and_then(|says| says.description.as_deref()).unwrap_or(self.meaning())
    }

    /// The stable code, such as `login.expired`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.problem.code.code
    }

    /// What the code means, in words for everybody.
    #[must_use]
    pub const fn meaning(&self) -> &'static str {
        self.problem.code.meaning
    }

    /// The cause that was found, in words for everybody.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        self.problem.reason.map(error::Reason::words)
    }

    /// Whose fault it is.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        self.problem.fault
    }

    /// The status that the answer should have.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// An address that starts the login again and keeps where the person wanted to go.
    #[must_use]
    pub const fn try_again(&self) -> &str {
        self.try_again
    }

    pub(crate) const fn says(&self) -> Option<&ProviderSays> {
        self.problem.says.as_ref()
    }
}

/// An application's own error page; `None` leaves the answer to ours.
pub(crate) type ShowError = Arc<dyn Fn(&ErrorView<'_>) -> Option<Reply> + Send + Sync>;

/// How a problem is to be told.
#[derive(Clone, Copy)]
pub(crate) struct Telling<'a> {
    /// To a person in a window, or to a program.
    pub(crate) as_page: bool,
    /// The login address with the target.
    pub(crate) login: &'a str,
    /// The start page.
    pub(crate) home: &'a str,
    /// For the page's own style.
    pub(crate) nonce: &'a str,
    pub(crate) show: Option<&'a ShowError>,
}

/// The table: a problem's answer.
pub(crate) fn tell(problem: &Problem, telling: Telling<'_>) -> Reply {
    problem.log();
    let status = status(problem);
    let reply = if telling.as_page {
        let view = ErrorView { problem, status, try_again: telling.login };
        let own = telling.show.and_then(|show| show(&view));
        own.unwrap_or_else(|| pages::error(&view, telling.home, telling.nonce))
    } else {
        Reply::json(status, &body(problem, telling.login))
    };
    later(problem, reply)
}

/// The same for an API, where nobody can sign in.
pub(crate) fn tell_program(problem: &Problem) -> Reply {
    problem.log();
    let code = problem.code;
    let body = serde_json::json!({
        "error": code.code,
        "error_description": code.meaning,
        "code": code.code,
    });
    later(problem, Reply::json(status(problem), &body))
}

/// When to come back.
pub(crate) fn later(problem: &Problem, reply: Reply) -> Reply {
    if problem.fault != Fault::Network {
        return reply;
    }
    let seconds = problem.retry_after.map_or(RETRY_AFTER, |wait| wait.as_secs().max(1));
    reply.header(header::RETRY_AFTER, &seconds.to_string())
}

fn status(problem: &Problem) -> StatusCode {
    let code = problem.code;
    match problem.fault {
        Fault::Person if code == &error::SESSION_REQUIRED => StatusCode::UNAUTHORIZED,
        Fault::Person if code == &error::SESSION_CLAIMS => StatusCode::FORBIDDEN,
        Fault::Person if code == &error::LOGOUT_FOREIGN => StatusCode::FORBIDDEN,
        Fault::Person if code == &error::REQUEST_METHOD => StatusCode::METHOD_NOT_ALLOWED,
        Fault::Person if code == &error::REQUEST_TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
        Fault::Person if code == &error::REQUEST_FORM => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Fault::Person => StatusCode::BAD_REQUEST,
        Fault::Provider => StatusCode::BAD_GATEWAY,
        Fault::Network => StatusCode::SERVICE_UNAVAILABLE,
        Fault::Setup | Fault::Bug => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn body(problem: &Problem, login: &str) -> serde_json::Value {
    let mut body = serde_json::json!({
        "error": problem.code.code,
        "message": problem.code.meaning,
        "login": login,
    });
    if let (Some(reason), Some(body)) = (problem.reason, body.as_object_mut()) {
        body.insert("reason".to_owned(), reason.name().into());
    }
    if let (Some(says), Some(body)) = (&problem.says, body.as_object_mut()) {
        body.insert("provider_error".to_owned(), says.error.as_str().into());
    }
    body
}

/// Seconds until another try makes sense, when nothing better is known.
const RETRY_AFTER: u64 = 5;
