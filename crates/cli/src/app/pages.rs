//! The start page and the profile.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use countersign::UnixTime;
use countersign::protocol::jose::json::Object;
use countersign_axum::{Principal, Session};
use maud::{Markup, html};
use serde_json::Value;

use super::page::{page, wants_json};
use super::{App, me};

/// `GET /`: for everybody.
pub(crate) async fn home(State(app): State<Arc<App>>, principal: Option<Principal>) -> Response {
    let (title, who) = match &principal {
        Some(principal) => ("Welcome", signed_in(&app, principal)),
        None => ("Welcome", signed_out(&app)),
    };
    let body = html! {
        (who)
        (places(&app, principal.is_some()))
    };
    page(StatusCode::OK, &|path| app.path(path), title, &body)
}

/// `GET /profile`: for those who are logged in.
pub(crate) async fn profile(
    State(app): State<Arc<App>>,
    session: Session,
    headers: HeaderMap,
) -> Response {
    if wants_json(&headers) {
        return Json(me::described(&app, &session).await).into_response();
    }
    let name = display_name(|claim| session.claim(claim)).unwrap_or(session.subject());
    let now = app.site.relying_party().now();
    let called = app.call(&session).await;
    let body = html! {
        h1 { (name) }
        p { "Signed in as " strong { (session.subject()) } " at " code { (session.issuer()) } }
        (leave(&app))
        @if let Some(profile) = session.user_info() {
            h2 { "From UserInfo" }
            (claims(profile, now))
        }
        h2 { "From the ID token" }
        (claims(session.claims(), now))
        @if let Some(called) = called.as_ref().and_then(Value::as_object) {
            h2 { "From the API" }
            (claims(called, now))
        }
        h2 { "Session" }
        dl {
            dt { "scope" } dd { (session.scope()) }
            dt { "access token ends" }
            dd {
                @match session.access_token_expires_at() {
                    Some(at) => (from_now(at, now)),
                    None => "the provider does not say",
                }
            }
            dt { "session ends" } dd { (from_now(app.site.policy().ends_at(&session), now)) }
            dt { "renewed" } dd { (times(session.refreshed())) }
        }
    };
    page(StatusCode::OK, &|path| app.path(path), name, &body)
}

fn signed_in(app: &App, principal: &Principal) -> Markup {
    let name = display_name(|claim| principal.claim(claim)).unwrap_or(principal.subject());
    html! {
        h1 { "Hello, " (name) }
        p { "You are signed in as " strong { (principal.subject()) } " at " code { (principal.issuer()) } }
        div.act {
            a.go href=(app.path("/profile")) { "Your profile" }
            (sign_out(app))
        }
    }
}

fn signed_out(app: &App) -> Markup {
    html! {
        h1 { "Nobody is signed in" }
        p { "This application asks " code { (app.site.relying_party().issuer()) } " who you are." }
        div.act { a.go href=(app.path("/auth/login?return_to=/profile")) { "Sign in" } }
        @if !app.people.is_empty() {
            h2 { "Who can sign in" }
            dl {
                @for user in &app.people {
                    dt { (user.display_name()) }
                    dd { code { (user.username()) } ", password " code { (user.shown_password()) } }
                }
            }
        }
    }
}

fn leave(app: &App) -> Markup {
    html! {
        div.act {
            a.go href=(app.path("/")) { "Start page" }
            (sign_out(app))
        }
    }
}

fn sign_out(app: &App) -> Markup {
    html! {
        form method="post" action=(app.path("/auth/logout")) {
            button type="submit" { "Sign out" }
        }
    }
}

fn places(app: &App, here: bool) -> Markup {
    let mut places = vec![
        ("/profile", "Profile", "needs a sign-in, and shows your claims"),
        ("/me", "Session", "the session as JSON; 401 without one"),
    ];
    if here {
        let again = "/auth/login?prompt=login&return_to=/profile";
        places.push((
            again,
            "Sign in again",
            "asks for the password even if the provider knows you",
        ));
    }
    places.extend([
        ("/api/me", "API: me", "for programs: what their access token says; 401 without one"),
        ("/api/notes", "API: notes", "for access tokens with the scope notes:read"),
        ("/api/editor", "API: editor", "for access tokens with the role editor"),
        ("/healthz", "Health", "whether the application runs"),
        ("/readyz", "Readiness", "whether the provider can be used"),
        ("/metrics", "Metrics", "logins, failures and logouts, counted for Prometheus"),
    ]);
    html! {
        h2 { "Try it" }
        ul {
            @for (path, name, about) in places {
                li { a href=(app.path(path)) { (name) } span { (about) } }
            }
        }
    }
}

fn claims(claims: &Object, now: UnixTime) -> Markup {
    html! {
        dl {
            @for (name, value) in claims {
                dt { (name) }
                dd { (claim(name, value, now)) }
            }
        }
    }
}

fn claim(name: &str, value: &Value, now: UnixTime) -> Markup {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        Value::Object(_) | Value::Array(_) => {
            serde_json::to_string_pretty(value).unwrap_or_default()
        }
        other => other.to_string(),
    };
    let moment = UnixTime::from_json(value).filter(|_| MOMENTS.contains(&name));
    html! {
        @if text.len() > LONG {
            details {
                summary { (text.len()) " characters" }
                pre { (text) }
            }
        } @else if text.contains('\n') {
            pre { (text) }
        } @else {
            (text)
        }
        @if let Some(moment) = moment { " " span.soft { "(" (from_now(moment, now)) ")" } }
    }
}

/// The best name that somebody has.
fn display_name<'a>(claim: impl Fn(&str) -> Option<&'a Value>) -> Option<&'a str> {
    let text = |name: &&str| claim(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    ["name", "preferred_username", "nickname", "email"].iter().find_map(text)
}

/// A moment as people tell it.
fn from_now(at: UnixTime, now: UnixTime) -> String {
    let (ahead, behind) = (at.since(now).as_secs(), now.since(at).as_secs());
    match (ahead, behind) {
        (0, 0) => "just now".to_owned(),
        (0, behind) => format!("{} ago", span(behind)),
        (ahead, _) => format!("in {}", span(ahead)),
    }
}

/// Rounded to the unit that says enough.
fn span(seconds: u64) -> String {
    let (unit, name) = match seconds {
        0..120 => (1, "second"),
        120..7_200 => (60, "minute"),
        7_200..172_800 => (3_600, "hour"),
        _ => (86_400, "day"),
    };
    match (seconds + unit / 2) / unit {
        1 => format!("1 {name}"),
        amount => format!("{amount} {name}s"),
    }
}

fn times(times: u32) -> String {
    match times {
        0 => "not yet".to_owned(),
        1 => "once".to_owned(),
        times => format!("{times} times"),
    }
}

/// Claims that are moments (RFC 7519 section 4.1, OpenID Connect Core 1.0 sections 2 and 5.1).
const MOMENTS: [&str; 5] = ["auth_time", "exp", "iat", "nbf", "updated_at"];
const LONG: usize = 600;
