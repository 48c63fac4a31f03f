//! Shared secrets (RFC 7518 §6.4). They come from settings, never from a public key set.

use zeroize::Zeroizing;

use super::error::KeyError;
use super::member;
use crate::json::Object;

pub(super) fn secret(jwk: &Object) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let secret = member::bytes(jwk, "k")?;
    if secret.is_empty() {
        return Err(KeyError::Malformed { member: "k", expected: "at least one byte" });
    }
    Ok(secret)
}
