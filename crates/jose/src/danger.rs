//! Reading without checking. Whoever calls this decides nothing by what it returns.

use crate::compact::Jws;
use crate::error::SignatureError;
use crate::json::{self, Object};

/// The payload of a token whose signature nobody has looked at.
///
/// Good for two things: showing a token to the person who pasted it, and reading `iss` to choose
/// the provider whose keys then check the same token.
///
/// ```
/// use countersign_jose::{Algorithm, Object, SigningKey, danger};
///
/// let key = SigningKey::from_secret(b"any secret", Algorithm::Hs256)?;
/// let token = key.sign(&Object::new(), br#"{"iss":"https://id.example"}"#)?;
/// assert_eq!(danger::peek(&token)?["iss"], "https://id.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`Jws::parse`], and [`SignatureError::Malformed`] for a payload that is no JSON object.
pub fn peek(token: &str) -> Result<Object, SignatureError> {
    let payload = Jws::parse(token)?.unchecked_payload()?;
    json::object(&payload).map_err(SignatureError::from_payload)
}
