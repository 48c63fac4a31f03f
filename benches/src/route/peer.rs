//! The same guard, written by hand on `jsonwebtoken`: the key by its name, parsed once; claims typed.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;

use super::{GUARDED, OPEN, hello};
use crate::tokens::{AUDIENCE, ISSUER, ROLE, SCOPE, Signer};

struct Guard {
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
}

/// What the guard reads; the rest of the claims is passed over.
#[derive(Deserialize)]
struct Claims {
    scope: String,
    resource_access: HashMap<String, Access>,
}

#[derive(Deserialize)]
struct Access {
    roles: Vec<String>,
}

pub fn router(signer: &Signer) -> Result<Router> {
    let jwk = serde_json::from_value(Value::Object(signer.jwk()))?;
    let kid = signer.jwk().get("kid").and_then(|kid| kid.as_str()).unwrap_or_default().to_owned();
    let algorithm = signer.algorithm().name().parse::<Algorithm>()?;
    let mut validation = Validation::new(algorithm);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "aud", "iss"]);
    let keys = HashMap::from([(kid, DecodingKey::from_jwk(&jwk)?)]);
    let guard = from_fn_with_state(Arc::new(Guard { keys, validation }), judge);
    Ok(Router::new().route(GUARDED, get(hello).layer(guard)).route(OPEN, get(hello)))
}

async fn judge(
    State(guard): State<Arc<Guard>>,
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Result<Response, (StatusCode, [(HeaderName, &'static str); 1])> {
    let invalid =
        (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#)]);
    let lacking = (
        StatusCode::FORBIDDEN,
        [(header::WWW_AUTHENTICATE, r#"Bearer error="insufficient_scope""#)],
    );
    let claims = claims(&guard, &headers).ok_or(invalid)?;
    let has_role = claims
        .resource_access
        .get(AUDIENCE)
        .is_some_and(|access| access.roles.iter().any(|role| role == ROLE));
    if !has_role || !claims.scope.split(' ').any(|scope| scope == SCOPE) {
        return Err(lacking);
    }
    Ok(next.run(request).await)
}

fn claims(guard: &Guard, headers: &HeaderMap) -> Option<Claims> {
    let authorization = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let token = authorization.strip_prefix("Bearer ")?;
    let key = guard.keys.get(&decode_header(token).ok()?.kid?)?;
    Some(decode(token, key, &guard.validation).ok()?.claims)
}
