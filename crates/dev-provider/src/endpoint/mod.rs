//! The addresses of the provider: routing, counting, and the place where answers are bent.

pub(crate) mod authorize;
mod client_auth;
mod consent;
mod discovery;
mod exchange;
mod introspect;
mod keys;
mod login;
mod logout;
mod mint;
mod register;
mod remote;
mod revoke;
mod token;
mod user_info;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};

use crate::answer::{self, ForClient, OAuthError};
use crate::form::Params;
use crate::mischief;
use crate::pages;
use crate::provider::Inner;

/// The provider's endpoints, as counters and mischief name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Endpoint {
    /// `/.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`.
    Discovery,
    /// The key set.
    Jwks,
    /// The authorization endpoint.
    Authorize,
    /// The login page.
    Login,
    /// The consent page.
    Consent,
    /// The token endpoint.
    Token,
    /// The userinfo endpoint.
    UserInfo,
    /// The registration endpoint, with what it says about a client later.
    Register,
    /// The introspection endpoint.
    Introspect,
    /// The revocation endpoint.
    Revoke,
    /// The end session endpoint.
    Logout,
}

impl Endpoint {
    /// Every endpoint.
    pub const ALL: [Self; 11] = [
        Self::Discovery,
        Self::Jwks,
        Self::Authorize,
        Self::Login,
        Self::Consent,
        Self::Token,
        Self::UserInfo,
        Self::Register,
        Self::Introspect,
        Self::Revoke,
        Self::Logout,
    ];

    /// The path below the issuer.
    pub fn path(self) -> &'static str {
        match self {
            Self::Discovery => "/.well-known/openid-configuration",
            Self::Jwks => "/jwks",
            Self::Authorize => "/authorize",
            Self::Login => "/login",
            Self::Consent => "/consent",
            Self::Token => "/token",
            Self::UserInfo => "/userinfo",
            Self::Register => "/register",
            Self::Introspect => "/introspect",
            Self::Revoke => "/revoke",
            Self::Logout => "/logout",
        }
    }

    fn at(path: &str) -> Option<Self> {
        match path {
            _ if path.starts_with(OAUTH_METADATA) => Some(Self::Discovery),
            AUTHMACHINE_TOKEN => Some(Self::Token),
            _ if path.starts_with("/register/") => Some(Self::Register),
            _ => Self::ALL.into_iter().find(|endpoint| endpoint.path() == path),
        }
    }
}

/// How often endpoints were asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Requests(BTreeMap<Endpoint, u64>);

impl Requests {
    /// The number of requests that reached this endpoint.
    pub fn count(&self, endpoint: Endpoint) -> u64 {
        self.0.get(&endpoint).copied().unwrap_or_default()
    }

    /// The number of requests to all endpoints.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counters(Mutex<Requests>);

impl Counters {
    fn count(&self, endpoint: Endpoint) {
        let mut requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.0.entry(endpoint).or_default() += 1;
    }

    pub(crate) fn read(&self) -> Requests {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The provider as handlers see it.
pub(crate) type Shared = State<Arc<Inner>>;

/// Every route, below the issuer's path.
pub(crate) fn router(provider: Arc<Inner>) -> Router {
    let mut routes = Router::new()
        .route(Endpoint::Discovery.path(), get(discovery::answer))
        .route(OAUTH_METADATA, get(discovery::answer))
        .route(Endpoint::Jwks.path(), get(keys::answer))
        .route(Endpoint::Authorize.path(), get(authorize::ask).post(authorize::ask_by_form))
        .route(Endpoint::Login.path(), get(login::show).post(login::submit))
        .route(Endpoint::Consent.path(), get(consent::show).post(consent::submit))
        .route(Endpoint::Token.path(), post(token::answer))
        .route(AUTHMACHINE_TOKEN, post(token::answer))
        .route(Endpoint::UserInfo.path(), get(user_info::answer).post(user_info::answer))
        .route(Endpoint::Register.path(), post(register::create))
        .route("/register/{client_id}", get(register::read).delete(register::delete))
        .route(Endpoint::Introspect.path(), post(introspect::answer))
        .route(Endpoint::Revoke.path(), post(revoke::answer))
        .route(Endpoint::Logout.path(), get(logout::ask).post(logout::confirm))
        .route("/healthz", get(async || "ok\n"))
        .route("/", get(welcome))
        .layer(middleware::from_fn_with_state(Arc::clone(&provider), observe));
    if provider.settings.controls {
        routes = routes.merge(remote::routes());
    }
    let routes = routes.fallback(not_found).with_state(Arc::clone(&provider));
    let base = provider.settings.base_path.clone();
    if base.is_empty() {
        return routes;
    }
    // RFC 8414 section 3.1 puts the path behind the well-known part.
    let inserted = Router::new()
        .route(&format!("{OAUTH_METADATA}{base}"), get(discovery::answer))
        .layer(middleware::from_fn_with_state(Arc::clone(&provider), observe))
        .with_state(provider);
    Router::new().nest(&base, routes).merge(inserted)
}

/// Counts the request and bends its answer.
async fn observe(State(provider): Shared, request: Request, next: Next) -> Response {
    let endpoint = Endpoint::at(request.uri().path());
    let Some(endpoint) = endpoint else { return next.run(request).await };
    provider.counters.count(endpoint);
    let response = next.run(request).await;
    let client = response.extensions().get::<ForClient>().map(|client| client.0.clone());
    let steps = provider.mischief.steps(client.as_deref());
    tracing::debug!(?endpoint, client, status = response.status().as_u16(), "answered");
    mischief::bend(endpoint, &steps, response).await
}

async fn welcome(State(provider): Shared) -> Response {
    let users = provider.book().users.clone();
    pages::page(StatusCode::OK, pages::welcome(&provider, &users))
}

async fn not_found() -> Response {
    let body = pages::problem("Not found", "The development provider has nothing here.", None);
    pages::page(StatusCode::NOT_FOUND, body)
}

/// Reads the form of a request to an endpoint that answers JSON.
fn json_form(headers: &HeaderMap, body: &[u8]) -> Result<Params, OAuthError> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_form = given.is_some_and(|given| {
        let essence = given.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    });
    if !is_form {
        let text = "the body must be application/x-www-form-urlencoded";
        return Err(OAuthError::new("invalid_request", text));
    }
    Params::parse(body).map_err(|repeated| {
        let text = format!("parameter {:?} comes more than once", repeated.0);
        OAuthError::new("invalid_request", text)
    })
}

/// The cookie that tells browsers apart, made when there is none.
struct Browser {
    id: String,
    new: bool,
}

impl Browser {
    fn of(provider: &Inner, headers: &HeaderMap) -> Self {
        match answer::cookie(headers, &browser_cookie(provider)) {
            Some(id) if !id.is_empty() => Self { id, new: false },
            _ => Self { id: crate::doors::random(), new: true },
        }
    }

    /// Hands the cookie to the browser if it had none.
    fn remember(&self, provider: &Inner, mut response: Response) -> Response {
        if self.new {
            let name = browser_cookie(provider);
            let settings = &provider.settings;
            answer::set_cookie(&mut response, settings, &name, &self.id, A_YEAR);
        }
        response
    }
}

fn browser_cookie(provider: &Inner) -> String {
    format!("dev_provider_browser{}", provider.settings.cookie_suffix)
}

fn session_cookie(provider: &Inner) -> String {
    format!("dev_provider_session{}", provider.settings.cookie_suffix)
}

/// In seconds.
const A_YEAR: i64 = 31_536_000;
const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";
/// AuthMachine's clients ask here whether a token was revoked.
const AUTHMACHINE_TOKEN: &str = "/oidc/token";
