//! The end session endpoint (OpenID Connect RP-Initiated Logout).

use axum::extract::{RawQuery, State};
use axum::response::Response;
use bytes::Bytes;
use countersign_jose::json::Object;
use http::{HeaderMap, StatusCode};

use super::authorize::own_id_token;
use super::{Browser, Endpoint, Shared, session_cookie};
use crate::answer;
use crate::form::{self, Params};
use crate::notify;
use crate::pages;
use crate::provider::Inner;
use crate::session::Session;

pub(crate) async fn ask(
    State(provider): Shared,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    end(&provider, &headers, &Params::lenient(query.unwrap_or_default().as_bytes()), false)
}

/// A POST is either the answer to our own question or an application's request by form
/// (section 2 allows both methods).
pub(crate) async fn confirm(State(provider): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let params = Params::lenient(&body);
    let browser = Browser::of(&provider, &headers);
    let token = params.get("confirm").unwrap_or_default();
    let confirmed = !browser.new
        && countersign_jose::constant_time_eq(token.as_bytes(), proof(&browser).as_bytes());
    if confirmed {
        return end(&provider, &headers, &params, true);
    }
    // A form from elsewhere comes without our cookies; a GET brings them along.
    let pairs = url::form_urlencoded::parse(&body).into_owned().collect::<Vec<_>>();
    let pairs = pairs.iter().filter(|(name, _)| name != "confirm" && name != "stay");
    let query = form::encode(pairs.map(|(name, value)| (name.as_str(), value.as_str())));
    answer::see_other(&format!("{}?{query}", provider.path(Endpoint::Logout)))
}

fn end(provider: &Inner, headers: &HeaderMap, params: &Params, confirmed: bool) -> Response {
    let cookie = answer::cookie(headers, &session_cookie(provider));
    let session =
        cookie.as_deref().and_then(|cookie| provider.book().sessions.get(cookie).cloned());
    let hint = match params.get("id_token_hint") {
        None => None,
        Some(hint) => match own_id_token(provider, hint) {
            Some(claims) => Some(claims),
            None => return trouble("id_token_hint is not an ID token of this provider"),
        },
    };
    let client_id = client_of(params, hint.as_ref());
    if params.get("client_id").is_some() && client_id.as_deref() != params.get("client_id") {
        return trouble("client_id and id_token_hint are about different clients");
    }
    let back = match return_address(provider, params, client_id.as_deref(), session.as_ref()) {
        Ok(back) => back,
        Err(reason) => return trouble(&reason),
    };
    let Some(session) = session else {
        // Nobody is logged in here: nothing to confirm.
        return done(params, back, &[]);
    };
    if params.get("stay").is_some() && confirmed {
        let body = pages::message("Still logged in", "Nothing has changed.");
        return pages::page(StatusCode::OK, body);
    }
    let hinted = hint.as_ref().is_some_and(|hint| about(provider, hint, &session));
    if !hinted && !confirmed {
        let browser = Browser::of(provider, headers);
        let user = provider.book().user(&session.username).cloned();
        let person = user.as_ref().map_or(session.username.as_str(), |user| user.display_name());
        let kept: Vec<(&str, &str)> = KEPT
            .into_iter()
            .filter_map(|name| params.get(name).map(|value| (name, value)))
            .collect();
        let action = provider.path(Endpoint::Logout);
        let page = pages::confirm_logout(person, &proof(&browser), &kept, &action);
        return browser.remember(provider, pages::page(StatusCode::OK, page));
    }
    {
        let mut book = provider.book();
        if let Some(cookie) = &cookie {
            book.sessions.remove(cookie);
        }
        // AuthMachine's parameter.
        if params.get("revoke_tokens") == Some("1") {
            book.revoke_session(&session.sid);
        }
    }
    notify::back_channel(provider, &session);
    let mut response = done(params, back, &notify::front_channel(provider, &session));
    let name = session_cookie(provider);
    answer::set_cookie(&mut response, &provider.settings, &name, "", 0);
    response
}

/// Where the browser may return to: an address that the client registered. Without a hint at the
/// client, one of those who are logged in with this session will do.
fn return_address(
    provider: &Inner,
    params: &Params,
    client_id: Option<&str>,
    session: Option<&Session>,
) -> Result<Option<String>, String> {
    let Some(uri) = params.get("post_logout_redirect_uri") else { return Ok(None) };
    let book = provider.book();
    let allowed = match (client_id, session) {
        (Some(id), _) => book.clients.get(id).is_some_and(|client| client.allows_return(uri)),
        (None, Some(session)) => session
            .clients
            .iter()
            .filter_map(|id| book.clients.get(id))
            .any(|client| client.allows_return(uri)),
        (None, None) => book.clients.values().any(|client| client.allows_return(uri)),
    };
    allowed.then(|| Some(uri.to_owned())).ok_or_else(|| {
        format!("post_logout_redirect_uri {uri:?} is not registered for this client")
    })
}

fn client_of(params: &Params, hint: Option<&Object>) -> Option<String> {
    let named = params.get("client_id").map(str::to_owned);
    let Some(hint) = hint else { return named };
    let aud = hint.get("aud")?;
    let in_hint = match aud.as_array() {
        Some(list) => list.iter().filter_map(|aud| aud.as_str()).collect(),
        None => vec![aud.as_str()?],
    };
    match named {
        Some(named) => in_hint.contains(&named.as_str()).then_some(named),
        None => hint
            .get("azp")
            .and_then(|azp| azp.as_str())
            .or(in_hint.first().copied())
            .map(str::to_owned),
    }
}

/// Whether the hint is about the person of this session (section 2).
fn about(provider: &Inner, hint: &Object, session: &Session) -> bool {
    let book = provider.book();
    let user = book.user(&session.username);
    user.is_some_and(|user| hint.get("sub").and_then(|sub| sub.as_str()) == Some(user.subject()))
}

fn done(params: &Params, back: Option<String>, frames: &[String]) -> Response {
    let back = back.map(|to| match params.get("state") {
        None => to,
        Some(state) => {
            let joint = if to.contains('?') { '&' } else { '?' };
            format!("{to}{joint}{}", form::encode([("state", state)]))
        }
    });
    match back {
        Some(to) if frames.is_empty() => answer::see_other(&to),
        back => pages::page_with_frames(frames, pages::logged_out(frames, back.as_deref())),
    }
}

fn trouble(reason: &str) -> Response {
    let text = "The application sent you here with a request that the provider can't answer.";
    let body = pages::problem("This logout cannot be done", text, Some(reason));
    pages::page(StatusCode::BAD_REQUEST, body)
}

/// Shows that the form came from our page: only this browser's cookie leads to it.
fn proof(browser: &Browser) -> String {
    let digest = countersign_jose::digest::sha256(format!("logout {}", browser.id).as_bytes());
    countersign_jose::base64url::encode(&digest)
}

/// Parameters that the confirmation carries on.
const KEPT: [&str; 5] =
    ["post_logout_redirect_uri", "state", "client_id", "revoke_tokens", "id_token_hint"];
