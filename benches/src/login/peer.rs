//! The same with `openidconnect` 4.1 and its usual features, as somebody writes it by hand after that crate's
//! examples: PKCE, nonce, `at_hash`, UserInfo, one HTTP client that keeps its connections. What a login needs to
//! remember and the session lie in encrypted cookies (`cookie`, AES-256-GCM): no state here either.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cookie::{Cookie, CookieJar, Key, SameSite};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _, reqwest,
};
use serde::{Deserialize, Serialize};

use crate::provider::{CLIENT_ID, CLIENT_SECRET};

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

struct App {
    client: Client,
    http: reqwest::Client,
    key: Key,
}

#[derive(Serialize, Deserialize)]
struct Login {
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    return_to: String,
}

#[derive(Serialize)]
struct Session {
    subject: String,
    id_token: String,
    access_token: String,
    scope: Option<Vec<Scope>>,
    profile: CoreUserInfoClaims,
}

/// What the start page reads of it.
#[derive(Deserialize)]
struct Who {
    subject: String,
}

pub async fn router(issuer: &str, address: &str) -> Result<Router> {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let metadata =
        CoreProviderMetadata::discover_async(IssuerUrl::new(issuer.to_owned())?, &http).await?;
    let client = CoreClient::from_provider_metadata(
        metadata,
        ClientId::new(CLIENT_ID.to_owned()),
        Some(ClientSecret::new(CLIENT_SECRET.to_owned())),
    )
    .set_redirect_uri(RedirectUrl::new(format!("{address}/auth/callback"))?);
    let app = App { client, http, key: Key::generate() };
    Ok(Router::new()
        .route("/", get(home))
        .route("/auth/login", get(login))
        .route("/auth/callback", get(callback))
        .with_state(Arc::new(app)))
}

type Shared = State<Arc<App>>;

async fn home(State(app): Shared, headers: HeaderMap) -> Response {
    match unseal::<Who>(&jar(&headers), &app.key, SESSION) {
        Ok(who) => who.subject.into_response(),
        Err(_) => StatusCode::UNAUTHORIZED.into_response(),
    }
}

#[derive(Deserialize)]
struct Target {
    return_to: String,
}

async fn login(State(app): Shared, Query(Target { return_to }): Query<Target>) -> Response {
    answer(begin(&app, return_to))
}

fn begin(app: &App, return_to: String) -> Result<Response> {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = app
        .client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scope(Scope::new("profile".to_owned()))
        .add_scope(Scope::new("email".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    let mut jar = CookieJar::new();
    seal(&mut jar, &app.key, LOGIN, &Login { state, nonce, verifier, return_to })?;
    Ok(redirect(url.as_str(), &jar))
}

#[derive(Deserialize)]
struct Callback {
    code: AuthorizationCode,
    state: CsrfToken,
}

async fn callback(
    State(app): Shared,
    headers: HeaderMap,
    Query(callback): Query<Callback>,
) -> Response {
    answer(complete(&app, &headers, callback).await)
}

async fn complete(app: &App, headers: &HeaderMap, callback: Callback) -> Result<Response> {
    let mut jar = jar(headers);
    let login: Login = unseal(&jar, &app.key, LOGIN)?;
    ensure!(callback.state.secret() == login.state.secret(), "another state");
    let tokens = app
        .client
        .exchange_code(callback.code)?
        .set_pkce_verifier(login.verifier)
        .request_async(&app.http)
        .await?;

    let id_token = tokens.id_token().context("an ID token")?;
    let verifier = app.client.id_token_verifier();
    let claims = id_token.claims(&verifier, &login.nonce)?;
    if let Some(expected) = claims.access_token_hash() {
        let actual = AccessTokenHash::from_token(
            tokens.access_token(),
            id_token.signing_alg()?,
            id_token.signing_key(&verifier)?,
        )?;
        ensure!(actual == *expected, "another access token");
    }
    let profile: CoreUserInfoClaims = app
        .client
        .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))?
        .request_async(&app.http)
        .await?;

    let session = Session {
        subject: claims.subject().to_string(),
        id_token: id_token.to_string(),
        access_token: tokens.access_token().secret().clone(),
        scope: tokens.scopes().cloned(),
        profile,
    };
    seal(&mut jar, &app.key, SESSION, &session)?;
    jar.remove(Cookie::build(LOGIN).path("/"));
    Ok(redirect(&login.return_to, &jar))
}

fn jar(headers: &HeaderMap) -> CookieJar {
    let mut jar = CookieJar::new();
    for line in headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok()) {
        for cookie in Cookie::split_parse(line).flatten() {
            jar.add_original(cookie.into_owned());
        }
    }
    jar
}

fn unseal<T: for<'a> Deserialize<'a>>(jar: &CookieJar, key: &Key, name: &str) -> Result<T> {
    let cookie = jar.private(key).get(name).context("no such cookie")?;
    Ok(serde_json::from_str(cookie.value())?)
}

fn seal(jar: &mut CookieJar, key: &Key, name: &'static str, value: &impl Serialize) -> Result<()> {
    let cookie = Cookie::build((name, serde_json::to_string(value)?))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax);
    jar.private_mut(key).add(cookie);
    Ok(())
}

fn redirect(to: &str, jar: &CookieJar) -> Response {
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response();
    for cookie in jar.delta() {
        if let Ok(line) = cookie.to_string().parse() {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
    }
    response
}

fn answer(made: Result<Response>) -> Response {
    made.unwrap_or_else(|why| (StatusCode::BAD_REQUEST, format!("{why:#}")).into_response())
}

const LOGIN: &str = "login";
const SESSION: &str = "session";
