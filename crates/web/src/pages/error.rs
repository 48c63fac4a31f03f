//! The error page.

use countersign_protocol::Fault;
use maud::html;

use crate::reply::{ErrorView, Reply};

/// What went wrong, the stable code, and a way on that keeps where the person wanted to go.
pub(crate) fn error(view: &ErrorView<'_>, home: &str, nonce: &str) -> Reply {
    let title = title(view.fault(), view.code());
    let body = html! {
        h1 { (title) }
        p { (view.meaning()) }
        @if let Some(reason) = view.reason() { p { (reason) } }
        @if let Some(says) = view.says() {
            p { "The sign-in service says:" }
            blockquote {
                p { (says.description.as_deref().unwrap_or(&says.error)) }
            }
        }
        @if let Some(hint) = hint(view.fault()) { p { (hint) } }
        div.act {
            a.go href=(view.try_again()) { "Try again" }
            a href=(home) { "Start page" }
        }
        p.soft {
            "Code: " code { (view.code()) }
            @if let Some(says) = view.says() { " (" code { (says.error) } ")" }
        }
    };
    super::page(view.status(), title, nonce, false, &body)
}

fn title(fault: Fault, code: &str) -> &'static str {
    match fault {
        Fault::Person if code.starts_with("session.") => "You can't open this page",
        Fault::Person if code.starts_with("logout.") => "You are still signed in",
        Fault::Person if code.starts_with("request.") => "This request can't be answered",
        Fault::Person => "Signing in did not work",
        Fault::Provider => "The sign-in service gave a wrong answer",
        Fault::Network => "The sign-in service can't be reached",
        Fault::Setup | Fault::Bug => "Signing in is not set up correctly",
    }
}

const fn hint(fault: Fault) -> Option<&'static str> {
    match fault {
        Fault::Person => None,
        Fault::Network => Some("This is not your fault. Please try again in a moment."),
        Fault::Provider | Fault::Setup | Fault::Bug => Some(
            "This is not your fault. If it stays, tell the people who run this site the code below.",
        ),
    }
}
