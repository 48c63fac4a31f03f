//! Why an ID token is refused.

use std::time::Duration;

use countersign_jose::SignatureError;

use crate::error::{self, Code};
use crate::value::issuer::{self, IssuerError, difference};

/// Why an ID token is refused: what was expected, what came, which setting decides.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IdTokenError {
    /// The signature or its wrapping.
    #[error("the ID token: {0}")]
    Signature(#[from] SignatureError),
    /// Claims that are not one clean JSON object.
    #[error("the ID token's claims can't be read: {why}")]
    Malformed {
        /// What is wrong.
        why: String,
    },
    /// A claim that is absent or has a wrong form.
    #[error("the ID token should have \"{claim}\" as {expected}")]
    Claim {
        /// Its name.
        claim: &'static str,
        /// Its right form.
        expected: &'static str,
    },
    /// `iss` of somebody else.
    #[error("the ID token comes from another issuer: {}", difference(.expected, .got))]
    Issuer {
        /// The provider's issuer.
        expected: String,
        /// `iss`.
        got: String,
    },
    /// A tenant that is not listed.
    #[error(transparent)]
    Tenant(#[from] IssuerError),
    /// `aud` without us, or with somebody who is not trusted.
    #[error(
        "the ID token is for {}; expected \"{expected}\" alone; if the others are meant to stand \
         there, add them to trusted_audiences",
        listed(.got)
    )]
    Audience {
        /// Our client_id.
        expected: String,
        /// `aud`.
        got: Vec<String>,
    },
    /// `azp` of somebody else, or none beside several audiences.
    #[error("the ID token's azp should be \"{expected}\" and is {}", shown(.got.as_deref()))]
    AuthorizedParty {
        /// Our client_id.
        expected: String,
        /// `azp`.
        got: Option<String>,
    },
    /// `exp` has passed.
    #[error("the ID token expired {} s ago, clock_skew included", .by.as_secs())]
    Expired {
        /// By how much.
        by: Duration,
    },
    /// `iat` lies ahead.
    #[error("the ID token was issued {} s in the future, clock_skew included", .by.as_secs())]
    IssuedAt {
        /// By how much.
        by: Duration,
    },
    /// `iat` lies before the login began.
    #[error(
        "the ID token was issued {} s before this login began, clock_skew included; compare the \
         clocks of both machines",
        .by.as_secs()
    )]
    IssuedBefore {
        /// By how much.
        by: Duration,
    },
    /// `nbf` lies ahead.
    #[error("the ID token becomes valid in {} s, clock_skew included", .by.as_secs())]
    NotBefore {
        /// By how much.
        by: Duration,
    },
    /// The nonce of another login.
    #[error("the ID token's nonce is not the one of this login")]
    Nonce,
    /// `acr` is none of those asked for.
    #[error("the ID token's acr should be one of {asked:?} and is {}", shown(.got.as_deref()))]
    Acr {
        /// `acr_values`.
        asked: Vec<String>,
        /// `acr`.
        got: Option<String>,
    },
    /// `max_age` was asked for and `auth_time` did not come.
    #[error("max_age={max_age} was asked for, and the ID token has no auth_time")]
    AuthTimeMissing {
        /// `max_age`, in seconds.
        max_age: u64,
    },
    /// `auth_time` is too old.
    #[error(
        "max_age={max_age} was asked for, and the person authenticated {} s too long ago, \
         clock_skew included",
        .by.as_secs()
    )]
    AuthTime {
        /// `max_age`, in seconds.
        max_age: u64,
        /// By how much.
        by: Duration,
    },
    /// `auth_time` lies ahead.
    #[error(
        "max_age={max_age} was asked for, and auth_time lies {} s in the future, clock_skew included",
        .by.as_secs()
    )]
    AuthTimeAhead {
        /// `max_age`, in seconds.
        max_age: u64,
        /// By how much.
        by: Duration,
    },
    /// `at_hash` or `c_hash`.
    #[error("the ID token's {claim} does not match")]
    Hash {
        /// Which of them.
        claim: &'static str,
    },
    /// Somebody else than the person of the session.
    #[error("the ID token is about somebody else than the person of this session")]
    Subject,
    /// An essential claim with another value.
    #[error("the ID token's \"{claim}\" is not what the claims request named as essential")]
    ClaimValue {
        /// Its name.
        claim: String,
    },
    /// A claim that a refresh may not change.
    #[error("the renewed ID token has another \"{claim}\" than the one before")]
    Changed {
        /// Its name.
        claim: &'static str,
    },
}

impl IdTokenError {
    pub(super) fn claim(claim: &'static str, expected: &'static str) -> Self {
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
            Self::Malformed { .. } => &error::ID_TOKEN_MALFORMED,
            Self::Claim { .. } => &error::ID_TOKEN_CLAIM,
            Self::Issuer { .. } => &error::ID_TOKEN_ISSUER,
            Self::Tenant(tenant) => tenant.entry(),
            Self::Audience { .. } => &error::ID_TOKEN_AUDIENCE,
            Self::AuthorizedParty { .. } => &error::ID_TOKEN_AUTHORIZED_PARTY,
            Self::Expired { .. } => &error::ID_TOKEN_EXPIRED,
            Self::IssuedAt { .. } | Self::IssuedBefore { .. } => &error::ID_TOKEN_ISSUED_AT,
            Self::NotBefore { .. } => &error::ID_TOKEN_NOT_YET,
            Self::Nonce => &error::ID_TOKEN_NONCE,
            Self::Acr { .. } => &error::ID_TOKEN_ACR,
            Self::AuthTimeMissing { .. } | Self::AuthTime { .. } | Self::AuthTimeAhead { .. } => {
                &error::ID_TOKEN_AUTH_TIME
            }
            Self::Hash { .. } => &error::ID_TOKEN_HASH,
            Self::Subject => &error::ID_TOKEN_SUBJECT,
            Self::ClaimValue { .. } => &error::ID_TOKEN_CLAIM_VALUE,
            Self::Changed { .. } => &error::REFRESH_SUBJECT,
        }
    }
}

/// The first few of a list that may be long.
fn listed(texts: &[String]) -> String {
    let few: Vec<String> = texts.iter().take(8).map(|text| shown(Some(text))).collect();
    let more = if texts.len() > few.len() { ", …" } else { "" };
    format!("[{}{more}]", few.join(", "))
}

fn shown(text: Option<&str>) -> String {
    match text {
        Some(text) => format!("\"{}\"", issuer::shown(text)),
        None => "absent".to_owned(),
    }
}
