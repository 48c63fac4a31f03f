//! The same requests with nothing decided and nothing kept: what the exchanges themselves cost.

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;

use crate::provider::SUBJECT;

#[derive(Clone)]
struct Bare {
    issuer: String,
    address: String,
    client: Client<HttpConnector, Body>,
}

pub fn router(issuer: &str, address: &str) -> Router {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    Router::new()
        .route("/", get(async || SUBJECT))
        .route("/auth/login", get(login))
        .route("/auth/callback", get(callback))
        .with_state(Bare { issuer: issuer.to_owned(), address: address.to_owned(), client })
}

async fn login(State(bare): State<Bare>) -> Response {
    let Bare { issuer, address, .. } = bare;
    let url = format!(
        "{issuer}/authorize?response_type=code&client_id=bench&scope=openid+profile+email\
         &redirect_uri={address}/auth/callback&state={FIXED}&nonce={FIXED}\
         &code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response()
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

async fn callback(State(bare): State<Bare>, Query(Code { code }): Query<Code>) -> Response {
    let Bare { issuer, address, client } = bare;
    let form = format!(
        "grant_type=authorization_code&code={code}&redirect_uri={address}/auth/callback&code_verifier={FIXED}"
    );
    let token = Request::post(format!("{issuer}/token"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json")
        .header(header::AUTHORIZATION, "Basic YmVuY2g6UW05WmsyVHQ3YkxyNFh3OHNWbjNjSGY2cEp5NWRHYTE=")
        .body(Body::from(form));
    let user_info = Request::get(format!("{issuer}/userinfo"))
        .header(header::ACCEPT, "application/json")
        .header(header::AUTHORIZATION, "Bearer Uj8f0tqk1m3XyZbN5cV7aQe9rT2wLp4sKd6hGiJoRuY")
        .body(Body::empty());
    for request in [token, user_info] {
        let Ok(request) = request else { return StatusCode::BAD_REQUEST.into_response() };
        let Ok(answer) = client.request(request).await else {
            return StatusCode::BAD_GATEWAY.into_response();
        };
        let status = answer.status();
        if answer.into_body().collect().await.is_err() || !status.is_success() {
            return StatusCode::BAD_GATEWAY.into_response();
        }
    }
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/done")]).into_response()
}

/// State, nonce and verifier of every login.
const FIXED: &str = "x8Jc0n3m5Vb7qWe9rTy2uIo4pAs6dFg1hJkLzXcVbNm";
/// SHA-256 of the same.
const CHALLENGE: &str = "Xnfw4U6tCvvPAgMTJybx4R5aV-1W2H1Otvbin7lryhM";
