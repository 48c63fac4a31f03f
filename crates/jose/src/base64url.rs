//! Base64url without padding, exactly as RFC 7515 §2 has it.

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use std::sync::LazyLock;

use base64::Engine;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use base64::engine::{Simd, general_purpose::NO_PAD};

/// Encodes bytes, without padding.
///
/// ```
/// use countersign_jose::base64url;
///
/// assert_eq!(base64url::encode(&[0xfb, 0xff]), "-_8");
/// ```
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// Decodes text, refusing everything that [`encode`] would not have written.
///
/// ```
/// use countersign_jose::base64url;
///
/// assert_eq!(base64url::decode("-_8")?, [0xfb, 0xff]);
/// assert!(base64url::decode("-_8=").is_err());
/// assert!(base64url::decode("-_9").is_err(), "bits that carry nothing must be zero");
/// # Ok::<(), base64url::Base64Error>(())
/// ```
///
/// # Errors
///
/// Padding, white space, `+` and `/`, an impossible length, and bits set beyond the last byte: one
/// value has one spelling.
pub fn decode(text: &str) -> Result<Vec<u8>, Base64Error> {
    ENGINE.decode(text).map_err(|_| Base64Error)
}

/// The text is not strict base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected base64url without padding, white space or stray bits (RFC 7515 §2)")]
#[non_exhaustive]
pub struct Base64Error;

/// Finds out once which vector instructions there are; with or without, the rules are the same.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static ENGINE: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
use base64::engine::general_purpose::URL_SAFE_NO_PAD as ENGINE;
