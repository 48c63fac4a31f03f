//! The rules of OpenID Connect Core 1.0 section 3.1.3.7, in its order, one line each.

use std::time::Duration;

use countersign_jose::json::Object;
use countersign_jose::{Algorithm, Allowed, Jws, KeySet};
use serde_json::Value;

use super::claims::{Earlier, IdToken, audience, optional_text, optional_time, text, time};
use super::error::IdTokenError;
use super::hashes::matches_half;
use crate::login::Expected;
use crate::value::issuer::IssuerIdentity;
use crate::value::secret::Secret;
use crate::value::time::UnixTime;
use crate::verified::Verified;

/// Who an ID token must come from and be for.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the engine writes it")]
pub struct IdTokenRules<'a> {
    /// Who the provider is.
    pub identity: &'a IssuerIdentity,
    /// Our `client_id`.
    pub client_id: &'a str,
    /// The algorithms that may sign.
    pub allowed: &'a Allowed,
    /// Audiences that may stand beside us in `aud`.
    pub trusted_audiences: &'a [String],
    /// How far the clocks of both machines may be apart.
    pub clock_skew: Duration,
}

/// One minute.
pub const DEFAULT_CLOCK_SKEW: Duration = Duration::from_secs(60);

impl IdTokenRules<'_> {
    pub(crate) fn login(
        &self,
        id_token: &Secret,
        access_token: &Secret,
        code: &Secret,
        expected: &Expected,
        keys: &KeySet,
        now: UnixTime,
    ) -> Result<Verified<IdToken>, IdTokenError> {
        let (claims, alg) = self.signed(id_token, keys)?;
        self.addressed(&claims)?; // rules 2 to 5
        self.current(&claims, now)?; // rules 9 and 10
        self.fresh(&claims, expected.began_at)?; // rule 10
        nonce(&claims, expected.nonce.as_deref())?; // rule 11
        acr(&claims, &expected.acr_values)?; // rule 12
        self.authenticated(&claims, expected.max_age, now)?; // rule 13
        essential(&claims, &expected.essential)?; // section 5.5.1
        hash(&claims, "at_hash", alg, access_token)?; // section 3.1.3.8
        hash(&claims, "c_hash", alg, code)?; // section 3.3.2.11
        let token = IdToken::read(id_token, claims)?;
        subject(&token, expected.subject.as_deref())?; // section 3.1.2.1, id_token_hint
        Ok(Verified::new(token, now))
    }

    /// Section 12.2: the same issuer, subject, audience and time of authentication as before.
    pub(crate) fn refresh(
        &self,
        id_token: &Secret,
        access_token: &Secret,
        before: &IdToken,
        keys: &KeySet,
        now: UnixTime,
    ) -> Result<Verified<IdToken>, IdTokenError> {
        let (claims, alg) = self.signed(id_token, keys)?;
        self.addressed(&claims)?;
        self.current(&claims, now)?;
        hash(&claims, "at_hash", alg, access_token)?;
        same(&claims, before.claims(), "iss")?;
        same(&claims, before.claims(), "sub")?;
        same_audience(&claims, before.claims())?;
        same_auth_time(&claims, before)?;
        same_if_there(&claims, before.claims(), "nonce")?;
        same_if_there(&claims, before.claims(), "azp")?;
        Ok(Verified::new(IdToken::read(id_token, claims)?.after(before), now))
    }

    /// A token that this application checked when it came and has kept under its own seal since:
    /// the signature is not checked again, since the key may have been rotated away.
    pub(crate) fn kept(
        raw: &Secret,
        earlier: Earlier,
        verified_at: UnixTime,
    ) -> Result<Verified<IdToken>, IdTokenError> {
        let claims = countersign_jose::danger::peek(raw.expose())?;
        Ok(Verified::new(IdToken::read(raw, claims)?.recalling(earlier), verified_at))
    }

    pub(crate) fn kept_claims(
        claims: Object,
        verified_at: UnixTime,
    ) -> Result<Verified<IdToken>, IdTokenError> {
        Ok(Verified::new(IdToken::read(&Secret::from(""), claims)?, verified_at))
    }

    /// Rules 6 to 8, first of all: nothing is read before the signature.
    fn signed(&self, token: &Secret, keys: &KeySet) -> Result<(Object, Algorithm), IdTokenError> {
        let payload = Jws::parse(token.expose())?.verify(keys, self.allowed)?;
        let claims =
            payload.object().map_err(|error| IdTokenError::Malformed { why: error.to_string() })?;
        Ok((claims, payload.algorithm()))
    }

    fn addressed(&self, claims: &Object) -> Result<(), IdTokenError> {
        let got = text(claims, "iss")?;
        let expected = self.identity.expected(claims)?;
        if got != expected {
            return Err(IdTokenError::Issuer { expected, got: got.to_owned() });
        }
        let audience = audience(claims)?;
        let ours = audience.contains(&self.client_id);
        let trusted =
            |one: &&str| *one == self.client_id || self.trusted_audiences.iter().any(|a| a == one);
        if !ours || !audience.iter().all(trusted) {
            return Err(IdTokenError::Audience {
                expected: self.client_id.to_owned(),
                got: audience.into_iter().map(str::to_owned).collect(),
            });
        }
        match optional_text(claims, "azp")? {
            Some(azp) if azp != self.client_id => Err(IdTokenError::AuthorizedParty {
                expected: self.client_id.to_owned(),
                got: Some(azp.to_owned()),
            }),
            None if audience.len() > 1 => Err(IdTokenError::AuthorizedParty {
                expected: self.client_id.to_owned(),
                got: None,
            }),
            _ => Ok(()),
        }
    }

    fn current(&self, claims: &Object, now: UnixTime) -> Result<(), IdTokenError> {
        let expires_at = time(claims, "exp")? + self.clock_skew;
        if now >= expires_at {
            return Err(IdTokenError::Expired { by: now.since(expires_at) });
        }
        let latest = now + self.clock_skew;
        let issued_at = time(claims, "iat")?;
        if issued_at > latest {
            return Err(IdTokenError::IssuedAt { by: issued_at.since(latest) });
        }
        match optional_time(claims, "nbf")? {
            Some(not_before) if not_before > latest => {
                Err(IdTokenError::NotBefore { by: not_before.since(latest) })
            }
            _ => Ok(()),
        }
    }

    /// A token from before the login began was not made for it. `iat` has whole seconds.
    fn fresh(&self, claims: &Object, began_at: UnixTime) -> Result<(), IdTokenError> {
        let issued_at = time(claims, "iat")? + self.clock_skew;
        let began_at = UnixTime::from_secs(began_at.as_secs());
        if issued_at < began_at {
            return Err(IdTokenError::IssuedBefore { by: began_at.since(issued_at) });
        }
        Ok(())
    }

    fn authenticated(
        &self,
        claims: &Object,
        max_age: Option<u64>,
        now: UnixTime,
    ) -> Result<(), IdTokenError> {
        let auth_time = optional_time(claims, "auth_time")?;
        let Some(max_age) = max_age else { return Ok(()) };
        let auth_time = auth_time.ok_or(IdTokenError::AuthTimeMissing { max_age })?;
        let latest = now + self.clock_skew;
        if auth_time > latest {
            return Err(IdTokenError::AuthTimeAhead { max_age, by: auth_time.since(latest) });
        }
        let oldest = auth_time + Duration::from_secs(max_age) + self.clock_skew;
        if now > oldest {
            return Err(IdTokenError::AuthTime { max_age, by: now.since(oldest) });
        }
        Ok(())
    }
}

/// Nothing is expected of a login whose nonce nobody kept (`danger::login_without_nonce`).
fn nonce(claims: &Object, expected: Option<&str>) -> Result<(), IdTokenError> {
    let Some(expected) = expected else { return Ok(()) };
    let got = text(claims, "nonce")?;
    if countersign_jose::constant_time_eq(got.as_bytes(), expected.as_bytes()) {
        Ok(())
    } else {
        Err(IdTokenError::Nonce)
    }
}

fn acr(claims: &Object, asked: &[String]) -> Result<(), IdTokenError> {
    let got = optional_text(claims, "acr")?;
    if asked.is_empty() || got.is_some_and(|got| asked.iter().any(|one| one == got)) {
        return Ok(());
    }
    Err(IdTokenError::Acr { asked: asked.to_vec(), got: got.map(str::to_owned) })
}

fn essential(claims: &Object, asked: &[(String, Vec<Value>)]) -> Result<(), IdTokenError> {
    for (name, values) in asked {
        let good = claims.get(name).is_some_and(|got| values.contains(got));
        if !good {
            return Err(IdTokenError::ClaimValue { claim: name.clone() });
        }
    }
    Ok(())
}

fn hash(
    claims: &Object,
    name: &'static str,
    alg: Algorithm,
    of: &Secret,
) -> Result<(), IdTokenError> {
    match optional_text(claims, name)? {
        Some(half) if !matches_half(alg, of, half) => Err(IdTokenError::Hash { claim: name }),
        _ => Ok(()),
    }
}

fn subject(token: &IdToken, expected: Option<&str>) -> Result<(), IdTokenError> {
    match expected {
        Some(expected) if expected != token.subject() => Err(IdTokenError::Subject),
        _ => Ok(()),
    }
}

fn same(now: &Object, before: &Object, claim: &'static str) -> Result<(), IdTokenError> {
    if now.get(claim) == before.get(claim) { Ok(()) } else { Err(IdTokenError::Changed { claim }) }
}

/// One string and a list of one say the same (RFC 7519 section 4.1.3), and a list has no order.
fn same_audience(now: &Object, before: &Object) -> Result<(), IdTokenError> {
    let (mut now, mut before) = (audience(now)?, audience(before)?);
    now.sort_unstable();
    before.sort_unstable();
    if now == before { Ok(()) } else { Err(IdTokenError::Changed { claim: "aud" }) }
}

/// Compared as times: a provider may write one with a fraction and then without.
fn same_auth_time(now: &Object, before: &IdToken) -> Result<(), IdTokenError> {
    match (optional_time(now, "auth_time")?, before.auth_time()) {
        (Some(now), Some(before)) if now != before => {
            Err(IdTokenError::Changed { claim: "auth_time" })
        }
        _ => Ok(()),
    }
}

fn same_if_there(now: &Object, before: &Object, claim: &'static str) -> Result<(), IdTokenError> {
    match (now.get(claim), before.get(claim)) {
        (Some(_), Some(_)) => same(now, before, claim),
        _ => Ok(()),
    }
}
