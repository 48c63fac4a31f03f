//! Token introspection (RFC 7662), signed where it is asked for (RFC 9701).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use countersign_jose::Algorithm;
use countersign_jose::json::Object;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{Shared, client_auth, json_form, user_info};
use crate::account::User;
use crate::answer::{self, OAuthError, json_answer, typed};
use crate::client::Client;
use crate::form::Params;
use crate::keys;
use crate::mischief::Part;
use crate::provider::Inner;
use crate::session::Grant;
use crate::tokens::{self, one_or_many};

pub(crate) async fn answer(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let params = match json_form(&headers, &body) {
        Ok(params) => params,
        Err(error) => return error.into_response(),
    };
    let client = match asking(&provider, &headers, &params) {
        Ok(client) => client,
        Err(error) => return error.into_response(),
    };
    let response = match params.get("token") {
        None => OAuthError::new("invalid_request", "token is missing").into_response(),
        Some(token) => {
            let mut found = about(&provider, token);
            let steps = provider.mischief.steps(Some(&client.id));
            steps.bend_object(Part::Introspection, &mut found, provider.clock.now());
            if wants_jwt(&headers) {
                signed(&provider, &client, found)
            } else {
                json_answer(StatusCode::OK, &Value::Object(found))
            }
        }
    };
    answer::for_client(response, &client.id)
}

/// Section 2.1: the endpoint must not answer just anybody. Who asks is a client that has a secret
/// or a key, or whoever has an access token, be it the one that is asked about.
fn asking(provider: &Inner, headers: &HeaderMap, params: &Params) -> Result<Client, OAuthError> {
    if !is_bearer(headers) {
        let client = client_auth::authenticate(provider, headers, params)?;
        if client.is_public() {
            return Err(OAuthError::client("a public client may not ask"));
        }
        return Ok(client);
    }
    let token = user_info::bearer(headers, b"")?;
    let book = provider.book();
    if let Some((access, grant)) = book.live_access(&token, provider.clock.now()) {
        if access.jkt.is_some() {
            let text = "a token that is bound to a key is no bearer token";
            return Err(OAuthError::bearer("invalid_token", text));
        }
        let client = book.clients.get(&grant.client_id).cloned();
        return client.ok_or_else(|| OAuthError::bearer("invalid_token", "nobody's token"));
    }
    // Whoever asks about the very token that ended learns that, and nothing else.
    if params.get("token") == Some(&token) {
        return Ok(Client::public("nobody"));
    }
    Err(OAuthError::bearer("invalid_token", "expired, revoked or not ours"))
}

fn is_bearer(headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let scheme = value.and_then(|value| value.split_once(' ')).map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"))
}

fn wants_jwt(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    accepted.flat_map(|line| line.split(',')).any(|range| {
        let essence = range.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case(SIGNED)
    })
}

/// RFC 9701 section 5.
fn signed(provider: &Inner, client: &Client, found: Object) -> Response {
    let wanted = client.metadata.other.get("introspection_signed_response_alg");
    let wanted = wanted.and_then(Value::as_str).and_then(|alg| alg.parse::<Algorithm>().ok());
    let key = match wanted {
        Some(algorithm) => tokens::signing_key(provider, client, algorithm),
        None => tokens::preferred_key(provider),
    };
    let key = match key {
        Ok(key) => key,
        Err(error) => return error.into_response(),
    };
    let claims = Object::from_iter([
        ("iss".to_owned(), json!(provider.settings.issuer)),
        ("aud".to_owned(), json!(client.id)),
        ("iat".to_owned(), json!(provider.clock.now())),
        ("token_introspection".to_owned(), Value::Object(found)),
    ]);
    typed(StatusCode::OK, SIGNED, keys::compact(&key, "token-introspection+jwt", &claims))
}

fn about(provider: &Inner, token: &str) -> Object {
    let now = provider.clock.now();
    let book = provider.book();
    let user = |grant: &Grant| grant.username.as_deref().and_then(|name| book.user(name)).cloned();
    if let Some((access, grant)) = book.live_access(token, now) {
        let mut answer = common(provider, grant, user(grant));
        let kind = if access.jkt.is_some() { "DPoP" } else { "Bearer" };
        put(&mut answer, "token_type", json!(kind));
        put(&mut answer, "scope", json!(access.scope.join(" ")));
        put(&mut answer, "aud", one_or_many(&access.audience));
        put(&mut answer, "iat", json!(access.issued_at));
        put(&mut answer, "exp", json!(access.expires_at));
        if let Some(jkt) = &access.jkt {
            put(&mut answer, "cnf", json!({ "jkt": jkt }));
        }
        if let Some(act) = &access.act {
            put(&mut answer, "act", act.clone());
        }
        tokens::overlay(&mut answer, &access.minted);
        return answer;
    }
    if let Some((refresh, grant)) = book.live_refresh(token, now) {
        let mut answer = common(provider, grant, user(grant));
        put(&mut answer, "token_type", json!("refresh_token"));
        put(&mut answer, "scope", json!(grant.scope.join(" ")));
        put(&mut answer, "iat", json!(refresh.issued_at));
        put(&mut answer, "exp", json!(refresh.expires_at));
        return answer;
    }
    // Section 2.2: nothing else about a token that isn't good.
    Object::from_iter([("active".to_owned(), json!(false))])
}

fn common(provider: &Inner, grant: &Grant, user: Option<User>) -> Object {
    let mut answer = Object::new();
    put(&mut answer, "active", json!(true));
    put(&mut answer, "iss", json!(provider.settings.issuer));
    put(&mut answer, "client_id", json!(grant.client_id));
    let subject = user.as_ref().map_or(grant.client_id.as_str(), User::subject);
    put(&mut answer, "sub", json!(subject));
    if let Some(user) = user {
        put(&mut answer, "username", json!(user.username()));
        for name in ["roles", "groups", "realm_access"] {
            if let Some(value) = user.claims().get(name) {
                put(&mut answer, name, value.clone());
            }
        }
    }
    answer
}

fn put(answer: &mut Object, name: &str, value: Value) {
    answer.insert(name.to_owned(), value);
}

const SIGNED: &str = "application/token-introspection+jwt";
