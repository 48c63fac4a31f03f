//! What all pages have in common.

use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use serde_json::json;

/// A whole page around a body. It loads our own style and icon and nothing else.
pub(crate) fn page(
    status: StatusCode,
    path: &dyn Fn(&str) -> String,
    title: &str,
    body: &Markup,
) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · countersign demo" }
                link rel="icon" href=(path("/favicon.ico")) type="image/svg+xml";
                link rel="stylesheet" href=(path("/assets/style.css"));
            }
            body {
                header { a href=(path("/")) { "countersign" } span { "demo application" } }
                main { (body) }
            }
        }
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (status, headers, Html(page.into_string())).into_response()
}

/// Nothing is here.
pub(crate) async fn not_found(uri: Uri, headers: HeaderMap) -> Response {
    if !wants_html(&headers) {
        let body = json!({ "error": "not_found", "message": "There is nothing at this address." });
        return (StatusCode::NOT_FOUND, axum::Json(body)).into_response();
    }
    let body = html! {
        h1 { "Nothing is here" }
        p { "This application has no page " code { (uri.path()) } "." }
        div.act { a.go href="/" { "Start page" } }
    };
    page(StatusCode::NOT_FOUND, &str::to_owned, "Nothing is here", &body)
}

pub(crate) fn wants_html(headers: &HeaderMap) -> bool {
    accepts(headers, "text/html")
}

/// A program that names JSON and no page; a browser names pages first and everything after.
pub(crate) fn wants_json(headers: &HeaderMap) -> bool {
    accepts(headers, "application/json") && !wants_html(headers)
}

fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok()).any(|line| {
        line.split(',').any(|range| {
            range.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(kind)
        })
    })
}

const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";
