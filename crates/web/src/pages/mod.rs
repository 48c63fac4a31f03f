//! The pages that people see when no page of the application fits.
//!
//! They need no JavaScript, load nothing, and escape whatever they show.

mod bridge;
mod error;
mod signed_out;
mod style;

use http::{StatusCode, header};
use maud::{DOCTYPE, Markup, html};

pub(crate) use bridge::bridge;
pub(crate) use error::error;
pub(crate) use signed_out::signed_out;

use crate::reply::Reply;

/// A whole page around a body. The nonce lets exactly our own style (and script) through.
fn page(status: StatusCode, title: &str, nonce: &str, script: bool, body: &Markup) -> Reply {
    let text = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style nonce=(nonce) { (maud::PreEscaped(style::STYLE)) }
            }
            body { main { (body) } }
        }
    };
    let script = if script { format!("script-src 'nonce-{nonce}'; ") } else { String::new() };
    Reply::html(status, text.into_string())
        .header(
            header::CONTENT_SECURITY_POLICY,
            &format!(
                "default-src 'none'; style-src 'nonce-{nonce}'; {script}base-uri 'none'; frame-ancestors 'none'"
            ),
        )
        .header(header::X_FRAME_OPTIONS, "DENY")
}
