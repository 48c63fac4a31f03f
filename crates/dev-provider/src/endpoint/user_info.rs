//! The userinfo endpoint (OpenID Connect Core section 5.3).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use countersign_jose::json::Object;
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Endpoint, Shared};
use crate::answer::{self, OAuthError, json_answer, typed};
use crate::claims::{self, Place};
use crate::client::Client;
use crate::dpop::{self, Proving};
use crate::form::Params;
use crate::keys;
use crate::mischief::Part;
use crate::provider::Inner;
use crate::tokens;

pub(crate) async fn answer(
    State(provider): Shared,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match claims_for(&provider, &method, &headers, &body) {
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
    method: &Method,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Client, Object), OAuthError> {
    let token = shown(headers, body)?;
    let now = provider.clock.now();
    let url = provider.url(Endpoint::UserInfo);
    let proving = Proving { method: method.as_str(), url: &url, token: Some(&token.text) };
    let proven = match token.scheme {
        Scheme::Bearer => None,
        Scheme::Dpop => dpop::proven(provider, headers, proving)?,
    };
    let token = token.text;
    let book = provider.book();
    let (access, grant) = book
        .live_access(&token, now)
        .ok_or_else(|| OAuthError::bearer("invalid_token", "expired, revoked or not ours"))?;
    if access.jkt != proven {
        let text = "the token is bound to another key than the one shown, if one was";
        return Err(OAuthError::bearer("invalid_token", text));
    }
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

/// A bearer token.
pub(super) fn bearer(headers: &HeaderMap, body: &[u8]) -> Result<String, OAuthError> {
    let token = shown(headers, body)?;
    let missing = || OAuthError::bearer("invalid_token", "no bearer token came");
    matches!(token.scheme, Scheme::Bearer).then_some(token.text).ok_or_else(missing)
}

/// An access token with the scheme under which it came.
struct Shown {
    text: String,
    scheme: Scheme,
}

#[derive(Clone, Copy)]
enum Scheme {
    Bearer,
    /// With a proof (RFC 9449 section 7.1).
    Dpop,
}

/// RFC 6750 section 2: in the header, or in the form of a POST, not in both.
fn shown(headers: &HeaderMap, body: &[u8]) -> Result<Shown, OAuthError> {
    let missing = || OAuthError::bearer("invalid_token", "no bearer token came");
    let in_header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let in_form = Params::lenient(body).get("access_token").map(str::to_owned);
    match (in_header, in_form) {
        (Some(_), Some(_)) => Err(OAuthError::new("invalid_request", "two bearer tokens came")),
        (None, Some(text)) => Ok(Shown { text, scheme: Scheme::Bearer }),
        (None, None) => Err(missing()),
        (Some(value), None) => {
            let (scheme, token) = value.split_once(' ').ok_or_else(missing)?;
            let text = token.trim().to_owned();
            let scheme = match scheme.to_ascii_lowercase().as_str() {
                "bearer" => Scheme::Bearer,
                "dpop" => Scheme::Dpop,
                _ => return Err(missing()),
            };
            (!text.is_empty()).then_some(Shown { text, scheme }).ok_or_else(missing)
        }
    }
}
