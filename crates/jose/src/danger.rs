//! Reading without checking. Whoever calls this decides nothing by what it returns.

use crate::compact::Jws;
use crate::error::SignatureError;
use crate::json::{self, Document, Object};
use crate::keyset::{KeySet, KeySetError};

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
    let jws = Jws::parse(token)?;
    json::object(jws.unchecked_payload()?).map_err(SignatureError::from_payload)
}

/// As [`peek`], of a token whose form was read already. A resource server with several providers
/// finds `iss` here, takes that provider's keys, and believes nothing until they have proven it.
///
/// # Errors
///
/// [`SignatureError::Malformed`] for a payload that is no JSON object.
pub fn document(jws: &Jws<'_>) -> Result<Document, SignatureError> {
    Document::parse(jws.unchecked_payload()?).map_err(SignatureError::from_payload)
}

/// What might be the integer of this top-level member, found without reading the JSON: the digits
/// behind the only place where the name stands in quotes before a colon.
///
/// It takes a fraction of a microsecond, knows nothing and may be wrong: the member may lie deeper, be
/// part of a string or stand in the text twice by another spelling. It serves to look closely at a
/// token that seems to have expired, before its signature is paid for, and to nothing else.
///
/// ```
/// use countersign_jose::{Algorithm, Jws, Object, SigningKey, danger};
///
/// let key = SigningKey::from_secret(b"any secret", Algorithm::Hs256)?;
/// let token = key.sign(&Object::new(), br#"{"exp": 1800000000}"#)?;
/// let jws = Jws::parse(&token)?;
/// assert_eq!(danger::number_hint(&jws, "exp"), Some(1_800_000_000));
/// assert_eq!(danger::number_hint(&jws, "nbf"), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn number_hint(jws: &Jws<'_>, name: &str) -> Option<i64> {
    let payload = jws.unchecked_payload().ok()?;
    let mut behind = memchr::memmem::find_iter(payload, name).filter_map(|at| {
        let (before, rest) = payload.split_at_checked(at)?;
        let rest = before.ends_with(b"\"").then(|| rest.get(name.len()..))??;
        rest.strip_prefix(b"\"")?.trim_ascii_start().strip_prefix(b":")
    });
    let only = behind.next().filter(|_| behind.next().is_none())?;
    integer(only.trim_ascii_start())
}

/// As [`KeySet::from_object`], and RSA keys from 1,024 bits check RS256: for test suites that sign
/// with such keys. In production anybody with some money makes a token that passes.
///
/// # Errors
///
/// As [`KeySet::from_object`].
pub fn test_key_set(set: &Object) -> Result<KeySet, KeySetError> {
    KeySet::from_test_object(set)
}

fn integer(text: &[u8]) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix(b"-") {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at_checked(end)?;
    if digits.is_empty() || digits.len() > MAX_DIGITS || rest.starts_with(b".") {
        return None;
    }
    if rest.first().is_some_and(|byte| byte.eq_ignore_ascii_case(&b'e')) {
        return None;
    }
    Some(sign * digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

/// So many always fit.
const MAX_DIGITS: usize = 18;
