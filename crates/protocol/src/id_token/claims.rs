//! What an ID token says.

use std::fmt;

use countersign_jose::json::Object;
use serde::{Deserialize, Serialize};
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
    earlier: Earlier,
}

/// What the ID token of the login said and a renewed one leaves out, as it may (OpenID Connect
/// Core 1.0 section 12.2). It stays true of the session, which a logout at the provider names by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auth_time: Option<UnixTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
}

impl Earlier {
    /// Whether the token at hand says everything itself.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.auth_time.is_none() && self.sid.is_none()
    }
}

impl IdToken {
    /// Takes the members that every ID token has; the rules judge the rest.
    pub(super) fn read(raw: &Secret, claims: Object) -> Result<Self, IdTokenError> {
        let subject = text(&claims, "sub")?.to_owned();
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT || !subject.is_ascii() {
            return Err(IdTokenError::claim("sub", "1 to 255 ASCII characters"));
        }
        let issuer = text(&claims, "iss")?.to_owned();
        let earlier = Earlier::default();
        Ok(Self { raw: raw.clone(), subject, issuer, claims, earlier })
    }

    /// The same token after the one before it, of which it may leave something out.
    pub(super) fn after(self, before: &Self) -> Self {
        let auth_time = before.auth_time().filter(|_| self.own_auth_time().is_none());
        let sid = before.session_id().filter(|_| self.own_session_id().is_none());
        let earlier = Earlier { auth_time, sid: sid.map(str::to_owned) };
        self.recalling(earlier)
    }

    pub(super) fn recalling(self, earlier: Earlier) -> Self {
        Self { earlier, ..self }
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

    /// `auth_time`: when the person last proved who they are, if the provider says so, or said so
    /// before a renewal.
    #[must_use]
    pub fn auth_time(&self) -> Option<UnixTime> {
        self.own_auth_time().or(self.earlier.auth_time)
    }

    /// `sid`: the session at the provider, if it says so, or said so before a renewal.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.own_session_id().or(self.earlier.sid.as_deref())
    }

    /// What tokens before this one said and it leaves out.
    #[must_use]
    pub fn earlier(&self) -> &Earlier {
        &self.earlier
    }

    fn own_auth_time(&self) -> Option<UnixTime> {
        self.claims.get("auth_time").and_then(UnixTime::from_json)
    }

    fn own_session_id(&self) -> Option<&str> {
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
