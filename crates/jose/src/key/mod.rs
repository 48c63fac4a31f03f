//! One key that checks signatures, read from a JWK (RFC 7517 §4) and parsed once.

mod ec;
mod error;
mod member;
mod oct;
mod okp;
mod print;
pub(crate) mod private;
mod rsa;
pub(crate) mod thumbprint;

use std::fmt;

use serde_json::Value;

pub use error::{KeyError, SkipReason};
pub use print::KeyPrint;

use crate::algorithm::Algorithm;
use crate::backend::Verifier;
use crate::error::cut;
use crate::json::Object;

/// One usable key of a [`KeySet`](crate::KeySet).
#[derive(Clone)]
pub struct Key {
    kid: Option<String>,
    kty: KeyType,
    bits: usize,
    usage: Option<String>,
    algorithm: Option<Algorithm>,
    private: bool,
    print: KeyPrint,
    verifier: Verifier,
}

impl Key {
    /// The key's name.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The key's type.
    #[must_use]
    pub const fn kty(&self) -> KeyType {
        self.kty
    }

    /// The one algorithm that the JWK says it is for; without it, see [`Key::algorithms`].
    #[must_use]
    pub const fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// Every algorithm that this key checks.
    pub fn algorithms(&self) -> impl Iterator<Item = Algorithm> + '_ {
        self.verifier.algorithms()
    }

    /// The value of `use`; what is not for signatures has been skipped.
    #[must_use]
    pub fn usage(&self) -> Option<&str> {
        self.usage.as_deref()
    }

    /// The curve of an EC or OKP key.
    #[must_use]
    pub const fn curve(&self) -> Option<&'static str> {
        match (self.kty, self.bits) {
            (KeyType::Ec, 256) => Some("P-256"),
            (KeyType::Ec, 384) => Some("P-384"),
            (KeyType::Ec, _) => Some("P-521"),
            (KeyType::Okp, _) => Some("Ed25519"),
            (KeyType::Rsa | KeyType::Oct, _) => None,
        }
    }

    /// Size in bits: of the modulus, the curve or the secret.
    #[must_use]
    pub const fn bits(&self) -> usize {
        self.bits
    }

    /// Whether the key set published the private half as well. Only the public half was read, but
    /// anybody who saw the set can sign.
    #[must_use]
    pub const fn has_published_private_half(&self) -> bool {
        self.private
    }

    /// What names this key, whichever set it stands in.
    #[must_use]
    pub const fn print(&self) -> KeyPrint {
        self.print
    }

    /// Reads a public JWK.
    pub(crate) fn from_jwk(jwk: &Object) -> Result<Self, KeyError> {
        Self::read(jwk, rsa::MIN_BITS)
    }

    /// As [`Key::from_jwk`], with RSA keys that are too small for anything but a test.
    pub(crate) fn from_test_jwk(jwk: &Object) -> Result<Self, KeyError> {
        Self::read(jwk, rsa::MIN_BITS_IN_TESTS)
    }

    fn read(jwk: &Object, least_rsa_bits: usize) -> Result<Self, KeyError> {
        let usage = usage(jwk)?;
        operations(jwk)?;
        let kid = member::text(jwk, "kid")?.map(str::to_owned);
        let kty = member::text(jwk, "kty")?.ok_or(KeyError::Missing { member: "kty" })?;
        let (kty, bits, mut verifier) = match kty {
            "RSA" => rsa::public(jwk, least_rsa_bits)?,
            "EC" => ec::public(jwk)?,
            "OKP" => okp::public(jwk)?,
            "oct" => return Err(KeyError::Symmetric),
            other => return Err(KeyError::UnknownType { kty: cut(other) }),
        };
        let algorithm = algorithm(jwk)?;
        if let Some(algorithm) = algorithm
            && !verifier.restrict(algorithm)
        {
            return Err(KeyError::AlgorithmMismatch { alg: algorithm, kty });
        }
        let private = jwk.contains_key("d");
        let print = KeyPrint::of_jwk(jwk)?;
        Ok(Self { kid, kty, bits, usage, algorithm, private, print, verifier })
    }

    pub(crate) fn from_secret(secret: &[u8]) -> Self {
        Self {
            kid: None,
            kty: KeyType::Oct,
            bits: secret.len().saturating_mul(8),
            usage: None,
            algorithm: None,
            private: false,
            print: KeyPrint::of_secret(secret),
            verifier: Verifier::mac(secret),
        }
    }

    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.verifier.fits(algorithm)
    }

    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.verifier.verifies(algorithm, message, signature)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("kid", &self.kid)
            .field("kty", &self.kty)
            .field("bits", &self.bits)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// The value of `kty` (RFC 7518 §6.1, RFC 8037 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyType {
    /// RSA.
    Rsa,
    /// Elliptic curve: P-256, P-384 or P-521.
    Ec,
    /// Octet key pair: Ed25519.
    Okp,
    /// Shared secret.
    Oct,
}

impl KeyType {
    /// The value of `kty`, such as `RSA`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Ec => "EC",
            Self::Okp => "OKP",
            Self::Oct => "oct",
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// RFC 7517 §4.2: a key for encryption checks no signature.
fn usage(jwk: &Object) -> Result<Option<String>, KeyError> {
    match member::text(jwk, "use")? {
        None => Ok(None),
        Some("sig") => Ok(Some("sig".to_owned())),
        Some(other) => Err(KeyError::Usage { usage: cut(other) }),
    }
}

/// RFC 7517 §4.3: where operations are listed, `verify` must be among them.
fn operations(jwk: &Object) -> Result<(), KeyError> {
    match jwk.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(operations)) if operations.iter().any(|one| one == "verify") => Ok(()),
        Some(Value::Array(_)) => Err(KeyError::Operations),
        Some(_) => Err(KeyError::Malformed { member: "key_ops", expected: "a list of strings" }),
    }
}

fn algorithm(jwk: &Object) -> Result<Option<Algorithm>, KeyError> {
    member::text(jwk, "alg")?
        .map(|alg| alg.parse().map_err(|_| KeyError::UnknownAlgorithm { alg: cut(alg) }))
        .transpose()
}
