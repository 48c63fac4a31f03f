//! What can go wrong between a browser and the engine.

use std::time::Duration;

use countersign_protocol::{Code, Fault, ProviderSays};

mod table {
    countersign_protocol::codes! {
        SESSION_REQUIRED = "session.required", Person, "You need to sign in for this.", "Open the address in `login` in a browser window. A redirect is sent only to a person's navigation, never to scripts, images or prefetches.";
        SESSION_TOO_LARGE = "session.too_large", Setup, "The sign-in carries more data than the browser can keep.", "The message names the sizes. Ask the provider for fewer claims, leave scopes away or switch UserInfo off; up to 8 cookies of 3,800 bytes are used.";
        SESSION_CLAIMS = "session.claims", Person, "Your account lacks what this page needs.", "The log names the claim that is missing or has another form than the application expects.";
        LOGIN_UNKNOWN_STATE = "login.unknown_state", Person, "This answer belongs to no sign-in that was started in this browser.", "The reason says what was seen: no cookie at all (blocked, or the public address is not the one that the person uses), a cookie that does not open (the cookie secret has changed), or a callback that was used before.";
        LOGIN_LOOP = "login.loop", Person, "Signing in worked several times in a row, yet you were not recognised afterwards.", "The reason says what became of the session cookie: not returned (public address, https, blocked cookies, a proxy that cuts headers), not readable (cookie secret differs between processes), ended (clocks).";
        LOGIN_THIRD_PARTY = "login.third_party_issuer", Person, "This sign-in was to be started with a provider that is not ours.", "`iss` in a login that a third party starts must be the issuer in the settings (OpenID Connect Core 1.0 section 4).";
        LOGIN_OPTION = "login.option", Person, "The sign-in address carries a parameter that can't be read.", "`max_age` is a number of seconds; no parameter may come twice.";
        LOGOUT_FOREIGN = "logout.foreign", Person, "Another site tried to sign you out.", "Signing out takes a navigation or a POST from our own pages; images, frames and other sites' forms do not end a session.";
        LOGOUT_NO_TOKEN = "logout.no_token", Person, "The provider's logout brings no logout token.", "This address is for the provider: a POST with one `logout_token` in a form (OpenID Connect Back-Channel Logout 1.0 section 2.5). Register it as `backchannel_logout_uri`.";
        REQUEST_METHOD = "request.method", Person, "This address does not take this method.", "The Allow header names the methods.";
        REQUEST_TOO_LARGE = "request.too_large", Person, "The form is too large.", "Forms up to 64 KiB are read.";
        REQUEST_FORM = "request.form", Person, "This address takes a form.", "POST it as application/x-www-form-urlencoded in UTF-8.";
        SETUP_KEY_RING = "setup.key_ring", Setup, "The cookie secrets can't be used.", "One secret a line, at least 32 bytes each, none twice; the first one seals, all of them open.";
        SETUP_PUBLIC_ADDRESS = "setup.public_address", Setup, "The public address can't be used.", "An absolute https URL with host, port and path only; http on a loopback host.";
        SETUP_TRUSTED_PROXIES = "setup.trusted_proxies", Setup, "A trusted proxy can't be read.", "An address (10.0.0.7) or a network (10.0.0.0/8).";
        SETUP_COOKIE_PREFIX = "setup.cookie_prefix", Setup, "The cookie name prefix can't be used.", "1 to 32 letters, digits, `-` and `_`.";
        SETUP_LAYER = "setup.layer", Setup, "This application is not set up correctly.", "A handler asks who is here on a route without `Countersign::layer()`; add the layer to it.";
        SETUP_SHARED_FOLDER = "setup.shared_folder", Setup, "What the processes of this application share can't be kept.", "The message names the folder: it must exist or be creatable, and every process of the application must be able to write to it.";
        SETUP_ROUTES = "setup.routes", Setup, "A route can't be used.", "Routes are different paths that begin with a slash and have no query.";
    }
}

pub use table::CODES;
pub(crate) use table::*;

/// Something that ends in an answer other than the application's.
///
/// `detail` is for the operator's log and never holds a secret, a token, a code or a cookie.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) code: &'static Code,
    pub(crate) fault: Fault,
    pub(crate) reason: Option<Reason>,
    pub(crate) says: Option<ProviderSays>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) detail: String,
}

impl Problem {
    pub(crate) fn new(code: &'static Code) -> Self {
        let (says, retry_after, detail) = (None, None, String::new());
        Self { code, fault: code.fault, reason: None, says, retry_after, detail }
    }

    pub(crate) fn because(self, reason: Reason) -> Self {
        Self { reason: Some(reason), ..self }
    }

    pub(crate) fn detail(self, detail: impl ToString) -> Self {
        Self { detail: detail.to_string(), ..self }
    }

    pub(crate) fn log(&self) {
        let (code, reason) = (self.code.code, self.reason.map_or("", Reason::name));
        let detail = self.detail.as_str();
        match self.fault {
            Fault::Person => tracing::info!(code, reason, detail, "answered with an error"),
            Fault::Provider | Fault::Network => {
                tracing::warn!(code, reason, detail, remedy = self.code.remedy, "provider trouble");
            }
            Fault::Setup | Fault::Bug => {
                tracing::error!(code, reason, detail, remedy = self.code.remedy, "setup trouble");
            }
        }
    }
}

impl From<countersign::Error> for Problem {
    fn from(error: countersign::Error) -> Self {
        Self {
            code: error.entry(),
            fault: error.fault(),
            reason: None,
            says: error.provider_says().cloned(),
            retry_after: error.retry_after(),
            detail: error.to_string(),
        }
    }
}

/// The cause found for a login that does not come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The browser sent no cookie at all.
    NoCookies,
    /// Other cookies came, this one did not.
    CookieMissing,
    /// It came and does not open.
    CookieUnreadable,
    /// It opened and the session's time was over.
    SessionOver,
    /// It opened and the session had been ended.
    SessionEnded,
    /// The request came in under another host than the public address.
    OtherHost,
}

impl Reason {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NoCookies => "no_cookies",
            Self::CookieMissing => "cookie_missing",
            Self::CookieUnreadable => "cookie_unreadable",
            Self::SessionOver => "session_over",
            Self::SessionEnded => "session_ended",
            Self::OtherHost => "other_host",
        }
    }

    /// In words for the person who looks at the page.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::NoCookies => {
                "Your browser sent no cookies. If it blocks them for this site, allow them and try again."
            }
            Self::CookieMissing => {
                "The cookie that belongs to it did not come back. It may have been used before, in another window, or the browser did not keep it."
            }
            Self::CookieUnreadable => {
                "The cookie that belongs to it could not be read. Its keys may have been changed since; a new try sets a new one."
            }
            Self::SessionOver => {
                "The sign-in was over as soon as it began. The clocks of the computers involved may differ."
            }
            Self::SessionEnded => "The sign-in was ended, for example by signing out elsewhere.",
            Self::OtherHost => {
                "You came in under another address than the one that this site is set up for."
            }
        }
    }
}
