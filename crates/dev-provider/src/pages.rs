//! The pages that people see. No script but one line that sends a form on, one small stylesheet,
//! and a policy that forbids the rest.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_jose::digest;
use http::{HeaderName, StatusCode, header};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::Endpoint;
use crate::account::User;
use crate::answer::{set, typed};
use crate::provider::Inner;

/// Sends a page that nobody may frame, store or add anything to.
pub(crate) fn page(status: StatusCode, markup: Markup) -> Response {
    send(status, &[], markup)
}

/// A page that may load these addresses in frames.
pub(crate) fn page_with_frames(frames: &[String], markup: Markup) -> Response {
    send(StatusCode::OK, frames, markup)
}

fn send(status: StatusCode, frames: &[String], markup: Markup) -> Response {
    let mut response = typed(status, "text/html; charset=utf-8", markup.into_string());
    let origins = frames.iter().filter_map(|frame| url::Url::parse(frame).ok());
    let origins: Vec<String> = origins.map(|frame| frame.origin().ascii_serialization()).collect();
    let frames = match origins.as_slice() {
        [] => "'none'".to_owned(),
        origins => origins.join(" "),
    };
    let policy = format!(
        // No form-action: browsers apply it to where an application redirects afterwards, too.
        "default-src 'none'; style-src '{}'; script-src '{}'; frame-src {frames}; \
         base-uri 'none'; frame-ancestors 'none'",
        hash(STYLE),
        hash(SEND)
    );
    set(&mut response, header::CONTENT_SECURITY_POLICY, &policy);
    set(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(&mut response, header::REFERRER_POLICY, "no-referrer");
    set(&mut response, HeaderName::from_static("x-robots-tag"), "noindex");
    response
}

/// What the login page shows.
pub(crate) struct Login<'a> {
    pub(crate) interaction: &'a str,
    pub(crate) client: &'a str,
    pub(crate) users: &'a [User],
    pub(crate) hint: Option<&'a str>,
    pub(crate) trouble: Option<LoginTrouble>,
}

/// Why somebody is not logged in.
pub(crate) enum LoginTrouble {
    NoName,
    Unknown,
    WrongPassword { username: String },
}

pub(crate) fn login(login: &Login<'_>, action: &str) -> Markup {
    let typed = match &login.trouble {
        Some(LoginTrouble::WrongPassword { username }) => Some(username.as_str()),
        _ => login.hint,
    };
    let trouble = login.trouble.as_ref().map(|trouble| match trouble {
        LoginTrouble::NoName => "Enter a user name and a password.",
        LoginTrouble::Unknown => "There is no such user any more.",
        LoginTrouble::WrongPassword { .. } => "That user name and password don’t go together.",
    });
    // The cursor waits where the next thing to do is.
    let (at_list, at_name) = (typed.is_none() && trouble.is_none(), typed.is_none());
    frame(
        "Log in",
        html! {
            h1 { "Log in" }
            p { "to continue to " strong { (login.client) } }
            @if let Some(trouble) = trouble {
                p role="alert" id="trouble" { (trouble) }
            }
            form method="post" action=(action) {
                input type="hidden" name="interaction" value=(login.interaction);
                h2 id="people" { "Log in as" }
                ul aria-labelledby="people" {
                    @for (position, user) in login.users.iter().take(MOST_SHOWN).enumerate() {
                        li {
                            button .person name="user" value=(user.username())
                                autofocus[at_list && position == 0] {
                                span .badge aria-hidden="true" { (initial(user)) }
                                span { (user.display_name()) " " small { (user.about()) } }
                            }
                        }
                    }
                }
            }
            form method="post" action=(action) {
                input type="hidden" name="interaction" value=(login.interaction);
                h2 { "or with a password" }
                label for="username" { "User name" }
                input #username name="username" value=[typed] autocomplete="username"
                    autocapitalize="none" spellcheck="false" required
                    aria-describedby=[trouble.map(|_| "trouble")]
                    autofocus[at_name && !at_list];
                label for="password" { "Password" }
                input #password name="password" type="password" autocomplete="current-password"
                    aria-describedby=[trouble.map(|_| "trouble")]
                    autofocus[!at_name];
                button .main name="login" value="password" { "Log in" }
                button .quiet name="cancel" value="1" formnovalidate { "Cancel" }
            }
        },
    )
}

/// What the consent page shows.
pub(crate) struct Consent<'a> {
    pub(crate) interaction: &'a str,
    pub(crate) client: &'a str,
    pub(crate) person: &'a str,
    pub(crate) scope: &'a [String],
}

pub(crate) fn consent(consent: &Consent<'_>, action: &str) -> Markup {
    frame(
        "Allow access",
        html! {
            h1 { "Allow access?" }
            p {
                strong { (consent.client) } " wants to know about you, "
                strong { (consent.person) } "."
            }
            h2 id="asked" { "It asks for" }
            ul .plain aria-labelledby="asked" {
                @for scope in consent.scope {
                    li { (meaning(scope)) }
                }
            }
            form method="post" action=(action) {
                input type="hidden" name="interaction" value=(consent.interaction);
                button .main name="allow" value="1" autofocus { "Allow" }
                button .quiet name="deny" value="1" { "Deny" }
            }
        },
    )
}

/// Asks whether to log out; `kept` travels along.
pub(crate) fn confirm_logout(
    person: &str,
    proof: &str,
    kept: &[(&str, &str)],
    action: &str,
) -> Markup {
    frame(
        "Log out",
        html! {
            h1 { "Log out?" }
            p { "You are logged in here as " strong { (person) } "." }
            form method="post" action=(action) {
                input type="hidden" name="confirm" value=(proof);
                @for (name, value) in kept {
                    input type="hidden" name=(name) value=(value);
                }
                button .main name="leave" value="1" autofocus { "Log out" }
                button .quiet name="stay" value="1" { "Stay logged in" }
            }
        },
    )
}

/// The end of a session; `frames` tell the clients, then the browser goes on.
pub(crate) fn logged_out(frames: &[String], next: Option<&str>) -> Markup {
    frame(
        "Logged out",
        html! {
            @if let Some(next) = next {
                meta http-equiv="refresh" content={ "1; url=" (next) };
            }
            h1 { "Logged out" }
            p { "You are logged out at the development provider." }
            @if let Some(next) = next {
                p { a href=(next) { "Back to the application" } }
            }
            @for frame in frames {
                iframe hidden src=(frame) title="Logs an application out" {}
            }
        },
    )
}

/// A short message.
pub(crate) fn message(title: &str, text: &str) -> Markup {
    frame(title, html! { h1 { (title) } p { (text) } })
}

/// A message about a request that can't be answered, with the reason for the developer.
pub(crate) fn problem(title: &str, text: &str, reason: Option<&str>) -> Markup {
    frame(
        title,
        html! {
            h1 { (title) }
            p { (text) }
            @if let Some(reason) = reason {
                p role="alert" { code { (reason) } }
            }
        },
    )
}

/// The front page.
pub(crate) fn welcome(provider: &Inner, users: &[User]) -> Markup {
    frame(
        "Development provider",
        html! {
            h1 { "Development provider" }
            p { "An OpenID Provider in memory. Point an application at the issuer below." }
            dl {
                dt { "Issuer" }
                dd { code { (provider.settings.issuer) } }
                dt { "Metadata" }
                dd {
                    a href=(provider.path(Endpoint::Discovery)) {
                        code { (provider.path(Endpoint::Discovery)) }
                    }
                }
                @if provider.settings.controls {
                    dt { "Misbehaviour on demand" }
                    dd {
                        a href={ (provider.settings.base_path) "/dev/mischief" } {
                            code { "/dev/mischief" }
                        }
                    }
                }
            }
            h2 { "Who can log in" }
            ul .plain {
                @for user in users.iter().take(MOST_SHOWN) {
                    li {
                        (user.display_name()) ": " code { (user.username()) } " / "
                        code { (user.shown_password()) }
                    }
                }
            }
            p { a href=(provider.path(Endpoint::Logout)) { "Log out here" } }
        },
    )
}

/// A form that sends itself (OAuth 2.0 Form Post Response Mode), with a button where scripts are
/// off.
pub(crate) fn form_post(to: &str, pairs: &[(String, String)]) -> Markup {
    frame(
        "Back to the application",
        html! {
            h1 { "Back to the application" }
            form method="post" action=(to) {
                @for (name, value) in pairs {
                    input type="hidden" name=(name) value=(value);
                }
                button .main autofocus { "Continue" }
            }
            script { (PreEscaped(SEND)) }
        },
    )
}

fn frame(title: &str, content: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Development provider" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main { (content) }
                footer { "Development provider: anybody can log in as anybody." }
            }
        }
    }
}

fn initial(user: &User) -> String {
    user.display_name().chars().take(1).collect::<String>().to_uppercase()
}

/// A scope in words.
fn meaning(scope: &str) -> String {
    match scope {
        "openid" => "who you are".to_owned(),
        "profile" => "your name and profile".to_owned(),
        "email" => "your mail address".to_owned(),
        "address" => "your postal address".to_owned(),
        "phone" => "your phone number".to_owned(),
        "offline_access" => "all this also while you are away".to_owned(),
        other => other.to_owned(),
    }
}

/// A source expression of Content Security Policy.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(digest::sha256(text.as_bytes())))
}

const STYLE: &str = include_str!("style.css");
const SEND: &str = "document.forms[0].submit()";
/// A login page with hundreds of names helps nobody.
const MOST_SHOWN: usize = 25;
