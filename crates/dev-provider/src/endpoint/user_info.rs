//! The userinfo endpoint (OpenID Connect Core section 5.3).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use countersign_jose::json::Object;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::Shared;
use crate::answer::{self, OAuthError, json_answer, typed};
use crate::claims::{self, Place};
use crate::client::Client;
use crate::form::Params;
use crate::keys;
use crate::mischief::Part;
use crate::provider::Inner;
use crate::tokens;

pub(crate) async fn answer(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    match claims_for(&provider, &headers, &body) {
        Ok((client, claims)) => {
            let response = match client.user_info_alg() {
                None => json_answer(StatusCode::OK, &Value::Object(claims)),
                Some(algorithm) => match tokens::signing_key(&provider, &client, algorithm) {
                    Ok(key) => {
                        // Section 5.3.2: a signed answer says who signs and for whom.
                        let mut claims = claims;
                        claims.entry("iss").or_insert(json!(provider.settings.issuer));
                        claims.entry("aud").or_insert(json!(client.id));
                        let token = keys::compact(&key, "JWT", &claims);
                        typed(StatusCode::OK, "application/jwt", token)
                    }
                    Err(error) => error.into_response(),
                },
            };
            answer::for_client(response, &client.id)
        }
        Err(error) => error.into_response(),
    }
}

fn claims_for(
    provider: &Inner,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Client, Object), OAuthError> {
    let token = bearer(headers, body)?;
    let now = provider.clock.now();
    let book = provider.book();
    let (access, grant) = book
        .live_access(&token, now)
        .ok_or_else(|| OAuthError::bearer("invalid_token", "expired, revoked or not ours"))?;
    if !access.scope.iter().any(|scope| scope == "openid") {
        let text = "the token lacks the scope openid";
        return Err(OAuthError::bearer("insufficient_scope", text).status(StatusCode::FORBIDDEN));
    }
    let user = grant.username.as_deref().and_then(|username| book.user(username));
    let user = user.ok_or_else(|| OAuthError::bearer("invalid_token", "nobody's token"))?;
    let client = book.clients.get(&grant.client_id).cloned();
    let client = client.ok_or_else(|| OAuthError::bearer("invalid_token", "nobody's token"))?;
    let mut claims = claims::by_scope(user, &access.scope);
    claims.extend(claims::by_request(user, &grant.claims, Place::UserInfo));
    claims.insert("sub".to_owned(), json!(user.subject()));
    drop(book);
    let steps = provider.mischief.steps(Some(&client.id));
    steps.bend_object(Part::UserInfo, &mut claims, now);
    Ok((client, claims))
}

/// RFC 6750 section 2: in the header, or in the form of a POST, not in both.
pub(super) fn bearer(headers: &HeaderMap, body: &[u8]) -> Result<String, OAuthError> {
    let missing = || OAuthError::bearer("invalid_token", "no bearer token came");
    let in_header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let in_form = Params::lenient(body).get("access_token").map(str::to_owned);
    match (in_header, in_form) {
        (Some(_), Some(_)) => Err(OAuthError::new("invalid_request", "two bearer tokens came")),
        (None, Some(token)) => Ok(token),
        (None, None) => Err(missing()),
        (Some(value), None) => {
            let (scheme, token) = value.split_once(' ').ok_or_else(missing)?;
            let token = token.trim();
            let good = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty();
            good.then(|| token.to_owned()).ok_or_else(missing)
        }
    }
}
