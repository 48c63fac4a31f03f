//! What may be asked of one login.

use countersign_jose::json::Object;
use serde_json::Value;
use url::Url;

use crate::value::return_to::ReturnTo;
use crate::value::secret::Secret;

/// What one login asks for, beyond what every login sends.
///
/// ```
/// use countersign_protocol::{ReturnTo, login::LoginOptions};
/// let options = LoginOptions::new()
///     .return_to(ReturnTo::parse("/profile").unwrap())
///     .max_age(300)
///     .login_hint("alice@example.com");
/// assert_eq!(options.target().as_str(), "/profile");
/// ```
#[derive(Clone, Debug, Default)]
pub struct LoginOptions {
    pub(super) return_to: ReturnTo,
    pub(super) redirect_uri: Option<Url>,
    pub(super) scope: Option<String>,
    pub(super) prompt: Option<String>,
    pub(super) max_age: Option<u64>,
    pub(super) login_hint: Option<String>,
    pub(super) acr_values: Vec<String>,
    pub(super) ui_locales: Option<String>,
    pub(super) claims: Option<Object>,
    pub(super) response_mode: Option<ResponseMode>,
    pub(super) extra: Vec<(String, String)>,
    pub(super) attempt: u8,
    pub(super) silent: bool,
    pub(super) id_token_hint: Option<Secret>,
    pub(super) subject: Option<String>,
    pub(super) chosen: Option<Chosen>,
    pub(super) without_pkce: bool,
}

/// What an application drew itself.
#[derive(Clone)]
pub(super) struct Chosen {
    pub(super) state: String,
    pub(super) nonce: String,
}

impl std::fmt::Debug for Chosen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chosen(…)")
    }
}

impl LoginOptions {
    /// A plain login that returns to `/`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the person goes afterwards.
    #[must_use]
    pub fn return_to(mut self, target: ReturnTo) -> Self {
        self.return_to = target;
        self
    }

    /// `redirect_uri`, instead of the relying party's: for an application with several addresses.
    /// It must be registered too.
    #[must_use]
    pub fn redirect_uri(mut self, uri: Url) -> Self {
        self.redirect_uri = Some(uri);
        self
    }

    /// `scope`, instead of the relying party's; `openid` is added when it lacks.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// `prompt` (`none`, `login`, `consent`, `select_account`, or several with spaces between).
    #[must_use]
    pub fn prompt(mut self, prompt: impl Into<String>) -> Self {
        self.prompt = Some(prompt.into());
        self
    }

    /// `max_age` in seconds; the answer's `auth_time` is then checked (section 3.1.3.7, rule 13).
    #[must_use]
    pub fn max_age(mut self, seconds: u64) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// `login_hint`
    #[must_use]
    pub fn login_hint(mut self, hint: impl Into<String>) -> Self {
        self.login_hint = Some(hint.into());
        self
    }

    /// `acr_values`, with spaces between; the answer's `acr` must then be one of them.
    #[must_use]
    pub fn acr_values(mut self, values: &str) -> Self {
        self.acr_values = values.split_ascii_whitespace().map(str::to_owned).collect();
        self
    }

    /// `ui_locales`
    #[must_use]
    pub fn ui_locales(mut self, locales: impl Into<String>) -> Self {
        self.ui_locales = Some(locales.into());
        self
    }

    /// `claims` (section 5.5). What it names as essential with a value is checked in the ID token.
    #[must_use]
    pub fn claims(mut self, claims: Object) -> Self {
        self.claims = Some(claims);
        self
    }

    /// `response_mode`
    #[must_use]
    pub fn response_mode(mut self, mode: ResponseMode) -> Self {
        self.response_mode = Some(mode);
        self
    }

    /// Any further parameter. One that countersign sets itself is refused when the login begins.
    #[must_use]
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra.push((name.into(), value.into()));
        self
    }

    /// How often this login was started again by itself: see [`crate::value::random::state`].
    #[must_use]
    pub fn attempt(mut self, attempt: u8) -> Self {
        self.attempt = attempt;
        self
    }

    /// Asks without showing anything to the person (`prompt=none`), for the same subject as before.
    #[must_use]
    pub fn silent(mut self, subject: impl Into<String>, id_token_hint: Option<Secret>) -> Self {
        self.silent = true;
        self.prompt = Some("none".to_owned());
        self.subject = Some(subject.into());
        self.id_token_hint = id_token_hint;
        self
    }

    /// The return target.
    #[must_use]
    pub fn target(&self) -> &ReturnTo {
        &self.return_to
    }

    pub(crate) fn chosen(mut self, state: &str, nonce: &str) -> Self {
        self.chosen = Some(Chosen { state: state.to_owned(), nonce: nonce.to_owned() });
        self
    }

    pub(crate) fn without_pkce(mut self) -> Self {
        self.without_pkce = true;
        self
    }

    /// Refuses what can't be sent. A login does so too when it begins; whoever reads options from a
    /// file or a command line wants to know at once.
    ///
    /// # Errors
    /// [`OptionError`] for an extra parameter that countersign sets, a value that is too long, or
    /// `prompt=none` beside another prompt.
    pub fn checked(self) -> Result<Self, OptionError> {
        if let Some((name, _)) = self.extra.iter().find(|(name, _)| OURS.contains(&name.as_str())) {
            return Err(OptionError::Reserved { name: name.clone() });
        }
        let is_address =
            |uri: &Url| matches!(uri.scheme(), "https" | "http") && uri.fragment().is_none();
        if !self.redirect_uri.as_ref().is_none_or(is_address) {
            return Err(OptionError::RedirectUri);
        }
        let too_long =
            |text: &Option<String>| text.as_ref().is_some_and(|text| text.len() > LONGEST);
        let texts = [
            ("prompt", &self.prompt),
            ("login_hint", &self.login_hint),
            ("ui_locales", &self.ui_locales),
            ("scope", &self.scope),
        ];
        if let Some((name, _)) = texts.into_iter().find(|(_, text)| too_long(text)) {
            return Err(OptionError::TooLong { name });
        }
        let drawn =
            self.chosen.as_ref().map(|drawn| [("state", &drawn.state), ("nonce", &drawn.nonce)]);
        let long_enough = |text: &str| (SHORTEST..=LONGEST).contains(&text.len());
        if let Some((name, _)) = drawn.into_iter().flatten().find(|(_, text)| !long_enough(text)) {
            return Err(OptionError::Drawn { name });
        }
        let prompts = self.prompt.as_deref().unwrap_or_default();
        if prompts.split(' ').any(|prompt| prompt == "none") && prompts != "none" {
            return Err(OptionError::PromptNone);
        }
        Ok(self)
    }

    /// Values that were asked for as essential in the ID token, and what they must be.
    pub(super) fn essential(&self) -> Vec<(String, Vec<Value>)> {
        let Some(Value::Object(wanted)) = self.claims.as_ref().and_then(|c| c.get("id_token"))
        else {
            return Vec::new();
        };
        let values = |name: &String, request: &Value| {
            let essential = request.get("essential") == Some(&Value::Bool(true)) || name == "sub";
            let one = request.get("value").map(|value| vec![value.clone()]);
            let many = request.get("values").and_then(Value::as_array).cloned();
            one.or(many).filter(|_| essential).map(|values| (name.clone(), values))
        };
        wanted.iter().filter_map(|(name, request)| values(name, request)).collect()
    }
}

/// How the answer comes back (OAuth 2.0 Multiple Response Type Encoding Practices).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseMode {
    /// In the query of the redirect URI: the default of the code flow.
    Query,
    /// As a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl ResponseMode {
    /// The registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }
}

impl std::str::FromStr for ResponseMode {
    type Err = OptionError;

    fn from_str(name: &str) -> Result<Self, OptionError> {
        match name {
            "query" => Ok(Self::Query),
            "form_post" => Ok(Self::FormPost),
            _ => Err(OptionError::ResponseMode),
        }
    }
}

/// What can't be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionError {
    /// A parameter that countersign sets.
    #[error("\"{name}\" is set by countersign and can't be added as an extra parameter")]
    Reserved {
        /// Its name.
        name: String,
    },
    /// A value beyond 2,048 bytes.
    #[error("\"{name}\" has more than 2,048 bytes")]
    TooLong {
        /// Its name.
        name: &'static str,
    },
    /// A `state` or `nonce` of the application's own that can be guessed.
    #[error("\"{name}\" needs 16 to 2,048 characters that nobody can guess")]
    Drawn {
        /// Which.
        name: &'static str,
    },
    /// `none` beside another prompt (section 3.1.2.1).
    #[error("prompt=none can't stand beside another prompt")]
    PromptNone,
    /// A redirect URI that no browser can be sent to (RFC 6749 section 3.1.2).
    #[error("redirect_uri is an absolute https URL without fragment")]
    RedirectUri,
    /// A response mode that a server can't read or that isn't built.
    #[error("response_mode is query or form_post; a fragment never reaches a server")]
    ResponseMode,
    /// A provider of which only what an API needs is known.
    #[error(
        "the provider's metadata announces no authorization_endpoint, so nobody can log in there"
    )]
    NoAuthorizationEndpoint,
}

const OURS: &[&str] = &[
    "acr_values",
    "claims",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "id_token_hint",
    "login_hint",
    "max_age",
    "nonce",
    "prompt",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "ui_locales",
];
const LONGEST: usize = 2048;
const SHORTEST: usize = 16;
