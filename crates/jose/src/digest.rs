//! Digests that the texts ask for by name.

use crate::algorithm::Algorithm;
use crate::{backend, base64url};

/// SHA-256, for PKCE (RFC 7636 §4.2), `ath` of DPoP (RFC 9449 §4.2) and keys of caches.
///
/// ```
/// use countersign_jose::{base64url, digest};
///
/// // The example of RFC 7636, appendix B.
/// let challenge = digest::sha256(b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
/// assert_eq!(base64url::encode(&challenge), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
/// ```
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    backend::sha256(bytes)
}

/// The value of `at_hash`, `c_hash` and `s_hash`: the left half of the digest that belongs to the
/// ID token's algorithm, in base64url (OpenID Connect Core §3.1.3.6, §3.3.2.11).
///
/// EdDSA names no digest of its own; Ed25519 hashes with SHA-512 inside, and that is what is used.
///
/// # Errors
///
/// The texts define the value for ASCII alone; anything else is refused rather than guessed.
pub fn half(algorithm: Algorithm, ascii: &str) -> Result<String, NotAscii> {
    if !ascii.is_ascii() {
        return Err(NotAscii);
    }
    let whole = backend::digest(algorithm.hash(), ascii.as_bytes());
    let whole = whole.as_ref();
    let (left, _) = whole.split_at(whole.len() / 2);
    Ok(base64url::encode(left))
}

/// The value to be digested holds characters outside ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a value in ASCII (OpenID Connect Core §3.1.3.6), got other characters")]
#[non_exhaustive]
pub struct NotAscii;
