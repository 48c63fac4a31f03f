//! Why an access token is refused.

use std::fmt;
use std::time::Duration;

use countersign_jose::SignatureError;

use crate::error::{self, Code};
use crate::value::issuer::{difference, shown};

/// Why an access token is refused: what was expected, what came, which setting decides. For
/// operators; whoever sent the token is told the meaning of the code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccessTokenError {
    /// The signature or its wrapping.
    #[error("the access token: {0}")]
    Signature(#[from] SignatureError),
    /// Claims that are not one clean JSON object.
    #[error("the access token's claims can't be read: {why}")]
    Malformed {
        /// What is wrong.
        why: String,
    },
    /// A claim that is absent or has a wrong form.
    #[error("the access token should have \"{claim}\" as {expected}")]
    Claim {
        /// Its name.
        claim: &'static str,
        /// Its right form.
        expected: &'static str,
    },
    /// `iss` of somebody else.
    #[error("the access token comes from another issuer: {}", difference(.expected, .got))]
    Issuer {
        /// An issuer that is accepted.
        expected: String,
        /// `iss`.
        got: String,
    },
    /// `iss` of none of several issuers.
    #[error(
        "the access token comes from \"{}\", which is none of the issuers accepted here: {expected}",
        shown(.got)
    )]
    IssuerUnknown {
        /// Those accepted.
        expected: String,
        /// `iss`.
        got: String,
    },
    /// `aud` without this API.
    #[error(
        "the access token is for {}; expected {}; if it should be accepted, add what it is for to \
         the audiences (`--audience`)",
        listed(.got),
        listed(.expected)
    )]
    Audience {
        /// The audiences of this API.
        expected: Vec<String>,
        /// `aud`.
        got: Vec<String>,
    },
    /// It has ended.
    #[error(
        "the access token {} {} s ago (the skew allowed for included)",
        if *.signed { "expired" } else { "says of itself, its signature unchecked, that it expired" },
        .by.as_secs()
    )]
    Expired {
        /// How long ago.
        by: Duration,
        /// Whether the signature was looked at: a token that says itself that it is over needs no
        /// such look.
        signed: bool,
    },
    /// `nbf` lies ahead.
    #[error("the access token is valid only in {} s; is the clock right?", .by.as_secs())]
    NotBefore {
        /// How far.
        by: Duration,
    },
    /// `iat` lies ahead.
    #[error("the access token was issued {} s in the future; is the clock right?", .by.as_secs())]
    IssuedAt {
        /// How far.
        by: Duration,
    },
    /// A token for something else.
    #[error("this is no access token: {0}")]
    Kind(NotAnAccessToken),
    /// The profile of RFC 9068 is demanded and not kept.
    #[error("the access token does not keep to RFC 9068, which is demanded here: {lacks}")]
    Profile {
        /// What is missing.
        lacks: &'static str,
    },
    /// The introspection endpoint says that it is not active.
    #[error("the provider says that the token is not active")]
    Inactive,
}

/// By what a token shows that it was made for something else than an API.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotAnAccessToken {
    /// `typ` in its header, cut to 200 characters.
    Header(String),
    /// A claim that only ID tokens have.
    Claim(&'static str),
    /// Some providers write it among the claims, as `typ` (`ID`, `Refresh`, …), `token_use` or
    /// `token_type`.
    Type(String),
}

impl fmt::Display for NotAnAccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(typ) => write!(f, "its header has the type \"{}\"", shown(typ)),
            Self::Claim(name) => {
                write!(f, "it has \"{name}\", as ID tokens have; send the access token")
            }
            Self::Type(typ) => {
                write!(f, "it calls itself \"{}\"; send the access token", shown(typ))
            }
        }
    }
}

impl AccessTokenError {
    /// Whether newer keys might help.
    #[must_use]
    pub const fn is_unknown_key(&self) -> bool {
        matches!(self, Self::Signature(signature) if signature.is_unknown_key())
    }

    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self {
            Self::Signature(signature) => error::of_signature(signature),
            Self::Malformed { .. } => &error::ACCESS_TOKEN_MALFORMED,
            Self::Claim { .. } => &error::ACCESS_TOKEN_CLAIM,
            Self::Issuer { .. } | Self::IssuerUnknown { .. } => &error::ACCESS_TOKEN_ISSUER,
            Self::Audience { .. } => &error::ACCESS_TOKEN_AUDIENCE,
            Self::Expired { .. } => &error::ACCESS_TOKEN_EXPIRED,
            Self::NotBefore { .. } => &error::ACCESS_TOKEN_NOT_BEFORE,
            Self::IssuedAt { .. } => &error::ACCESS_TOKEN_ISSUED_AT,
            Self::Kind(_) => &error::ACCESS_TOKEN_KIND,
            Self::Profile { .. } => &error::ACCESS_TOKEN_PROFILE,
            Self::Inactive => &error::ACCESS_TOKEN_INACTIVE,
        }
    }
}

fn listed(texts: &[String]) -> String {
    match texts {
        [] => {
            "nobody (it has no \"aud\"; `TrustedIssuer::clients` takes such tokens by their client)"
                .to_owned()
        }
        _ => {
            let shown: Vec<_> =
                texts.iter().take(10).map(|text| format!("\"{}\"", shown(text))).collect();
            shown.join(", ")
        }
    }
}
