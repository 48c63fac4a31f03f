//! Why a request may not pass.

use crate::access_token::AccessTokenError;
use crate::bearer::dpop::DpopError;
use crate::error::{self, Code};
use crate::value::issuer::shown;

/// Why a request may not pass. For operators; the answer is made by
/// [`Challenger`](super::Challenger).
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// No token came.
    #[error("no access token came")]
    Missing,
    /// A token came in a wrong way.
    #[error("{0}")]
    Request(RequestFault),
    /// The token is no good.
    #[error(transparent)]
    Token(#[from] AccessTokenError),
    /// The proof of possession is no good.
    #[error(transparent)]
    Dpop(#[from] DpopError),
    /// The token is bound to something that did not come along.
    #[error("{0}")]
    Confirmation(ConfirmationFault),
    /// The token is good, but does not suffice here.
    #[error(transparent)]
    Unmet(#[from] Unmet),
}

/// How a request carries its token wrongly (RFC 6750 section 3.1, `invalid_request`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestFault {
    /// Several tokens, whether in headers, form or query (RFC 6750 section 2).
    #[error("the request carries more than one access token")]
    Several,
    /// Other characters than those of RFC 6750 section 2.1, or none.
    #[error("what follows the scheme can't be a token (RFC 6750 section 2.1)")]
    Form,
    /// Longer than any honest one.
    #[error("the token has {bytes} bytes; at most {most} are read")]
    TooLong {
        /// How many came.
        bytes: usize,
        /// How many are read.
        most: usize,
    },
}

/// What a bound token came without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfirmationFault {
    /// RFC 9449 section 7.2: a bound token under the scheme `Bearer`.
    #[error("the token is bound to a DPoP key and came under another scheme than DPoP")]
    NeedsDpop,
    /// DPoP is not switched on here.
    #[error(
        "the token is bound to a DPoP key, and this API does not take such tokens (`ResourceServerBuilder::dpop`)"
    )]
    DpopIsOff,
    /// RFC 9449 section 7.1: a token without `cnf` under the scheme `DPoP`.
    #[error("the token came under the scheme DPoP and is bound to no key")]
    NotBound,
    /// No certificate, or another one.
    #[error("the token is bound to a client certificate, and the connection shows no such one")]
    Certificate,
    /// Something that can't be checked here.
    #[error("the token has a confirmation (cnf) that is not understood here")]
    Unknown,
}

/// What a good token lacks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unmet {
    /// A scope.
    #[error("the token lacks a scope; needed: {}", .needed.join(" "))]
    Scope {
        /// All that are asked for here.
        needed: Vec<String>,
    },
    /// A role.
    #[error("the token lacks a role; needed: {}; looked for at {places}", .needed.join(", "))]
    Role {
        /// All that are asked for here.
        needed: Vec<String>,
        /// Where they were looked for.
        places: String,
    },
    /// Something else stands where roles should be.
    #[error("roles at {pointer} should be strings, and {got} stands there")]
    RolesForm {
        /// The place.
        pointer: String,
        /// What was found.
        got: &'static str,
    },
    /// A claim.
    #[error("the claim at \"{}\" is not what is needed", shown(.pointer))]
    Claim {
        /// The place.
        pointer: String,
    },
    /// A stronger or newer authentication (RFC 9470).
    #[error("another authentication is needed (acr_values \"{}\", max_age {max_age:?})", .acr_values.join(" "))]
    StepUp {
        /// One of these contexts, if the token's is none of them.
        acr_values: Vec<String>,
        /// At most this many seconds ago, if it was longer.
        max_age: Option<u64>,
    },
}

impl Refusal {
    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self {
            Self::Missing => &error::BEARER_MISSING,
            Self::Request(_) => &error::BEARER_REQUEST,
            Self::Token(token) => token.entry(),
            Self::Dpop(dpop) => dpop.entry(),
            Self::Confirmation(_) => &error::ACCESS_TOKEN_CONFIRMATION,
            Self::Unmet(Unmet::Scope { .. }) => &error::BEARER_SCOPE,
            Self::Unmet(Unmet::Role { .. } | Unmet::RolesForm { .. }) => &error::BEARER_ROLE,
            Self::Unmet(Unmet::Claim { .. }) => &error::BEARER_CLAIM,
            Self::Unmet(Unmet::StepUp { .. }) => &error::BEARER_STEP_UP,
        }
    }

    /// The stable code, such as `access_token.audience`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.entry().code
    }
}
