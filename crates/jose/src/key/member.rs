//! Members of a JWK.

use serde_json::Value;
use zeroize::Zeroizing;

use super::error::KeyError;
use crate::base64url;
use crate::json::Object;

/// A string, if the member is there at all.
pub(crate) fn text<'j>(jwk: &'j Object, member: &'static str) -> Result<Option<&'j str>, KeyError> {
    match jwk.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(KeyError::Malformed { member, expected: "a string" }),
    }
}

/// A string that must be there.
pub(crate) fn required<'j>(jwk: &'j Object, member: &'static str) -> Result<&'j str, KeyError> {
    text(jwk, member)?.ok_or(KeyError::Missing { member })
}

/// Bytes that must be there, in base64url; wiped when dropped, as some are private.
pub(crate) fn bytes(jwk: &Object, member: &'static str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    base64url::decode(required(jwk, member)?)
        .map(Zeroizing::new)
        .map_err(|_| KeyError::Malformed { member, expected: "base64url without padding" })
}

/// Bytes of a length that the curve decides (RFC 7518 §6.2.1.2, RFC 8037 §2).
pub(crate) fn exact(
    jwk: &Object,
    member: &'static str,
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let bytes = bytes(jwk, member)?;
    if bytes.len() == length {
        Ok(bytes)
    } else {
        Err(KeyError::Malformed { member, expected: "of the length that its curve demands" })
    }
}
