//! Why a logout token is refused.

use std::time::Duration;

use countersign_jose::SignatureError;

use crate::error::{self, Code};
use crate::value::issuer::{difference, shown};

/// Why a logout token is refused: what was expected, what came, which setting decides.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LogoutTokenError {
    /// The signature or its wrapping.
    #[error("the logout token: {0}")]
    Signature(#[from] SignatureError),
    /// A type of another token.
    #[error("the logout token's typ should be \"logout+jwt\" and is \"{}\"", shown(.got))]
    Type {
        /// `typ`
        got: String,
    },
    /// Claims that are not one clean JSON object.
    #[error("the logout token's claims can't be read: {why}")]
    Malformed {
        /// What is wrong.
        why: String,
    },
    /// A claim that is absent or has a wrong form.
    #[error("the logout token should have \"{claim}\" as {expected}")]
    Claim {
        /// Its name.
        claim: &'static str,
        /// Its right form.
        expected: &'static str,
    },
    /// `iss` of somebody else.
    #[error("the logout token comes from another issuer: {}", difference(.expected, .got))]
    Issuer {
        /// The provider's issuer.
        expected: String,
        /// `iss`
        got: String,
    },
    /// `aud` without us, or with somebody who is not trusted.
    #[error(
        "the logout token is for {}; expected \"{expected}\" alone; if the others are meant to \
         stand there, add them to trusted_audiences",
        listed(.got)
    )]
    Audience {
        /// Our client_id.
        expected: String,
        /// `aud`
        got: Vec<String>,
    },
    /// `exp` has passed.
    #[error("the logout token expired {} s ago, clock_skew included", .by.as_secs())]
    Expired {
        /// By how much.
        by: Duration,
    },
    /// `iat` lies ahead.
    #[error("the logout token was issued {} s in the future, clock_skew included", .by.as_secs())]
    IssuedAt {
        /// By how much.
        by: Duration,
    },
    /// `nbf` lies ahead.
    #[error("the logout token becomes valid in {} s, clock_skew included", .by.as_secs())]
    NotBefore {
        /// By how much.
        by: Duration,
    },
    /// Neither `sub` nor `sid`.
    #[error("the logout token names neither a person (sub) nor a session (sid)")]
    Nobody,
    /// No logout event.
    #[error(
        "the logout token should have \"events\" with an object as \
         \"http://schemas.openid.net/event/backchannel-logout\""
    )]
    Event,
    /// A `nonce`, as ID tokens have it.
    #[error("the logout token has a nonce, which only ID tokens may have")]
    Nonce,
    /// The same token a second time.
    #[error("a logout token with this jti came before")]
    Replayed,
}

impl LogoutTokenError {
    pub(super) const fn claim(claim: &'static str, expected: &'static str) -> Self {
        Self::Claim { claim, expected }
    }

    /// Whether fetching the keys anew might help.
    #[must_use]
    pub fn is_unknown_key(&self) -> bool {
        matches!(self, Self::Signature(signature) if signature.is_unknown_key())
    }

    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self {
            Self::Signature(signature) => error::of_signature(signature),
            Self::Malformed { .. } => &error::LOGOUT_TOKEN_MALFORMED,
            Self::Claim { .. } | Self::Nobody => &error::LOGOUT_TOKEN_CLAIM,
            Self::Issuer { .. } => &error::LOGOUT_TOKEN_ISSUER,
            Self::Audience { .. } => &error::LOGOUT_TOKEN_AUDIENCE,
            Self::Expired { .. } => &error::LOGOUT_TOKEN_EXPIRED,
            Self::IssuedAt { .. } | Self::NotBefore { .. } => &error::LOGOUT_TOKEN_TIME,
            Self::Type { .. } | Self::Event | Self::Nonce => &error::LOGOUT_TOKEN_KIND,
            Self::Replayed => &error::LOGOUT_TOKEN_REPLAY,
        }
    }
}

/// The first few of a list that may be long.
fn listed(audience: &[String]) -> String {
    let few: Vec<_> = audience.iter().take(8).map(|one| format!("\"{}\"", shown(one))).collect();
    let more = if audience.len() > few.len() { ", …" } else { "" };
    format!("[{}{more}]", few.join(", "))
}
