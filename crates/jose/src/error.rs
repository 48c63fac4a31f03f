//! What can be wrong with a token, and with signing one.

use crate::algorithm::{Algorithm, Allowed};
use crate::base64url::Base64Error;
use crate::json::JsonError;
use crate::key::KeyError;

/// Why a token is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The token is no compact JWS.
    #[error("the token's {part} {problem}")]
    Malformed {
        /// Which part: `shape`, `header`, `payload` or `signature`.
        part: &'static str,
        /// What is wrong with it.
        problem: Problem,
    },
    /// The token, or its header, is longer than any honest one.
    #[error("the token's {part} has {bytes} bytes; at most {limit} are read")]
    TooLarge {
        /// Which part: `text` or `header`.
        part: &'static str,
        /// How many came.
        bytes: usize,
        /// How many are read.
        limit: usize,
    },
    /// The token is encrypted (five parts, RFC 7516), which this crate does not read.
    #[error(
        "the token is encrypted (five parts); expected a signed one (three parts): \
         switch off token encryption for this client at the provider"
    )]
    Encrypted,
    /// `alg` is `none`, or nothing that this crate knows.
    #[error("the token's \"alg\" is \"{alg}\", which is not a known signature algorithm")]
    UnknownAlgorithm {
        /// The value, cut to 32 printable characters.
        alg: String,
    },
    /// The header asks for an extension (`crit`, `b64`, `zip`); none is understood.
    #[error("the token's header has \"{member}\"; no such extension is understood")]
    Critical {
        /// The member that asks for it.
        member: &'static str,
    },
    /// The header names a member twice (RFC 7515 §4).
    #[error("the token's header has the member \"{name}\" twice")]
    DuplicateMember {
        /// The name, cut to 32 printable characters.
        name: String,
    },
    /// The algorithm is known, but not expected here.
    #[error("the token is signed with {got}; allowed: {allowed}")]
    AlgorithmNotAllowed {
        /// The token's.
        got: Algorithm,
        /// The expected ones.
        allowed: Allowed,
    },
    /// No key of the set is meant for this token.
    #[error("no {alg} key for this token in the key set ({})", named(.kid.as_deref()))]
    UnknownKey {
        /// The token's `kid`, cut to 32 printable characters.
        kid: Option<String>,
        /// The token's algorithm.
        alg: Algorithm,
    },
    /// The keys meant for this token did not make its signature.
    #[error("the token's {alg} signature does not match ({})", named(.kid.as_deref()))]
    BadSignature {
        /// The token's `kid`, cut to 32 printable characters.
        kid: Option<String>,
        /// The token's algorithm.
        alg: Algorithm,
    },
    /// More keys could be meant than are tried for one token, and none of those tried matched.
    #[error("more than {limit} keys could have signed the token ({})", named(.kid.as_deref()))]
    TooManyCandidates {
        /// The token's `kid`, cut to 32 printable characters.
        kid: Option<String>,
        /// How many were tried.
        limit: usize,
    },
    /// A proof has to bring its key in its header (RFC 9449 §4.2).
    #[error("the proof has no \"jwk\" in its header")]
    NoOwnKey,
    /// The key that a proof brings is not usable.
    #[error("the \"jwk\" in the proof's header is not usable: {0}")]
    OwnKey(KeyError),
}

impl SignatureError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "jws.malformed",
            Self::TooLarge { .. } => "jws.too_large",
            Self::Encrypted => "jws.encrypted",
            Self::UnknownAlgorithm { .. } => "jws.algorithm",
            Self::Critical { .. } => "jws.critical",
            Self::DuplicateMember { .. } => "jws.duplicate_member",
            Self::AlgorithmNotAllowed { .. } => "jws.algorithm_not_allowed",
            Self::UnknownKey { .. } => "keys.unknown",
            Self::BadSignature { .. } => "jws.signature",
            Self::TooManyCandidates { .. } => "keys.too_many_candidates",
            Self::NoOwnKey | Self::OwnKey(_) => "jws.own_key",
        }
    }

    /// Whether a newer key set could hold the key for this token: none was meant for it, or it
    /// names none and those tried did not match, as happens when keys without names are rotated.
    #[must_use]
    pub const fn is_unknown_key(&self) -> bool {
        match self {
            Self::UnknownKey { .. } => true,
            Self::BadSignature { kid: None, alg } => !alg.is_mac(),
            _ => false,
        }
    }

    pub(crate) const fn malformed(part: &'static str, problem: Problem) -> Self {
        Self::Malformed { part, problem }
    }

    pub(crate) fn from_header(error: JsonError) -> Self {
        match error {
            JsonError::DuplicateMember { name } => Self::DuplicateMember { name },
            other => Self::malformed("header", Problem::Json(other)),
        }
    }

    pub(crate) const fn from_payload(error: JsonError) -> Self {
        Self::malformed("payload", Problem::Json(error))
    }
}

/// What is wrong with one part of a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Not three parts with dots between.
    #[error("has {dots} dots; expected 2, as in header.payload.signature")]
    Dots {
        /// How many there were.
        dots: usize,
    },
    /// Not strict base64url.
    #[error("is not readable: {0}")]
    Base64(Base64Error),
    /// Not strict JSON.
    #[error("is not readable: {0}")]
    Json(JsonError),
    /// A member that must be there is missing.
    #[error("has no \"{member}\"")]
    Missing {
        /// Its name.
        member: &'static str,
    },
    /// A member that must be a string is something else.
    #[error("has a \"{member}\" that is {got}; expected a string")]
    NotAString {
        /// Its name.
        member: &'static str,
        /// What it is, in words.
        got: &'static str,
    },
    /// Far more members than any honest token has.
    #[error("has more than {limit} members")]
    TooManyMembers {
        /// How many are read.
        limit: usize,
    },
}

/// Why a key could not be loaded, or a token not be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The text has no PEM block with a private key.
    #[error("expected a PEM block with a private key, got {got}")]
    Pem {
        /// What was found instead.
        got: &'static str,
    },
    /// The private key is protected by a password.
    #[error("the private key is encrypted with a password; decrypt it first (openssl pkey)")]
    EncryptedPem,
    /// The key's bytes are not a usable private key.
    #[error(
        "the private key was not accepted; expected RSA (2048 to 8192 bits), \
         EC on P-256, P-384 or P-521, or Ed25519"
    )]
    Rejected,
    /// The key is a JWK with a fault.
    #[error("the private key is not usable: {0}")]
    Key(#[from] KeyError),
    /// The secret has no bytes.
    #[error("expected a shared secret, got an empty one")]
    EmptySecret,
    /// The key cannot sign with that algorithm.
    #[error("{alg} does not fit this key")]
    AlgorithmMismatch {
        /// The algorithm asked for.
        alg: Algorithm,
    },
    /// The header to be added names a member that the signing key decides.
    #[error("the header member \"{member}\" is set by the signing key")]
    ReservedMember {
        /// Its name.
        member: &'static str,
    },
    /// The crypto library failed, which has no reason known to it.
    #[error("the crypto library could not finish the operation")]
    Library,
}

impl SigningError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Pem { .. } => "signing.pem",
            Self::EncryptedPem => "signing.pem_encrypted",
            Self::Rejected => "signing.key_rejected",
            Self::Key(error) => error.code(),
            Self::EmptySecret => "signing.secret_empty",
            Self::AlgorithmMismatch { .. } => "signing.algorithm",
            Self::ReservedMember { .. } => "signing.header",
            Self::Library => "signing.library",
        }
    }
}

/// What came from outside, short and printable enough to stand in a message.
pub(crate) fn cut(text: &str) -> String {
    text.chars().take(CUT).map(|c| if is_plain(c) { c } else { '?' }).collect()
}

fn is_plain(c: char) -> bool {
    c.is_ascii_graphic() && c != '"' && c != '\\' || c == ' '
}

fn named(kid: Option<&str>) -> String {
    kid.map_or_else(|| "the token names no key".to_owned(), |kid| format!("kid \"{kid}\""))
}

const CUT: usize = 32;
