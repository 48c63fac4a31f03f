//! What an ID token says.

use std::fmt;

use countersign_jose::json::Object;
use serde_json::Value;

use super::error::IdTokenError;
use crate::value::secret::Secret;
use crate::value::time::UnixTime;

/// The claims of an ID token. Reachable only as [`Verified<IdToken>`](crate::Verified).
#[derive(Clone)]
pub struct IdToken {
    raw: Secret,
    subject: String,
    issuer: String,
    claims: Object,
}

impl IdToken {
    /// Takes the members that every ID token has; the rules judge the rest.
    pub(super) fn read(raw: &Secret, claims: Object) -> Result<Self, IdTokenError> {
        let subject = text(&claims, "sub")?.to_owned();
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT || !subject.is_ascii() {
            return Err(IdTokenError::claim("sub", "1 to 255 ASCII characters"));
        }
        let issuer = text(&claims, "iss")?.to_owned();
        Ok(Self { raw: raw.clone(), subject, issuer, claims })
    }

    /// `sub`: who this is at the issuer.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// `iss`
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `auth_time`: when the person last proved who they are, if the provider says so.
    #[must_use]
    pub fn auth_time(&self) -> Option<UnixTime> {
        self.claims.get("auth_time").and_then(UnixTime::from_json)
    }

    /// `sid`: the session at the provider, if it says so.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.claims.get("sid").and_then(Value::as_str)
    }

    /// All claims.
    #[must_use]
    pub fn claims(&self) -> &Object {
        &self.claims
    }

    /// The token as it came: needed as `id_token_hint`, never to be shown.
    #[must_use]
    pub fn raw(&self) -> &Secret {
        &self.raw
    }
}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdToken")
            .field("iss", &self.issuer)
            .field("sub", &self.subject)
            .finish_non_exhaustive()
    }
}

/// A claim that must be a string.
pub(super) fn text<'a>(claims: &'a Object, name: &'static str) -> Result<&'a str, IdTokenError> {
    claims.get(name).and_then(Value::as_str).ok_or(IdTokenError::claim(name, "a string"))
}

/// A claim that may be absent but, if there, must be a string.
pub(super) fn optional_text<'a>(
    claims: &'a Object,
    name: &'static str,
) -> Result<Option<&'a str>, IdTokenError> {
    match claims.get(name) {
        None => Ok(None),
        Some(_) => text(claims, name).map(Some),
    }
}

/// A claim that must be a time.
pub(super) fn time(claims: &Object, name: &'static str) -> Result<UnixTime, IdTokenError> {
    optional_time(claims, name)?.ok_or(IdTokenError::claim(name, TIME))
}

/// A claim that may be absent but, if there, must be a time. A wrong type never counts as absent.
pub(super) fn optional_time(
    claims: &Object,
    name: &'static str,
) -> Result<Option<UnixTime>, IdTokenError> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => UnixTime::from_json(value).map(Some).ok_or(IdTokenError::claim(name, TIME)),
    }
}

/// `aud`: a string or a list of strings, never empty.
pub(super) fn audience(claims: &Object) -> Result<Vec<&str>, IdTokenError> {
    let wrong = || IdTokenError::claim("aud", "a string or a non-empty list of strings");
    let audience: Option<Vec<&str>> = match claims.get("aud") {
        Some(Value::String(one)) => Some(vec![one]),
        Some(Value::Array(many)) => many.iter().map(Value::as_str).collect(),
        _ => None,
    };
    audience.filter(|audience| !audience.is_empty()).ok_or_else(wrong)
}

const LONGEST_SUBJECT: usize = 255;
const TIME: &str = "a number of seconds since 1970, between the years 1 and 9999";
