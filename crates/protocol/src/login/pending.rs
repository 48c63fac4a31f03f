//! A login that waits for its callback.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::callback::Callback;
use super::grant::Grant;
use crate::error::{self, Code, ProviderSays};
use crate::value::issuer::{IssuerIdentity, difference};
use crate::value::random;
use crate::value::return_to::ReturnTo;
use crate::value::secret::{self, Secret};
use crate::value::time::UnixTime;

/// One attempt to log in, kept while the browser is at the provider.
///
/// It is not `Clone`, and [`accept`](Self::accept) uses it up: within a program no login is
/// completed twice. It is written and read only inside a sealed record that the browser that began
/// carries, since who holds it could complete the login.
///
/// ```compile_fail
/// fn twice(pending: countersign_protocol::login::PendingLogin) {
///     let copy = pending.clone();
/// }
/// ```
#[derive(Serialize, Deserialize)]
pub struct PendingLogin {
    pub(super) state: String,
    #[serde(with = "secret::sealed::optional")]
    pub(super) verifier: Option<Secret>,
    pub(super) issuer: String,
    pub(super) announces_iss: bool,
    pub(super) client_id: String,
    pub(super) redirect_uri: Url,
    pub(super) scope: String,
    pub(super) started_at: UnixTime,
    pub(super) silent: bool,
    pub(super) expected: Expected,
    pub(super) return_to: ReturnTo,
}

/// What the ID token must say.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Expected {
    pub(crate) nonce: Option<String>,
    pub(crate) began_at: UnixTime,
    pub(crate) max_age: Option<u64>,
    pub(crate) acr_values: Vec<String>,
    pub(crate) essential: Vec<(String, Vec<Value>)>,
    pub(crate) subject: Option<String>,
}

impl fmt::Debug for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Expected(…)")
    }
}

/// How long a person may take at the provider.
pub const PENDING_LIFETIME: Duration = Duration::from_secs(3600);

impl PendingLogin {
    /// `state`: the name under which to keep it (or a digest of it).
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }

    /// The `nonce` that the ID token must carry.
    #[must_use]
    pub fn nonce(&self) -> Option<&str> {
        self.expected.nonce.as_deref()
    }

    /// The PKCE verifier, for faces that keep a login in parts.
    #[must_use]
    pub fn verifier(&self) -> Option<&Secret> {
        self.verifier.as_ref()
    }

    /// Where the answer comes.
    #[must_use]
    pub fn redirect_uri(&self) -> &Url {
        &self.redirect_uri
    }

    /// The provider that was asked.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The client that asked; a registration may be renewed while a person is at the provider.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// When it began.
    #[must_use]
    pub fn started_at(&self) -> UnixTime {
        self.started_at
    }

    /// When it ends: an hour after it began.
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.started_at + PENDING_LIFETIME
    }

    /// Where the person goes afterwards.
    #[must_use]
    pub fn return_to(&self) -> &ReturnTo {
        &self.return_to
    }

    /// How often this login was started again by itself.
    #[must_use]
    pub fn attempt(&self) -> u8 {
        random::attempt(&self.state)
    }

    /// Whether the person was to notice nothing (`prompt=none`).
    #[must_use]
    pub fn silent(&self) -> bool {
        self.silent
    }

    /// Holds the callback against this login: the state in constant time, then the issuer
    /// (RFC 9207), then the age, then whether the provider said yes.
    ///
    /// # Errors
    /// [`LoginError`] names the rule that failed.
    pub fn accept(
        self,
        callback: Callback,
        provider: &IssuerIdentity,
        now: UnixTime,
    ) -> Result<Grant, LoginError> {
        let state = callback.state().ok_or(LoginError::NoState)?;
        if !countersign_jose::constant_time_eq(state.as_bytes(), self.state.as_bytes()) {
            return Err(LoginError::StateMismatch);
        }
        if !provider.accepts(&self.issuer) {
            let (expected, got) = (provider.as_str().to_owned(), self.issuer);
            return Err(LoginError::OtherProvider { expected, got });
        }
        match callback.issuer() {
            Some(got) if !provider.accepts(got) => {
                let expected = provider.as_str().to_owned();
                return Err(LoginError::Issuer { expected, got: got.to_owned() });
            }
            None if self.announces_iss => return Err(LoginError::NoIssuer),
            _ => {}
        }
        if now >= self.expires_at() {
            return Err(LoginError::Expired { by: now.since(self.expires_at()) });
        }
        match callback {
            Callback::Refused { says, .. } => Err(LoginError::Refused { says }),
            Callback::Code { code, .. } => Ok(Grant {
                code,
                verifier: self.verifier,
                redirect_uri: self.redirect_uri,
                scope: self.scope,
                expected: self.expected,
            }),
        }
    }
}

impl fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingLogin")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("started_at", &self.started_at)
            .field("silent", &self.silent)
            .field("return_to", &self.return_to)
            .finish_non_exhaustive()
    }
}

/// Why a callback is no answer to a pending login.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// No `state`.
    #[error("the callback carries no state")]
    NoState,
    /// The state of another login.
    #[error("the state of the callback is not the state of this login")]
    StateMismatch,
    /// It was begun with another provider.
    #[error("the login was begun with another provider: {}", difference(.expected, .got))]
    OtherProvider {
        /// The provider at hand.
        expected: String,
        /// The one with which it was begun.
        got: String,
    },
    /// `iss` of somebody else (RFC 9207 section 2.4).
    #[error("the callback comes from another issuer: {}", difference(.expected, .got))]
    Issuer {
        /// The provider that was asked.
        expected: String,
        /// `iss` as it came.
        got: String,
    },
    /// No `iss` although the provider announces it.
    #[error(
        "the callback carries no iss although the provider announces \
         authorization_response_iss_parameter_supported"
    )]
    NoIssuer,
    /// Too late.
    #[error("the login was begun too long ago; its hour ended {} s ago", .by.as_secs())]
    Expired {
        /// By how much.
        by: Duration,
    },
    /// The provider said no.
    #[error("the provider refused the login: {says}")]
    Refused {
        /// Its words.
        says: ProviderSays,
    },
}

impl LoginError {
    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self {
            Self::NoState => &error::LOGIN_NO_STATE,
            Self::StateMismatch => &error::LOGIN_STATE_MISMATCH,
            Self::OtherProvider { .. } | Self::Issuer { .. } | Self::NoIssuer => {
                &error::LOGIN_ISSUER
            }
            Self::Expired { .. } => &error::LOGIN_EXPIRED,
            Self::Refused { .. } => &error::LOGIN_REFUSED,
        }
    }

    /// The provider's own words, if it had any.
    #[must_use]
    pub fn says(&self) -> Option<&ProviderSays> {
        match self {
            Self::Refused { says } => Some(says),
            _ => None,
        }
    }
}
