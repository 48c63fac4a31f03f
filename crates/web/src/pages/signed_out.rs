//! The page after logout.

use http::StatusCode;
use maud::html;

use crate::reply::Reply;

pub(crate) fn signed_out(login: &str, home: &str, nonce: &str) -> Reply {
    let title = "You are signed out";
    let body = html! {
        h1 { (title) }
        p { "Your session here has ended." }
        div.act {
            a.go href=(login) { "Sign in again" }
            a href=(home) { "Start page" }
        }
    };
    super::page(StatusCode::OK, title, nonce, false, &body)
}
