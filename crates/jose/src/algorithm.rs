//! What may sign: the algorithms of RFC 7518 §3, RFC 8037 and RFC 9864, and sets of them.

use std::fmt;
use std::str::FromStr;

use crate::error::cut;

/// A signature or MAC algorithm. `none` is not among them and cannot be expressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// Ed25519, whether spelled `EdDSA` (RFC 8037) or `Ed25519` (RFC 9864).
    EdDsa,
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

impl Algorithm {
    /// Every algorithm that signs with a private and checks with a public key.
    pub const ASYMMETRIC: &'static [Self] = &[
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// Every algorithm that signs and checks with one shared secret.
    pub const MAC: &'static [Self] = &[Self::Hs256, Self::Hs384, Self::Hs512];

    /// The value of `alg`, such as `RS256`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    /// Whether one shared secret both signs and checks.
    #[must_use]
    pub const fn is_mac(self) -> bool {
        matches!(self, Self::Hs256 | Self::Hs384 | Self::Hs512)
    }

    /// How many bytes a shared secret should have at least (RFC 7518 §3.2); `None` for signatures.
    #[must_use]
    pub const fn secret_bytes(self) -> Option<usize> {
        match self {
            Self::Hs256 => Some(32),
            Self::Hs384 => Some(48),
            Self::Hs512 => Some(64),
            _ => None,
        }
    }

    pub(crate) const fn hash(self) -> Hash {
        match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 | Self::Hs256 => Hash::Sha256,
            Self::Rs384 | Self::Ps384 | Self::Es384 | Self::Hs384 => Hash::Sha384,
            Self::Rs512 | Self::Ps512 | Self::Es512 | Self::Hs512 | Self::EdDsa => Hash::Sha512,
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    /// Reads the value of `alg`, which is case-sensitive (RFC 7515 §4.1.1).
    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Ok(match name {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "PS256" => Self::Ps256,
            "PS384" => Self::Ps384,
            "PS512" => Self::Ps512,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "ES512" => Self::Es512,
            "EdDSA" | "Ed25519" => Self::EdDsa,
            "HS256" => Self::Hs256,
            "HS384" => Self::Hs384,
            "HS512" => Self::Hs512,
            _ => return Err(UnknownAlgorithm { alg: cut(name) }),
        })
    }
}

/// A name that is no algorithm of this crate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a signature algorithm such as RS256 or ES256, got \"{alg}\"")]
#[non_exhaustive]
pub struct UnknownAlgorithm {
    /// The name, cut to 32 printable characters.
    pub alg: String,
}

/// The algorithms that a token may be signed with: at least one, and either all signatures or all
/// MACs. The two never stand side by side, since a public key must never be taken for a secret.
///
/// ```
/// use countersign_jose::{Algorithm, Allowed, AllowedError};
///
/// let allowed = Allowed::new([Algorithm::Rs256, Algorithm::Es256])?;
/// assert!(allowed.contains(Algorithm::Es256));
/// assert_eq!(allowed.to_string(), "RS256, ES256");
///
/// assert_eq!(Allowed::new([]), Err(AllowedError::Empty));
/// assert!(Allowed::new([Algorithm::Rs256, Algorithm::Hs256]).is_err());
/// # Ok::<(), AllowedError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Allowed {
    bits: u16,
}

impl Allowed {
    /// Exactly these.
    ///
    /// # Errors
    ///
    /// None at all, or MACs beside signatures.
    pub fn new(algorithms: impl IntoIterator<Item = Algorithm>) -> Result<Self, AllowedError> {
        let mut bits = 0;
        let (mut mac, mut signature) = (None, None);
        for algorithm in algorithms {
            bits |= algorithm.bit();
            *(if algorithm.is_mac() { &mut mac } else { &mut signature }) = Some(algorithm);
        }
        match (mac, signature) {
            (None, None) => Err(AllowedError::Empty),
            (Some(mac), Some(signature)) => Err(AllowedError::Mixed { mac, signature }),
            _ => Ok(Self { bits }),
        }
    }

    /// Every signature algorithm, and no MAC.
    #[must_use]
    pub fn asymmetric() -> Self {
        Self { bits: Algorithm::ASYMMETRIC.iter().fold(0, |bits, alg| bits | alg.bit()) }
    }

    /// Whether a token may be signed with this one.
    #[must_use]
    pub const fn contains(&self, algorithm: Algorithm) -> bool {
        self.bits & algorithm.bit() != 0
    }

    /// All of them, in the order of [`Algorithm`].
    pub fn iter(&self) -> impl Iterator<Item = Algorithm> + use<> {
        let allowed = *self;
        Algorithm::ASYMMETRIC
            .iter()
            .chain(Algorithm::MAC)
            .copied()
            .filter(move |algorithm| allowed.contains(*algorithm))
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, algorithm) in self.iter().enumerate() {
            f.write_str(if place == 0 { "" } else { ", " })?;
            f.write_str(algorithm.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Allowed({self})")
    }
}

/// Why a list of algorithms may not be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AllowedError {
    /// Nothing could ever be verified.
    #[error("expected at least one signature algorithm, got none")]
    Empty,
    /// A public key could be taken for a shared secret.
    #[error("{mac} needs a shared secret and {signature} a public key; allow one kind only")]
    Mixed {
        /// One of the MACs.
        mac: Algorithm,
        /// One of the signatures.
        signature: Algorithm,
    },
}

impl AllowedError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "setup.algorithms_empty",
            Self::Mixed { .. } => "setup.algorithms_mixed",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}
