//! What is asked of a token that this application fetches for itself.

use url::Url;

use super::client_auth::ClientAuthError;
use crate::error::{self, Code};
use crate::value::issuer::shown;

/// Which token is wanted: for which scope, for which API.
///
/// ```
/// use countersign_protocol::token::TokenAsk;
///
/// let ask = TokenAsk::new()
///     .scope("notes:read")
///     .resource("https://notes.example/");
/// assert_eq!(ask.asked_scope(), Some("notes:read"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TokenAsk {
    scope: Option<String>,
    resources: Vec<String>,
    audiences: Vec<String>,
    extra: Vec<(String, String)>,
}

impl TokenAsk {
    /// Whatever the provider gives when nothing is named.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `scope`: names with a space between each (RFC 6749 section 3.3).
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// `resource`: the address of an API that the token is for (RFC 8707). It is sent as it is
    /// written, since providers and APIs compare it byte for byte: `https://notes.example` is
    /// another one than `https://notes.example/`. May be set several times.
    #[must_use]
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.resources.push(resource.into());
        self
    }

    /// `audience`: the name of an API that the token is for, as RFC 8693 and several providers
    /// have it. May be set several times.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Another parameter that the provider wants.
    #[must_use]
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra.push((name.into(), value.into()));
        self
    }

    /// `scope`, if it was set.
    #[must_use]
    pub fn asked_scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// The parameters of the form.
    pub(super) fn fill<'a>(&'a self, form: &mut Vec<(&'a str, String)>) -> Result<(), AskError> {
        if let Some((name, _)) = self.extra.iter().find(|(name, _)| OURS.contains(&name.as_str())) {
            return Err(AskError::Reserved { name: shown(name) });
        }
        let is_resource = |text: &str| !text.contains('#') && Url::parse(text).is_ok();
        if let Some(wrong) = self.resources.iter().find(|resource| !is_resource(resource)) {
            return Err(AskError::Resource { got: shown(wrong) });
        }
        form.extend(self.scope.iter().map(|scope| ("scope", scope.clone())));
        form.extend(self.resources.iter().map(|url| ("resource", url.clone())));
        form.extend(self.audiences.iter().map(|audience| ("audience", audience.clone())));
        form.extend(self.extra.iter().map(|(name, value)| (name.as_str(), value.clone())));
        Ok(())
    }
}

/// Why a token can't even be asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// A parameter that countersign sets.
    #[error("\"{name}\" is set by countersign and can't be added as an extra parameter")]
    Reserved {
        /// Its name.
        name: String,
    },
    /// A resource that can't be one (RFC 8707 section 2).
    #[error("a resource is an absolute address without fragment; got \"{got}\"")]
    Resource {
        /// What was set.
        got: String,
    },
    /// The client can't authenticate.
    #[error(transparent)]
    ClientAuth(#[from] ClientAuthError),
}

impl AskError {
    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self {
            Self::Reserved { .. } | Self::Resource { .. } => &error::SETUP_OPTION,
            Self::ClientAuth(auth) => auth.entry(),
        }
    }
}

const OURS: &[&str] = &[
    "actor_token",
    "actor_token_type",
    "audience",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "grant_type",
    "requested_token_type",
    "resource",
    "scope",
    "subject_token",
    "subject_token_type",
];
