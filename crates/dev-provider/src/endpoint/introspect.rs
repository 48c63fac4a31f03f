//! Token introspection (RFC 7662).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use countersign_jose::json::Object;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{Shared, client_auth, json_form};
use crate::account::User;
use crate::answer::{self, OAuthError, json_answer};
use crate::provider::Inner;
use crate::session::Grant;
use crate::tokens::one_or_many;

pub(crate) async fn answer(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let params = match json_form(&headers, &body) {
        Ok(params) => params,
        Err(error) => return error.into_response(),
    };
    let client = match client_auth::authenticate(&provider, &headers, &params) {
        Ok(client) if !client.is_public() => client,
        // Section 2.1: the endpoint must not answer just anybody.
        Ok(_) => return OAuthError::client("a public client may not ask").into_response(),
        Err(error) => return error.into_response(),
    };
    let response = match params.get("token") {
        None => OAuthError::new("invalid_request", "token is missing").into_response(),
        Some(token) => json_answer(StatusCode::OK, &Value::Object(about(&provider, token))),
    };
    answer::for_client(response, &client.id)
}

fn about(provider: &Inner, token: &str) -> Object {
    let now = provider.clock.now();
    let book = provider.book();
    let user = |grant: &Grant| grant.username.as_deref().and_then(|name| book.user(name)).cloned();
    if let Some((access, grant)) = book.live_access(token, now) {
        let mut answer = common(provider, grant, user(grant));
        put(&mut answer, "token_type", json!("Bearer"));
        put(&mut answer, "scope", json!(access.scope.join(" ")));
        put(&mut answer, "aud", one_or_many(&access.audience));
        put(&mut answer, "iat", json!(access.issued_at));
        put(&mut answer, "exp", json!(access.expires_at));
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
