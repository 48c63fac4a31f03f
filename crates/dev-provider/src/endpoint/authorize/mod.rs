//! The authorization endpoint (OpenID Connect Core section 3.1.2): from the request over login and
//! consent back to the client.

mod request;
mod respond;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

pub(crate) use self::request::{Refusal, Request, ResponseMode, own_id_token};
use super::{Browser, Endpoint, Shared, session_cookie};
use crate::answer;
use crate::claims;
use crate::doors;
use crate::form::{self, Params};
use crate::pages;
use crate::provider::Inner;
use crate::session::{INTERACTION_LIFE, Interaction, Session};

pub(crate) async fn ask(
    State(provider): Shared,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let lenient = Params::lenient(query.as_bytes());
    // Whether it is safe to redirect is decided first (RFC 6749 section 4.1.2.1).
    let (client, redirect_uri) = match request::return_address(&provider, &lenient) {
        Ok(found) => found,
        Err(reason) => {
            let body = pages::problem(
                "This login cannot start",
                "The application sent you here with a request that the provider can't answer.",
                Some(&reason),
            );
            return pages::page(StatusCode::BAD_REQUEST, body);
        }
    };
    let mode = ResponseMode::of(&lenient);
    let request = Params::parse(query.as_bytes())
        .map_err(|repeated| {
            let text = format!("parameter {:?} comes more than once", repeated.0);
            Refusal::new("invalid_request", text)
        })
        .and_then(|params| Request::read(&provider, &client, redirect_uri.clone(), &params));
    let request = match request {
        Ok(request) => request,
        Err(refusal) => {
            let back = respond::Back {
                client_id: &client.id,
                redirect_uri: &redirect_uri,
                mode: mode.unwrap_or(ResponseMode::Query),
                state: lenient.get("state"),
            };
            return back.refuse(&provider, &refusal);
        }
    };
    let browser = Browser::of(&provider, &headers);
    let interaction = Interaction {
        request,
        browser: browser.id.clone(),
        created_at: provider.clock.now(),
        logged_in: false,
        consented: false,
    };
    let cookie = answer::cookie(&headers, &session_cookie(&provider));
    let response = go_on(&provider, None, interaction, cookie.as_deref());
    browser.remember(&provider, response)
}

/// A form from elsewhere comes without our `SameSite=Lax` cookies; a GET brings them along.
pub(crate) async fn ask_by_form(State(provider): Shared, body: Bytes) -> Response {
    let params = url::form_urlencoded::parse(&body).into_owned().collect::<Vec<_>>();
    let query = form::encode(params.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    answer::see_other(&format!("{}?{query}", provider.path(Endpoint::Authorize)))
}

/// Takes the next step: login, consent, or back to the client.
pub(crate) fn go_on(
    provider: &Inner,
    id: Option<String>,
    interaction: Interaction,
    cookie: Option<&str>,
) -> Response {
    let now = provider.clock.now();
    let session = cookie.and_then(|cookie| provider.book().sessions.get(cookie).cloned());
    let session = session.filter(|session| {
        now < session.auth_time.saturating_add(provider.settings.session_lifetime)
    });
    let silent = interaction.request.prompts("none");
    let (page, refusal) = match session {
        Some(session) if !needs_login(provider, &interaction, &session) => {
            if !needs_consent(provider, &interaction, &session) {
                if let Some(id) = &id {
                    provider.book().interactions.remove(id);
                }
                remember_client(provider, cookie, &interaction.request.client_id);
                return respond::grant(provider, &interaction.request, &session);
            }
            (Endpoint::Consent, Refusal::new("consent_required", "the person must consent"))
        }
        _ => (Endpoint::Login, Refusal::new("login_required", "the person must log in")),
    };
    if silent {
        return respond::Back::of(&interaction.request).refuse(provider, &refusal);
    }
    if interaction.logged_in && page == Endpoint::Login {
        // Logged in, and still not what was asked for: asking again would never end.
        let error = if claims::essential(&interaction.request.claims, "acr") {
            "unmet_authentication_requirements"
        } else {
            "login_required"
        };
        let refusal = Refusal::new(error, "the login was not the one that the request asks for");
        return refuse(provider, &id.unwrap_or_default(), &interaction.request, &refusal);
    }
    let client_id = interaction.request.client_id.clone();
    let id = id.unwrap_or_else(doors::random);
    let to = format!("{}?interaction={id}", provider.path(page));
    let mut book = provider.book();
    book.sweep(now);
    book.interactions.insert(id, interaction);
    drop(book);
    answer::for_client(answer::see_other(&to), &client_id)
}

/// Ends the request with an error for the client.
pub(crate) fn refuse(provider: &Inner, id: &str, request: &Request, refusal: &Refusal) -> Response {
    provider.book().interactions.remove(id);
    respond::Back::of(request).refuse(provider, refusal)
}

/// The request that waits under the `interaction` parameter, if this browser brought it.
pub(crate) fn waiting(
    provider: &Inner,
    params: &Params,
    headers: &HeaderMap,
) -> Result<(String, Interaction), Box<Response>> {
    let id = params.text("interaction");
    let browser = Browser::of(provider, headers);
    let found = provider.book().interactions.get(&id).cloned();
    let now = provider.clock.now();
    let found = found.filter(|waiting| {
        let same =
            countersign_jose::constant_time_eq(waiting.browser.as_bytes(), browser.id.as_bytes());
        same && now < waiting.created_at.saturating_add(INTERACTION_LIFE)
    });
    found.map(|interaction| (id, interaction)).ok_or_else(|| {
        let body = pages::problem(
            "This login page is no longer good",
            "It was used already, or it is too old, or the provider was started anew. Go back to \
             the application and log in from there.",
            None,
        );
        Box::new(pages::page(StatusCode::BAD_REQUEST, body))
    })
}

/// The authentication context that a login for this request gets: the first one asked for that
/// this provider knows, or else its plain one.
pub(crate) fn granted_acr(provider: &Inner, request: &Request) -> String {
    let known = &provider.settings.acr_values;
    let asked = request.acr_values.iter().find(|acr| known.contains(acr));
    asked.or(known.first()).cloned().unwrap_or_default()
}

fn needs_login(provider: &Inner, interaction: &Interaction, session: &Session) -> bool {
    let request = &interaction.request;
    let book = provider.book();
    let Some(user) = book.user(&session.username) else { return true };
    let other_person = request.subject.as_deref().is_some_and(|sub| sub != user.subject());
    // acr_values is voluntary (section 3.1.2.1): unknown ones don't force anything.
    let known = |acr: &&String| provider.settings.acr_values.contains(acr);
    let lacks_acr = (request.acr_essential || request.acr_values.iter().any(|acr| known(&acr)))
        && !request.acr_values.is_empty()
        && !request.acr_values.contains(&session.acr);
    if interaction.logged_in {
        return other_person || (lacks_acr && request.acr_essential);
    }
    let asked = request.prompts("login") || request.prompts("select_account");
    let age = provider.clock.now().saturating_sub(session.auth_time);
    let stale = request.max_age.is_some_and(|max_age| age > max_age || max_age == 0);
    asked || stale || lacks_acr || other_person
}

fn needs_consent(provider: &Inner, interaction: &Interaction, session: &Session) -> bool {
    let request = &interaction.request;
    if interaction.consented {
        return false;
    }
    let given = session.consents.get(&request.client_id);
    let covered = given.is_some_and(|given| request.scope.iter().all(|s| given.contains(s)));
    request.prompts("consent") || provider.settings.consent && !covered
}

fn remember_client(provider: &Inner, cookie: Option<&str>, client_id: &str) {
    let mut book = provider.book();
    let session = cookie.and_then(|cookie| book.sessions.get_mut(cookie));
    if let Some(session) = session
        && !session.clients.iter().any(|known| known == client_id)
    {
        session.clients.push(client_id.to_owned());
    }
}
