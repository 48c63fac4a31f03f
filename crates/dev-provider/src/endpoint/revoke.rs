//! Token revocation (RFC 7009).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::{Shared, client_auth, json_form};
use crate::answer::{self, OAuthError, typed};
use crate::client::Client;
use crate::provider::Inner;

pub(crate) async fn answer(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let params = match json_form(&headers, &body) {
        Ok(params) => params,
        Err(error) => return error.into_response(),
    };
    let client = match client_auth::authenticate(&provider, &headers, &params) {
        Ok(client) => client,
        Err(error) => return error.into_response(),
    };
    let response = match params.get("token") {
        None => OAuthError::new("invalid_request", "token is missing").into_response(),
        Some(token) => {
            revoke(&provider, &client, token);
            // Section 2.2: an unknown token is as good as revoked.
            typed(StatusCode::OK, "text/plain; charset=utf-8", String::new())
        }
    };
    answer::for_client(response, &client.id)
}

/// A refresh token takes its whole grant along; an access token goes alone (section 2.1).
fn revoke(provider: &Inner, client: &Client, token: &str) {
    let mut book = provider.book();
    let owned = |book: &crate::session::Book, grant: &str| {
        book.grants.get(grant).is_some_and(|grant| grant.client_id == client.id)
    };
    if let Some(grant) = book.refresh_tokens.get(token).map(|token| token.grant.clone()) {
        if owned(&book, &grant) {
            book.revoke(&grant);
        }
        return;
    }
    let grant = book.access_tokens.get(token).map(|access| access.grant.clone());
    if grant.is_some_and(|grant| owned(&book, &grant))
        && let Some(access) = book.access_tokens.get_mut(token)
    {
        access.revoked = true;
    }
}
