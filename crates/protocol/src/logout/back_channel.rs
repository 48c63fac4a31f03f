//! The logout token (OpenID Connect Back-Channel Logout 1.0 sections 2.4 and 2.6).

use std::fmt;

use countersign_jose::json::Object;
use countersign_jose::{Jws, KeySet};
use serde_json::Value;

use super::error::LogoutTokenError;
use crate::id_token::IdTokenRules;
use crate::value::issuer::IssuerIdentity;
use crate::value::time::UnixTime;
use crate::verified::Verified;

/// What a provider says of a session that it has ended. Reachable only as
/// [`Verified<LogoutToken>`](crate::Verified).
#[derive(Clone)]
pub struct LogoutToken {
    issuer: String,
    subject: Option<String>,
    session_id: Option<String>,
    id: String,
    expires_at: UnixTime,
    claims: Object,
}

impl LogoutToken {
    /// Checks a token as section 2.6 has it, in its order. The rules that hold for ID tokens hold
    /// here as well. Whether the token came before is for its reader to remember.
    ///
    /// # Errors
    /// [`LogoutTokenError`] names the rule that failed.
    pub fn verify(
        token: &str,
        rules: &IdTokenRules<'_>,
        keys: &KeySet,
        now: UnixTime,
    ) -> Result<Verified<Self>, LogoutTokenError> {
        let payload = Jws::parse(token)?.verify(keys, rules.allowed)?; // rules 2 and 3
        typed(payload.typ())?; // section 2.4
        let claims = payload
            .object()
            .map_err(|error| LogoutTokenError::Malformed { why: error.to_string() })?;
        let issuer = issued_by(rules.identity, &claims)?; // rule 4
        meant_for_us(rules, &claims)?; // rule 4
        let expires_at = current(rules, &claims, now)?; // rule 4
        let subject = optional_text(&claims, "sub")?;
        let session_id = optional_text(&claims, "sid")?;
        if subject.is_none() && session_id.is_none() {
            return Err(LogoutTokenError::Nobody); // rule 5
        }
        event(&claims)?; // rule 6
        if claims.contains_key("nonce") {
            return Err(LogoutTokenError::Nonce); // rule 7
        }
        let id = optional_text(&claims, "jti")?; // section 2.4
        let id = id.ok_or(LogoutTokenError::claim("jti", TEXT))?;
        Ok(Verified::new(Self { issuer, subject, session_id, id, expires_at, claims }, now))
    }

    /// `iss`
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `sub`: whose sessions are over; all of them where no session is named.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// `sid`: which session is over, as ID tokens name it.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.session_id.as_deref()
    }

    /// `jti`
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// `exp`
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// All claims.
    #[must_use]
    pub fn claims(&self) -> &Object {
        &self.claims
    }
}

impl fmt::Debug for LogoutToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutToken")
            .field("iss", &self.issuer)
            .field("sub", &self.subject)
            .finish_non_exhaustive()
    }
}

/// `typ` is recommended only, and some write the general `JWT`; another type is another token.
fn typed(typ: Option<&str>) -> Result<(), LogoutTokenError> {
    let bare = typ.map(|typ| typ.to_ascii_lowercase());
    match bare.as_deref().map(|typ| typ.strip_prefix("application/").unwrap_or(typ)) {
        None | Some("logout+jwt" | "jwt") => Ok(()),
        Some(_) => Err(LogoutTokenError::Type { got: typ.unwrap_or_default().to_owned() }),
    }
}

fn issued_by(expected: &IssuerIdentity, claims: &Object) -> Result<String, LogoutTokenError> {
    let got = optional_text(claims, "iss")?.ok_or(LogoutTokenError::claim("iss", TEXT))?;
    let is_ours = match expected {
        // A logout token need not say of which tenant it is.
        IssuerIdentity::Template(template) => template.covers(&got),
        one => one.accepts(&got),
    };
    if is_ours {
        return Ok(got);
    }
    Err(LogoutTokenError::Issuer { expected: expected.as_str().to_owned(), got })
}

fn meant_for_us(rules: &IdTokenRules<'_>, claims: &Object) -> Result<(), LogoutTokenError> {
    let audience: Option<Vec<&str>> = match claims.get("aud") {
        Some(Value::String(one)) => Some(vec![one]),
        Some(Value::Array(many)) => many.iter().map(Value::as_str).collect(),
        _ => None,
    };
    let audience = audience
        .ok_or(LogoutTokenError::claim("aud", "a string or a non-empty list of strings"))?;
    let trusted = |one: &&str| {
        *one == rules.client_id || rules.trusted_audiences.iter().any(|other| other == one)
    };
    if audience.contains(&rules.client_id) && audience.iter().all(trusted) {
        return Ok(());
    }
    Err(LogoutTokenError::Audience {
        expected: rules.client_id.to_owned(),
        got: audience.into_iter().map(str::to_owned).collect(),
    })
}

/// Until when the token is good, by the clock of the provider.
fn current(
    rules: &IdTokenRules<'_>,
    claims: &Object,
    now: UnixTime,
) -> Result<UnixTime, LogoutTokenError> {
    let expires_at = time(claims, "exp")?.ok_or(LogoutTokenError::claim("exp", TIME))?;
    let end = expires_at + rules.clock_skew;
    if now >= end {
        return Err(LogoutTokenError::Expired { by: now.since(end) });
    }
    let latest = now + rules.clock_skew;
    let issued_at = time(claims, "iat")?.ok_or(LogoutTokenError::claim("iat", TIME))?;
    if issued_at > latest {
        return Err(LogoutTokenError::IssuedAt { by: issued_at.since(latest) });
    }
    match time(claims, "nbf")? {
        Some(at) if at > latest => Err(LogoutTokenError::NotBefore { by: at.since(latest) }),
        _ => Ok(expires_at),
    }
}

/// What tells a logout token from every other one.
fn event(claims: &Object) -> Result<(), LogoutTokenError> {
    let events = claims.get("events").and_then(Value::as_object);
    match events.and_then(|events| events.get(EVENT)) {
        Some(Value::Object(_)) => Ok(()),
        _ => Err(LogoutTokenError::Event),
    }
}

/// A claim that may be absent but, if there, must be a string with something in it.
fn optional_text(claims: &Object, name: &'static str) -> Result<Option<String>, LogoutTokenError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(_) => Err(LogoutTokenError::claim(name, TEXT)),
    }
}

fn time(claims: &Object, name: &'static str) -> Result<Option<UnixTime>, LogoutTokenError> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => {
            UnixTime::from_json(value).map(Some).ok_or(LogoutTokenError::claim(name, TIME))
        }
    }
}

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const TEXT: &str = "a string with something in it";
const TIME: &str = "a number of seconds since 1970, between the years 1 and 9999";
