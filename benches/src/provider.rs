//! A provider that says yes to everybody at once and keeps nothing: what the callback and the token request need
//! to know of a login is packed into its code.

use std::sync::Arc;

use anyhow::{Context, Result};
use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use countersign_jose::{Algorithm, Object, SigningKey, base64url};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

/// The client that it knows.
pub const CLIENT_ID: &str = "bench";
pub const CLIENT_SECRET: &str = "Qm9Zk2Tt7bLr4Xw8sVn3cHf6pJy5dGa1";

struct Provider {
    issuer: String,
    key: SigningKey,
    profile: Value,
}

/// A provider that lives at this issuer, signs with RS256 (2048 bits) and adds `more` to what UserInfo says.
pub fn router(issuer: &str, more: &Value) -> Result<Router> {
    let mut profile = json!({
        "sub": SUBJECT,
        "name": "Alice Example",
        "given_name": "Alice",
        "family_name": "Example",
        "preferred_username": "alice",
        "email": "alice@example.test",
        "email_verified": true,
        "locale": "en",
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        profile[name] = value.clone();
    }
    let key = SigningKey::generate(Algorithm::Rs256)?;
    let provider = Provider { issuer: issuer.to_owned(), key, profile };
    Ok(Router::new()
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/jwks", get(jwks))
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .route("/userinfo", get(user_info))
        .with_state(Arc::new(provider)))
}

/// Who logs in.
pub const SUBJECT: &str = "9f8b2f66-1d0a-4a35-bf0e-9c2a4f6d7e11";

type Shared = State<Arc<Provider>>;

async fn metadata(State(provider): Shared) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", provider.issuer);
    Json(json!({
        "issuer": provider.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "scopes_supported": ["openid", "profile", "email"],
    }))
}

async fn jwks(State(provider): Shared) -> Json<Value> {
    Json(json!({ "keys": [provider.key.public_jwk()] }))
}

#[derive(Deserialize)]
struct Asked {
    redirect_uri: Url,
    state: String,
    nonce: String,
    code_challenge: String,
}

async fn authorize(State(provider): Shared, Query(asked): Query<Asked>) -> Response {
    let code = code(&asked.code_challenge, &asked.nonce);
    let mut back = asked.redirect_uri;
    back.query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", &asked.state)
        .append_pair("iss", &provider.issuer);
    (StatusCode::FOUND, [("location", String::from(back))]).into_response()
}

/// The code of a login with this challenge and this nonce.
pub fn code(challenge: &str, nonce: &str) -> String {
    format!("{challenge}.{}", base64url::encode(nonce.as_bytes()))
}

#[derive(Deserialize)]
struct Code {
    code: String,
    code_verifier: String,
}

async fn token(State(provider): Shared, Form(form): Form<Code>) -> Response {
    match redeem(&provider, &form) {
        Ok(answer) => ([("cache-control", "no-store")], Json(answer)).into_response(),
        Err(why) => {
            let says = json!({ "error": "invalid_grant", "error_description": why.to_string() });
            (StatusCode::BAD_REQUEST, Json(says)).into_response()
        }
    }
}

fn redeem(provider: &Provider, form: &Code) -> Result<Value> {
    let (challenge, nonce) = form.code.split_once('.').context("not a code of ours")?;
    let of_verifier = base64url::encode(digest(&SHA256, form.code_verifier.as_bytes()).as_ref());
    anyhow::ensure!(of_verifier == challenge, "the verifier is not that of the challenge");
    let nonce = String::from_utf8(base64url::decode(nonce)?)?;
    let hash = digest(&SHA256, ACCESS_TOKEN.as_bytes());
    let left = hash.as_ref().get(..16).context("half a hash")?;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
    let claims = json!({
        "iss": provider.issuer,
        "sub": SUBJECT,
        "aud": CLIENT_ID,
        "exp": now + 300,
        "iat": now,
        "auth_time": now,
        "nonce": nonce,
        "at_hash": base64url::encode(left),
        "sid": "e7b1c9aa-3b52-4b0c-8f2f-7f1d2c3b4a59",
        "preferred_username": "alice",
        "email": "alice@example.test",
        "email_verified": true,
    });
    let id_token = provider.key.sign(&Object::new(), claims.to_string().as_bytes())?;
    Ok(json!({
        "access_token": ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "openid profile email",
        "id_token": id_token,
    }))
}

async fn user_info(State(provider): Shared) -> Json<Value> {
    Json(provider.profile.clone())
}

const ACCESS_TOKEN: &str = "Uj8f0tqk1m3XyZbN5cV7aQe9rT2wLp4sKd6hGiJoRuY";
