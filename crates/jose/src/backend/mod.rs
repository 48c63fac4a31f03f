//! The one place that names the crypto library.
//!
//! Keys are parsed once, when they are read, and hold what the library needs for each algorithm
//! that they check; a verification is one call.

mod cipher;
mod private;
mod public;

use aws_lc_rs::{constant_time, digest as lc};

pub(crate) use cipher::Sealer;
pub(crate) use private::{RsaNumbers, Signer};
pub(crate) use public::Verifier;

use crate::algorithm::Hash;

pub(crate) fn digest(hash: Hash, bytes: &[u8]) -> impl AsRef<[u8]> + use<> {
    let algorithm = match hash {
        Hash::Sha256 => &lc::SHA256,
        Hash::Sha384 => &lc::SHA384,
        Hash::Sha512 => &lc::SHA512,
    };
    lc::digest(algorithm, bytes)
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = lc::digest(&lc::SHA256, bytes);
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

pub(crate) fn equal(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// The curves of RFC 7518 §6.2.1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    pub(crate) const fn bits(self) -> usize {
        match self {
            Self::P256 => 256,
            Self::P384 => 384,
            Self::P521 => 521,
        }
    }

    /// Of one coordinate.
    pub(crate) const fn bytes(self) -> usize {
        self.bits().div_ceil(8)
    }
}
