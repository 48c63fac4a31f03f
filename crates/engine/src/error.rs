//! One error over all stories.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use countersign_protocol::access_token::AccessTokenError;
use countersign_protocol::discovery::{DiscoveryError, KeysError};
use countersign_protocol::error as table;
use countersign_protocol::id_token::IdTokenError;
use countersign_protocol::login::{CallbackError, LoginError, OptionError};
use countersign_protocol::logout::LogoutTokenError;
use countersign_protocol::registration::{ClientSecretsError, RegistrationError};
use countersign_protocol::resource::ResourceError;
use countersign_protocol::token::{
    AskError, ClientAuthError, IntrospectError, RevokeError, TokenError,
};
use countersign_protocol::user_info::UserInfoError;
use countersign_protocol::value::endpoint::Endpoint;
use countersign_protocol::value::issuer::IssuerError;
use countersign_protocol::{Code, Fault, ProviderSays};

use crate::outside::{EntropyError, Failure};

/// What went wrong: with a stable code, whose fault it is, and what to change.
///
/// `Display` is for operators and never holds a token, code or secret. What a person may see is
/// [`meaning`](Self::meaning) and the provider's own words.
#[derive(Clone)]
pub struct Error {
    kind: Arc<ErrorKind>,
    retry_after: Option<Duration>,
}

/// The stories of [`Error`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The provider's metadata.
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    /// The provider's keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Dynamic registration.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// What was to be asked of a login or logout.
    #[error(transparent)]
    Option(#[from] OptionError),
    /// The callback's form.
    #[error(transparent)]
    Callback(#[from] CallbackError),
    /// The callback against its login.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// Client authentication.
    #[error(transparent)]
    ClientAuth(#[from] ClientAuthError),
    /// The token endpoint.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A token that is to be fetched.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The introspection endpoint.
    #[error(transparent)]
    Introspect(#[from] IntrospectError),
    /// The revocation endpoint.
    #[error(transparent)]
    Revoke(#[from] RevokeError),
    /// The ID token.
    #[error(transparent)]
    IdToken(#[from] IdTokenError),
    /// The logout token.
    #[error(transparent)]
    LogoutToken(#[from] LogoutTokenError),
    /// An access token, at an API.
    #[error(transparent)]
    AccessToken(#[from] AccessTokenError),
    /// The profile.
    #[error(transparent)]
    UserInfo(#[from] UserInfoError),
    /// An API that is to be asked.
    #[error(transparent)]
    Resource(#[from] ResourceError),
    /// A file with the client and its provider.
    #[error(transparent)]
    ClientSecrets(#[from] ClientSecretsError),
    /// The issuer's name.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// The way to the provider.
    #[error("the {endpoint}: {failure}")]
    Network {
        /// Who was asked.
        endpoint: Endpoint,
        /// Why no answer came.
        failure: Failure,
    },
    /// Randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// There is no refresh token.
    #[error("the provider gave no refresh token, so this sign-in can't be renewed")]
    NoRefreshToken,
    /// There is no key set to check the ID token with.
    #[error(
        "the provider's metadata has neither jwks_uri nor jwks, and the client is not registered \
         for HS256"
    )]
    NoKeys,
    /// No algorithm is left.
    #[error("the provider announces no asymmetric algorithm for ID tokens that is known here")]
    NoAlgorithm,
    /// The redirect URI can't be one.
    #[error(
        "a redirect URI is an absolute https URL without fragment (http only on a loopback host); \
         got \"{got}\""
    )]
    RedirectUri {
        /// What was set.
        got: String,
    },
    /// Another setting is wrong.
    #[error("{what}")]
    Setup {
        /// Which, and the form that it should have.
        what: String,
    },
}

impl Error {
    pub(crate) fn network(endpoint: Endpoint, failure: Failure) -> Self {
        Self::from(ErrorKind::Network { endpoint, failure })
    }

    /// A wrong setting, in words that name it.
    #[must_use]
    pub fn setup(what: impl Into<String>) -> Self {
        Self::from(ErrorKind::Setup { what: what.into() })
    }

    pub(crate) fn retry_in(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// The story.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self.kind() {
            ErrorKind::Discovery(error) => error.entry(),
            ErrorKind::Keys(error) => error.entry(),
            ErrorKind::Registration(error) => error.entry(),
            ErrorKind::Option(_) | ErrorKind::Setup { .. } => &table::SETUP_OPTION,
            ErrorKind::Callback(error) => error.entry(),
            ErrorKind::Login(error) => error.entry(),
            ErrorKind::ClientAuth(error) => error.entry(),
            ErrorKind::Token(error) => error.entry(),
            ErrorKind::Ask(error) => error.entry(),
            ErrorKind::Introspect(error) => error.entry(),
            ErrorKind::Revoke(error) => error.entry(),
            ErrorKind::IdToken(error) => error.entry(),
            ErrorKind::LogoutToken(error) => error.entry(),
            ErrorKind::AccessToken(error) => error.entry(),
            ErrorKind::UserInfo(error) => error.entry(),
            ErrorKind::Resource(error) => error.entry(),
            ErrorKind::ClientSecrets(error) => error.entry(),
            ErrorKind::Issuer(error) => error.entry(),
            ErrorKind::Network { failure, .. } => failure.entry(),
            ErrorKind::Entropy(_) => &table::ENTROPY,
            ErrorKind::NoRefreshToken => &table::REFRESH_NONE,
            ErrorKind::NoKeys => &table::SETUP_KEYS,
            ErrorKind::NoAlgorithm => &table::SETUP_ALGORITHM,
            ErrorKind::RedirectUri { .. } => &table::SETUP_REDIRECT_URI,
        }
    }

    /// The stable code, such as `id_token.audience`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.entry().code
    }

    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        if self.may_pass() { Fault::Network } else { self.entry().fault }
    }

    /// What happened, in words that may be shown to a person.
    #[must_use]
    pub fn meaning(&self) -> &'static str {
        self.entry().meaning
    }

    /// The provider's own words, if it had any.
    #[must_use]
    pub fn provider_says(&self) -> Option<&ProviderSays> {
        match self.kind() {
            ErrorKind::Registration(error) => error.says(),
            ErrorKind::Login(error) => error.says(),
            ErrorKind::Token(error) => error.says(),
            ErrorKind::Introspect(error) => error.says(),
            ErrorKind::Revoke(error) => error.says(),
            ErrorKind::UserInfo(error) => error.says(),
            _ => None,
        }
    }

    /// When to try again, for an error that passes by itself.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after.or_else(|| (self.fault() == Fault::Network).then_some(DEFAULT_RETRY))
    }

    /// Whether the provider is at the end of its strength (5xx, 429) rather than of another mind.
    fn may_pass(&self) -> bool {
        match self.kind() {
            ErrorKind::Discovery(DiscoveryError::Answer(answer))
            | ErrorKind::Keys(KeysError::Answer(answer))
            | ErrorKind::Registration(RegistrationError::Answer(answer))
            | ErrorKind::Token(TokenError::Answer(answer))
            | ErrorKind::Introspect(IntrospectError::Answer(answer))
            | ErrorKind::Revoke(RevokeError::Answer(answer))
            | ErrorKind::UserInfo(UserInfoError::Answer(answer)) => answer.may_pass(),
            _ => false,
        }
    }
}

impl<E: Into<ErrorKind>> From<E> for Error {
    fn from(error: E) -> Self {
        Self { kind: Arc::new(error.into()), retry_after: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.kind)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

const DEFAULT_RETRY: Duration = Duration::from_secs(5);
