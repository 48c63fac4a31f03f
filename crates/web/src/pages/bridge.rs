//! The step between a provider's cross-site POST and our own cookies.
//!
//! With `response_mode=form_post` the provider's page posts to us; that POST brings no
//! `SameSite=Lax` cookie. The same form, posted once more from a page of our own, does. The code
//! stays in the body: it never becomes part of an address.

use http::StatusCode;
use maud::{PreEscaped, html};

use crate::reply::Reply;

/// A page that posts these fields to this path.
pub(crate) fn bridge(path: &str, fields: &[(String, String)], nonce: &str) -> Reply {
    let title = "Signing you in";
    let body = html! {
        h1 { (title) }
        p { "One more step. If nothing happens, continue by hand." }
        form method="post" action=(path) {
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            div.act { button.go type="submit" { "Continue" } }
        }
        script nonce=(nonce) { (PreEscaped(SUBMIT)) }
    };
    super::page(StatusCode::OK, title, nonce, true, &body)
}

const SUBMIT: &str = "document.forms[0].submit()";
