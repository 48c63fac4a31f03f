//! Thumbprints (RFC 7638): a name that follows from the key itself.

use super::error::KeyError;
use super::member;
use crate::error::cut;
use crate::json::Object;
use crate::{base64url, digest};

/// The SHA-256 thumbprint of a JWK in base64url (RFC 7638 §3). Only the members that make the key
/// count, so a private key has the same thumbprint as its public half.
///
/// ```
/// use countersign_jose::{json, thumbprint};
///
/// // The key of RFC 8037, appendix A.3.
/// let jwk = json::object(
///     br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
/// )?;
/// assert_eq!(thumbprint(&jwk)?, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// An unknown `kty`, or a member that its thumbprint needs is missing or no string.
pub fn thumbprint(jwk: &Object) -> Result<String, KeyError> {
    Ok(base64url::encode(&digest::sha256(canonical(jwk)?.as_bytes())))
}

/// The members that make the key, in the one way that they are written (RFC 7638 §3.3).
pub(super) fn canonical(jwk: &Object) -> Result<String, KeyError> {
    // RFC 7638 §3.2, RFC 8037 §2: required members, in lexicographic order.
    let members: &[&'static str] = match member::required(jwk, "kty")? {
        "RSA" => &["e", "kty", "n"],
        "EC" => &["crv", "kty", "x", "y"],
        "OKP" => &["crv", "kty", "x"],
        "oct" => &["k", "kty"],
        other => return Err(KeyError::UnknownType { kty: cut(other) }),
    };
    let mut canonical = String::from("{");
    for &name in members {
        if canonical.len() > 1 {
            canonical.push(',');
        }
        let value = member::required(jwk, name)?;
        // RFC 7638 §3.3: values that would need escapes have no one spelling.
        if !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
            return Err(KeyError::Malformed { member: name, expected: "in plain characters" });
        }
        canonical.extend(["\"", name, "\":\"", value, "\""]);
    }
    canonical.push('}');
    Ok(canonical)
}
