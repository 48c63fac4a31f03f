//! Which place of the provider a message goes to or comes from.

use std::fmt;

/// A place at the provider, as errors and traces name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// The provider's metadata document.
    Discovery,
    /// Its key set (`jwks_uri`).
    Keys,
    /// `registration_endpoint`.
    Registration,
    /// `authorization_endpoint`.
    Authorization,
    /// `token_endpoint`.
    Token,
    /// `userinfo_endpoint`.
    UserInfo,
    /// `end_session_endpoint`.
    EndSession,
    /// `introspection_endpoint`.
    Introspection,
    /// `revocation_endpoint`.
    Revocation,
    /// A place of the application's own choice, asked with an access token.
    Resource,
}

impl Endpoint {
    /// The name under which the metadata announces it, or a plain word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery document",
            Self::Keys => "jwks_uri",
            Self::Registration => "registration_endpoint",
            Self::Authorization => "authorization_endpoint",
            Self::Token => "token_endpoint",
            Self::UserInfo => "userinfo_endpoint",
            Self::EndSession => "end_session_endpoint",
            Self::Introspection => "introspection_endpoint",
            Self::Revocation => "revocation_endpoint",
            Self::Resource => "resource",
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
