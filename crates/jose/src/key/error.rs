//! Why a key is of no use.

use super::KeyType;
use crate::algorithm::Algorithm;

/// Why a key of a set was left aside. The other keys of the set still work.
pub type SkipReason = KeyError;

/// Why a JWK is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The entry is no JSON object.
    #[error("expected a JSON object for a key")]
    NotAnObject,
    /// A member that this type of key needs is missing.
    #[error("the key has no \"{member}\"")]
    Missing {
        /// Its name.
        member: &'static str,
    },
    /// A member has another form than its type of key needs.
    #[error("the key's \"{member}\" is not {expected}")]
    Malformed {
        /// Its name.
        member: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// The value of `kty` is not known.
    #[error("expected \"kty\" RSA, EC or OKP, got \"{kty}\"")]
    UnknownType {
        /// The value, cut to 32 printable characters.
        kty: String,
    },
    /// The value of `crv` is not known.
    #[error("expected \"crv\" P-256, P-384, P-521 or Ed25519, got \"{crv}\"")]
    UnknownCurve {
        /// The value, cut to 32 printable characters.
        crv: String,
    },
    /// The value of `alg` is no signature algorithm.
    #[error("the key's \"alg\" is \"{alg}\", which is no known signature algorithm")]
    UnknownAlgorithm {
        /// The value, cut to 32 printable characters.
        alg: String,
    },
    /// The value of `alg` does not belong to this type of key.
    #[error("the key's \"alg\" is {alg}, which does not fit its type or curve ({kty})")]
    AlgorithmMismatch {
        /// The algorithm.
        alg: Algorithm,
        /// The key's type.
        kty: KeyType,
    },
    /// A shared secret in a set of public keys: whoever reads the set could sign.
    #[error("a shared secret (\"kty\" oct) has no place in a public key set")]
    Symmetric,
    /// A private key where a public one belongs (RFC 9449 §4.3).
    #[error("the key has the private member \"{member}\"; whoever sees it can sign")]
    Private {
        /// Its name.
        member: &'static str,
    },
    /// The key is not for signatures.
    #[error("the key's \"use\" is \"{usage}\", not sig")]
    Usage {
        /// The value, cut to 32 printable characters.
        usage: String,
    },
    /// The key's list of operations does not have `verify`.
    #[error("the key's \"key_ops\" does not have verify")]
    Operations,
    /// An RSA modulus that is too short to be safe or too long to be practical.
    #[error("the RSA key has {bits} bits; expected 2048 to 8192")]
    RsaSize {
        /// Its size.
        bits: usize,
    },
    /// An RSA exponent that makes no key.
    #[error("the RSA key's \"e\" is not an odd number of at least 3 and at most 33 bits")]
    RsaExponent,
    /// The numbers do not make a key, as a point that is not on its curve.
    #[error("the key's numbers do not make a valid {kty} key")]
    Invalid {
        /// The key's type.
        kty: KeyType,
    },
}

impl KeyError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAnObject => "key.not_an_object",
            Self::Missing { .. } => "key.missing",
            Self::Malformed { .. } => "key.malformed",
            Self::UnknownType { .. } => "key.type",
            Self::UnknownCurve { .. } => "key.curve",
            Self::UnknownAlgorithm { .. } => "key.algorithm",
            Self::AlgorithmMismatch { .. } => "key.algorithm_mismatch",
            Self::Symmetric => "key.symmetric",
            Self::Private { .. } => "key.private",
            Self::Usage { .. } => "key.use",
            Self::Operations => "key.operations",
            Self::RsaSize { .. } => "key.rsa_size",
            Self::RsaExponent => "key.rsa_exponent",
            Self::Invalid { .. } => "key.invalid",
        }
    }
}
