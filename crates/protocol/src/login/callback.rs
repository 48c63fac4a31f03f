//! The authorization response (sections 3.1.2.5 and 3.1.2.6), from a query or a posted form.

use std::fmt;

use crate::error::{self, Code, ProviderSays};
use crate::value::random;
use crate::value::secret::Secret;

/// What the browser brought back: a code or a refusal, never both. `Debug` shows neither code nor
/// state.
///
/// ```
/// use countersign_protocol::login::{Callback, CallbackError};
///
/// assert!(matches!(Callback::parse("code=abc&state=xyz"), Ok(Callback::Code { .. })));
/// assert_eq!(
///     Callback::parse("code=abc&state=xyz&code=def").unwrap_err(),
///     CallbackError::Doubled { name: "code" },
/// );
/// ```
#[non_exhaustive]
pub enum Callback {
    /// The provider said yes.
    #[non_exhaustive]
    Code {
        /// `code`
        code: Secret,
        /// `state`
        state: Option<String>,
        /// `iss` (RFC 9207)
        iss: Option<String>,
    },
    /// The provider said no.
    #[non_exhaustive]
    Refused {
        /// `error` and `error_description`
        says: ProviderSays,
        /// `state`
        state: Option<String>,
        /// `iss` (RFC 9207)
        iss: Option<String>,
    },
}

impl Callback {
    /// Reads a query string or the body of a form (`application/x-www-form-urlencoded`).
    ///
    /// # Errors
    /// [`CallbackError`] for doubled parameters (RFC 6749 section 3.1), for code and error
    /// together, for neither, and beyond 64 KiB.
    pub fn parse(form: &str) -> Result<Self, CallbackError> {
        if form.len() > LONGEST {
            return Err(CallbackError::TooLong);
        }
        let mut seen: [Option<String>; NAMES.len()] = Default::default();
        for (name, value) in url::form_urlencoded::parse(form.as_bytes()) {
            let Some(at) = NAMES.iter().position(|known| *known == name) else { continue };
            let (Some(slot), Some(name)) = (seen.get_mut(at), NAMES.get(at)) else { continue };
            if slot.replace(value.into_owned()).is_some() {
                return Err(CallbackError::Doubled { name });
            }
        }
        let [code, error, description, state, iss, response] = seen;
        if response.is_some() {
            return Err(CallbackError::Signed);
        }
        match (code.filter(|code| !code.is_empty()), error.filter(|error| !error.is_empty())) {
            (Some(_), Some(_)) => Err(CallbackError::Both),
            (Some(code), None) => Ok(Self::Code { code: Secret::from(code), state, iss }),
            (None, Some(error)) => {
                let says = ProviderSays::new(&error, description.as_deref());
                Ok(Self::Refused { says, state, iss })
            }
            (None, None) => Err(CallbackError::Neither),
        }
    }

    /// `state`, if there is one.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        match self {
            Self::Code { state, .. } | Self::Refused { state, .. } => state.as_deref(),
        }
    }

    /// `iss`, if there is one.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        match self {
            Self::Code { iss, .. } | Self::Refused { iss, .. } => iss.as_deref(),
        }
    }

    /// How often this login was started again by itself, as its state says. Not a proof of
    /// anything: it only decides between another try and an explanation.
    #[must_use]
    pub fn attempt(&self) -> u8 {
        self.state().map_or(0, random::attempt)
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code { .. } => f.write_str("Callback::Code(…)"),
            Self::Refused { says, .. } => write!(f, "Callback::Refused({says})"),
        }
    }
}

/// Why an authorization response can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// A parameter twice.
    #[error("the callback has the parameter \"{name}\" more than once")]
    Doubled {
        /// Its name.
        name: &'static str,
    },
    /// Code and error together.
    #[error("the callback has both a code and an error")]
    Both,
    /// Neither code nor error.
    #[error("the callback has neither a code nor an error")]
    Neither,
    /// A signed response (JARM), which was not asked for.
    #[error("the callback has a signed response, which was not asked for")]
    Signed,
    /// Beyond 64 KiB.
    #[error("the callback has more than 64 KiB")]
    TooLong,
}

impl CallbackError {
    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        &error::LOGIN_MALFORMED
    }
}

const NAMES: [&str; 6] = ["code", "error", "error_description", "state", "iss", "response"];
const LONGEST: usize = 64 * 1024;
