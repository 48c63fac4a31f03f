//! The login page: one click on a name, or a user name with a password.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::authorize::{self, Refusal};
use super::{Shared, session_cookie};
use crate::answer;
use crate::doors;
use crate::form::Params;
use crate::pages::{self, LoginTrouble};
use crate::provider::Inner;
use crate::session::{Interaction, Session};

pub(crate) async fn show(
    State(provider): Shared,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let params = Params::lenient(query.unwrap_or_default().as_bytes());
    match authorize::waiting(&provider, &params, &headers) {
        Ok((id, interaction)) => page(&provider, &id, &interaction, None),
        Err(response) => *response,
    }
}

pub(crate) async fn submit(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let params = Params::lenient(&body);
    let (id, mut interaction) = match authorize::waiting(&provider, &params, &headers) {
        Ok(found) => found,
        Err(response) => return *response,
    };
    if params.get("cancel").is_some() {
        let refusal = Refusal::new("access_denied", "the person cancelled the login");
        return authorize::refuse(&provider, &id, &interaction.request, &refusal);
    }
    let username = match who(&provider, &params) {
        Ok(username) => username,
        Err(trouble) => return page(&provider, &id, &interaction, Some(trouble)),
    };
    // A new session id at each login: one planted before is worth nothing after it.
    let old = answer::cookie(&headers, &session_cookie(&provider));
    let cookie = doors::random();
    let session = Session {
        sid: doors::random(),
        username,
        auth_time: provider.clock.now(),
        acr: authorize::granted_acr(&provider, &interaction.request),
        clients: Vec::new(),
        consents: Default::default(),
    };
    {
        let mut book = provider.book();
        let before = old.and_then(|old| book.sessions.remove(&old));
        let mut session = session;
        // The same person again keeps the session's name and consents.
        if let Some(before) = before.filter(|before| before.username == session.username) {
            session = Session { auth_time: session.auth_time, acr: session.acr, ..before };
        }
        book.sessions.insert(cookie.clone(), session);
    }
    interaction.logged_in = true;
    let mut response = authorize::go_on(&provider, Some(id), interaction, Some(&cookie));
    let life = provider.settings.session_lifetime;
    let name = session_cookie(&provider);
    answer::set_cookie(&mut response, &provider.settings, &name, &cookie, life);
    response
}

/// The person whom the form names: by a click on a name, or by a password.
fn who(provider: &Inner, params: &Params) -> Result<String, LoginTrouble> {
    let book = provider.book();
    if let Some(clicked) = params.get("user") {
        let user = book.user(clicked).ok_or(LoginTrouble::Unknown)?;
        return Ok(user.username().to_owned());
    }
    let typed = params.get("username").map(str::trim).ok_or(LoginTrouble::NoName)?;
    let password = params.get("password").unwrap_or_default();
    let user = book.user(typed).filter(|user| {
        let (given, right) = (password.as_bytes(), user.shown_password().as_bytes());
        countersign_jose::constant_time_eq(given, right)
    });
    let wrong = || LoginTrouble::WrongPassword { username: typed.to_owned() };
    user.map(|user| user.username().to_owned()).ok_or_else(wrong)
}

fn page(
    provider: &Inner,
    id: &str,
    interaction: &Interaction,
    trouble: Option<LoginTrouble>,
) -> Response {
    let status = if trouble.is_some() { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    let book = provider.book();
    let name =
        book.clients.get(&interaction.request.client_id).map(|c| c.display_name().to_owned());
    let users = book.users.clone();
    drop(book);
    let hint = interaction.request.login_hint.as_deref();
    let client = name.as_deref().unwrap_or(&interaction.request.client_id);
    let login = pages::Login { interaction: id, client, users: &users, hint, trouble };
    let action = provider.path(super::Endpoint::Login);
    answer::for_client(
        pages::page(status, pages::login(&login, &action)),
        &interaction.request.client_id,
    )
}
