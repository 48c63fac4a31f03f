//! The consent page: what the client asks for, and yes or no.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::authorize::{self, Refusal};
use super::{Shared, session_cookie};
use crate::answer;
use crate::form::Params;
use crate::pages;

pub(crate) async fn show(
    State(provider): Shared,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let params = Params::lenient(query.unwrap_or_default().as_bytes());
    let (id, interaction) = match authorize::waiting(&provider, &params, &headers) {
        Ok(found) => found,
        Err(response) => return *response,
    };
    let book = provider.book();
    let cookie = answer::cookie(&headers, &session_cookie(&provider)).unwrap_or_default();
    let person = book.sessions.get(&cookie).and_then(|session| book.user(&session.username));
    let person = person.map(|user| user.display_name().to_owned());
    let client = book.clients.get(&interaction.request.client_id);
    let client = client.map(|client| client.display_name().to_owned());
    drop(book);
    let consent = pages::Consent {
        interaction: &id,
        client: client.as_deref().unwrap_or(&interaction.request.client_id),
        person: person.as_deref().unwrap_or_default(),
        scope: &interaction.request.scope,
    };
    let action = provider.path(super::Endpoint::Consent);
    answer::for_client(
        pages::page(StatusCode::OK, pages::consent(&consent, &action)),
        &interaction.request.client_id,
    )
}

pub(crate) async fn submit(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let params = Params::lenient(&body);
    let (id, mut interaction) = match authorize::waiting(&provider, &params, &headers) {
        Ok(found) => found,
        Err(response) => return *response,
    };
    if params.get("allow").is_none() {
        let refusal = Refusal::new("access_denied", "the person did not consent");
        return authorize::refuse(&provider, &id, &interaction.request, &refusal);
    }
    let cookie = answer::cookie(&headers, &session_cookie(&provider));
    if let Some(cookie) = &cookie
        && let Some(session) = provider.book().sessions.get_mut(cookie)
    {
        let request = &interaction.request;
        session.consents.insert(request.client_id.clone(), request.scope.clone());
    }
    interaction.consented = true;
    authorize::go_on(&provider, Some(id), interaction, cookie.as_deref())
}
