//! Why a proof is refused.

use std::time::Duration;

use countersign_jose::SignatureError;

use crate::error::{self, Code};
use crate::value::issuer::shown;

/// Why a proof is refused: one variant a rule of RFC 9449 section 4.3.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DpopError {
    /// A bound token without a proof (section 7.1).
    #[error("the token is bound to a key; expected a DPoP header with a proof, none came")]
    Missing,
    /// More than one header.
    #[error("expected one DPoP header, got {got}")]
    Several {
        /// How many came.
        got: usize,
    },
    /// A proof without end.
    #[error("the DPoP proof has {bytes} bytes; at most {limit} are read")]
    TooLarge {
        /// How many came.
        bytes: usize,
        /// How many are read.
        limit: usize,
    },
    /// A header that holds other characters.
    #[error("the DPoP header holds characters outside ASCII; expected a compact JWS")]
    NotAscii,
    /// The signature, its wrapping, or the key that came along.
    #[error("the DPoP proof: {0}")]
    Signature(#[from] SignatureError),
    /// Another kind of token.
    #[error(
        "the DPoP proof's typ should be \"dpop+jwt\" and is {}",
        .got.as_deref().map_or("absent".to_owned(), |got| format!("\"{}\"", shown(got)))
    )]
    Typ {
        /// `typ`.
        got: Option<String>,
    },
    /// Claims that are not one clean JSON object.
    #[error("the DPoP proof's claims can't be read: {why}")]
    Malformed {
        /// What is wrong.
        why: String,
    },
    /// A claim that is absent or has a wrong form.
    #[error("the DPoP proof should have \"{claim}\" as {expected}")]
    Claim {
        /// Its name.
        claim: &'static str,
        /// Its right form.
        expected: &'static str,
    },
    /// A proof for a request with another method.
    #[error("the DPoP proof is for the method \"{}\"; the request has {expected}", shown(.got))]
    Method {
        /// The request's.
        expected: String,
        /// `htm`.
        got: String,
    },
    /// A proof for a request to another address.
    #[error(
        "the DPoP proof is for {}; the request went to {}; behind a proxy the address is the one \
         that clients use: set base_url",
        shown(.got), shown(.expected)
    )]
    Url {
        /// The request's, without its query.
        expected: String,
        /// `htu`, without its query.
        got: String,
    },
    /// A nonce is demanded.
    #[error("the DPoP proof has no nonce; take the one of the DPoP-Nonce header")]
    NonceMissing,
    /// A nonce that is too old or nobody's.
    #[error("the DPoP proof's nonce is not one in use; take the one of the DPoP-Nonce header")]
    Nonce,
    /// `iat` lies too far back.
    #[error("the DPoP proof was made {} s ago; at most {} s are accepted", .by.as_secs(), .max_age.as_secs())]
    TooOld {
        /// How far.
        by: Duration,
        /// How far it may.
        max_age: Duration,
    },
    /// `iat` lies too far ahead.
    #[error(
        "the DPoP proof was made {} s in the future; at most {} s are accepted: compare the clocks \
         of both machines",
        .by.as_secs(), .max_age.as_secs()
    )]
    Ahead {
        /// How far.
        by: Duration,
        /// How far it may.
        max_age: Duration,
    },
    /// A proof for another token.
    #[error("the DPoP proof's ath is not the hash of the access token beside it")]
    Token,
    /// A proof by another key.
    #[error(
        "the DPoP proof is signed by another key than the one that the token is bound to (cnf.jkt)"
    )]
    Key,
    /// A proof that came before (section 11.1).
    #[error("the DPoP proof's jti was used before with this key; each request needs a new one")]
    Replayed,
    /// No place is left to remember the proof by, so it can't pass. The answer is 503.
    #[error("{held} DPoP proofs{} are remembered, which is all that may be", if *.of_one_key { " of this key" } else { "" })]
    Busy {
        /// How many are remembered.
        held: usize,
        /// Whether the one key has used up its share, or all places are taken.
        of_one_key: bool,
    },
}

impl DpopError {
    /// Whether another proof with the server's nonce would do: the challenge is then
    /// `use_dpop_nonce` with a `DPoP-Nonce` header (section 9), else `invalid_dpop_proof`.
    #[must_use]
    pub fn wants_nonce(&self) -> bool {
        matches!(self, Self::NonceMissing | Self::Nonce)
    }

    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self {
            Self::Missing => &error::DPOP_MISSING,
            Self::Several { .. } => &error::DPOP_SEVERAL,
            Self::TooLarge { .. } => &error::DPOP_TOO_LARGE,
            Self::NotAscii | Self::Malformed { .. } => &error::DPOP_MALFORMED,
            Self::Signature(signature) => of_signature(signature),
            Self::Typ { .. } => &error::DPOP_TYP,
            Self::Claim { .. } => &error::DPOP_CLAIM,
            Self::Method { .. } => &error::DPOP_METHOD,
            Self::Url { .. } => &error::DPOP_URL,
            Self::NonceMissing | Self::Nonce => &error::DPOP_NONCE,
            Self::TooOld { .. } | Self::Ahead { .. } => &error::DPOP_ISSUED_AT,
            Self::Token => &error::DPOP_TOKEN,
            Self::Key => &error::DPOP_KEY,
            Self::Replayed => &error::DPOP_REPLAY,
            Self::Busy { .. } => &error::DPOP_BUSY,
        }
    }
}

/// The proof comes from the client, so the codes about a provider's tokens don't fit.
fn of_signature(signature: &SignatureError) -> &'static Code {
    match signature {
        SignatureError::UnknownAlgorithm { .. } | SignatureError::AlgorithmNotAllowed { .. } => {
            &error::DPOP_ALGORITHM
        }
        SignatureError::BadSignature { .. } => &error::DPOP_SIGNATURE,
        SignatureError::TooLarge { .. } => &error::DPOP_TOO_LARGE,
        _ => &error::DPOP_MALFORMED,
    }
}
