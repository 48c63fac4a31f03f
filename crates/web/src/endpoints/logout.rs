//! Ending a session, here first and then at the provider.

use countersign::ReturnTo;
use countersign_jose::base64url;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Parameters, wrong_method};
use crate::call::{Call, RETURN_TO};
use crate::error::{self, Problem};
use crate::event::Event;
use crate::key_ring::Purpose;
use crate::reply::Reply;
use crate::request::Kind;
use crate::session::Found;

/// `GET` (a navigation) or `POST` from a page of ours.
///
/// Whatever the provider does or doesn't do, the session is over here before anything is asked.
pub(crate) async fn logout(call: &Call<'_>) -> Reply {
    let method = call.request.method();
    if *method != Method::GET && *method != Method::POST {
        return wrong_method(call, "GET, POST");
    }
    if is_foreign(call) {
        return call.tell(&Problem::new(&error::LOGOUT_FOREIGN), &call.default_target());
    }
    let parameters = match Parameters::of(call) {
        Ok(parameters) => parameters,
        Err(problem) => return call.tell(&problem, &call.default_target()),
    };
    let wanted = parameters.once(RETURN_TO).ok().flatten();
    let return_to = wanted.and_then(|path| ReturnTo::parse(&path).ok());

    let session = match call.session() {
        Found::Live(kept) => {
            call.end(&kept);
            call.site.tell(Event::LoggedOut);
            Some(kept.session)
        }
        Found::Dead(kept, _) => {
            call.end(&kept);
            Some(kept.session)
        }
        Found::None(_) => None,
    };
    let mut cookies = call.no_session_cookies();
    cookies.push(call.no_trail());

    let state = match leave(call, return_to) {
        Ok((state, cookie)) => {
            cookies.push(cookie);
            state
        }
        Err(problem) => {
            problem.log();
            String::new()
        }
    };
    let here = call.url(&call.site.routes.logged_out, &[("state", &state)]);
    let there = at_provider(call, session.as_ref(), state).await;
    let next = there.as_ref().map_or(here.as_str(), Url::as_str);
    if call.kind == Kind::Background {
        let told = serde_json::json!({ "logged_out": true, "next": next });
        return Reply::json(StatusCode::OK, &told).cookies(cookies);
    }
    Reply::see_other(next).cookies(cookies)
}

/// The provider's logout address, if it has one and can be asked (RP-Initiated Logout 1.0).
async fn at_provider(
    call: &Call<'_>,
    session: Option<&countersign::Session>,
    state: String,
) -> Option<Url> {
    let back = call.seen.base.url(&call.site.routes.logged_out);
    let options = call.site.logout.clone().post_logout_redirect_uri(back).state(state);
    match call.site.relying_party.logout_url(session, options).await {
        Ok(url) => url,
        Err(error) => {
            Problem::from(error).log();
            None
        }
    }
}

/// What is needed when the provider sends the browser back.
#[derive(Serialize, Deserialize)]
pub(super) struct Leave {
    pub(super) state: String,
    pub(super) return_to: Option<ReturnTo>,
}

fn leave(
    call: &Call<'_>,
    return_to: Option<ReturnTo>,
) -> Result<(String, http::HeaderValue), Problem> {
    let state = base64url::encode(&call.random::<16>()?);
    let leave = Leave { state: state.clone(), return_to };
    let cookie = call.sealed_cookie(Purpose::Logout, &call.names.logout(), &leave, LIFE)?;
    Ok((state, cookie))
}

/// Images, frames, prefetches and other sites' forms end no session. A link on another site may:
/// the person has followed it and sees what it did.
fn is_foreign(call: &Call<'_>) -> bool {
    let request = &call.request;
    if *request.method() == Method::GET {
        return call.kind == Kind::Background;
    }
    if matches!(request.header("sec-fetch-site"), Some("same-origin" | "none")) {
        return false;
    }
    match request.header("origin") {
        Some(origin) => !call.site.address.is_own_origin(origin),
        None => request.is_cross_site(),
    }
}

/// Seconds.
const LIFE: u64 = 600;
