//! From a token's text to a [`Token`].

use countersign_protocol::UnixTime;
use countersign_protocol::access_token::{AccessTokenError, AccessTokenRules};
use countersign_protocol::jose::{Jws, KeySet, SignatureError};

use super::introspection::agreed;
use super::issuer::{Accepted, Source};
use super::presented::Presented;
use super::token::{By, Token};
use super::{CheckError, ResourceServer};
use crate::error::{Error, ErrorKind};

/// What a token looks like, and which issuer is to judge it.
enum Kind<'t> {
    Jwt(usize, Jws<'t>),
    Opaque(usize),
}

impl ResourceServer {
    /// What can be said of the token from what is at hand; `None` when somebody has to be asked.
    pub(super) fn recognise(
        &self,
        presented: &Presented<'_>,
        now: UnixTime,
    ) -> Option<Result<Token, CheckError>> {
        let raw = presented.credentials.token();
        if let Some(seen) = self.seen(raw, now) {
            return Some(seen);
        }
        let judged = self.judge(raw, now);
        if matches!(judged, Some(Ok(_))) {
            return judged;
        }
        // What passed is in the right characters; for the rest, that comes before all else.
        match presented.credentials.well_formed() {
            Err(refusal) => Some(Err(refusal.into())),
            Ok(_) => judged,
        }
    }

    /// A signed token that passed before, if nothing has happened since that puts it in question.
    fn seen(&self, raw: &str, now: UnixTime) -> Option<Result<Token, CheckError>> {
        let token = self.inner.cache.get(raw)?;
        if let Some(by) = token.is_over(now) {
            self.inner.cache.forget(raw);
            return Some(Err(AccessTokenError::Expired { by, signed: true }.into()));
        }
        if !self.is_still_signed(&token, now)? {
            self.inner.cache.forget(raw);
            return None;
        }
        self.confirmed(token, now)
    }

    /// What can be said of a token from memory alone, without a signature to check.
    pub(super) fn recall(&self, raw: &str, now: UnixTime) -> Option<Result<Token, CheckError>> {
        match self.inner.issuers.as_slice() {
            [only] if !only.by_keys => self.introspected(0, raw, now),
            _ => self.seen(raw, now),
        }
    }

    /// A token that is not remembered.
    fn judge(&self, raw: &str, now: UnixTime) -> Option<Result<Token, CheckError>> {
        match self.kind(raw) {
            Err(error) => Some(Err(error.into())),
            Ok(Kind::Opaque(at)) => self.introspected(at, raw, now),
            Ok(Kind::Jwt(at, token)) => {
                let issuer = self.inner.issuers.get(at)?;
                let verified = match &issuer.keys {
                    Source::Shared(keys) => self.verified(at, issuer, raw, token, keys, 0, now),
                    Source::Published(keys) => {
                        let at_hand = keys.at_hand(now)?;
                        let generation = at_hand.generation;
                        self.verified(at, issuer, raw, token, &at_hand.keys, generation, now)
                    }
                };
                match verified {
                    Err(error) if error.is_unknown_key() => None,
                    Err(error) => Some(Err(error.into())),
                    Ok(token) => self.confirmed(token, now),
                }
            }
        }
    }

    /// The same, asking whoever has to be asked: for keys, for newer keys, about the token.
    pub(super) async fn find_out(
        &self,
        presented: &Presented<'_>,
        now: UnixTime,
    ) -> Result<Token, CheckError> {
        let raw = presented.credentials.token();
        let (at, token) = match self.kind(raw)? {
            Kind::Opaque(at) => return self.introspect(at, raw, now).await,
            Kind::Jwt(at, _) => (at, self.find_keys(at, raw, now).await?),
        };
        if self.also_asks(at) {
            // The signature is good; whether it was revoked is what the answer says.
            let said = self.introspect(at, raw, now).await?;
            return agreed(token, &said);
        }
        Ok(token)
    }

    async fn find_keys(&self, at: usize, raw: &str, now: UnixTime) -> Result<Token, CheckError> {
        let issuer = self.issuer(at)?;
        let verify = |keys: &KeySet| {
            let token = self.inner.headers.parse(raw)?;
            self.verified(at, issuer, raw, token, keys, UNKNOWN, now)
        };
        let keys = match &issuer.keys {
            // Always at hand: what it did not sign is refused.
            Source::Shared(keys) => return Ok(verify(keys)?),
            Source::Published(keys) => keys,
        };
        let metadata = issuer.known.metadata(now).await?;
        let checked = keys.check(&metadata, now, verify, AccessTokenError::is_unknown_key).await;
        checked.map_err(|error| match error.kind() {
            ErrorKind::AccessToken(refused) => refused.clone().into(),
            _ => error.into(),
        })
    }

    /// Which issuer is to judge it. Where there are several, the token itself says so, unproven;
    /// the rules of that issuer prove it.
    fn kind<'t>(&'t self, raw: &'t str) -> Result<Kind<'t>, AccessTokenError> {
        let issuers = &self.inner.issuers;
        if let [only] = issuers.as_slice()
            && !only.by_keys
        {
            return Ok(Kind::Opaque(0));
        }
        let opaque = issuers.iter().position(|issuer| issuer.introspection.is_some());
        let token = match (self.inner.headers.parse(raw), opaque) {
            (Ok(token), _) => token,
            (Err(SignatureError::Malformed { .. } | SignatureError::Encrypted), Some(at)) => {
                return Ok(Kind::Opaque(at));
            }
            (Err(error), _) => return Err(error.into()),
        };
        let at = if issuers.len() == 1 { 0 } else { self.claimed(&token)? };
        match issuers.get(at) {
            Some(issuer) if !issuer.by_keys => Ok(Kind::Opaque(at)),
            _ => Ok(Kind::Jwt(at, token)),
        }
    }

    fn claimed(&self, token: &Jws<'_>) -> Result<usize, AccessTokenError> {
        let claimed = AccessTokenRules::claimed_issuer(token)?.unwrap_or_default();
        let issuers = &self.inner.issuers;
        let found = issuers.iter().position(|issuer| issuer.identity.accepts(&claimed));
        found.ok_or_else(|| AccessTokenError::IssuerUnknown {
            expected: issuers.iter().map(Accepted::name).collect::<Vec<_>>().join(", "),
            got: claimed,
        })
    }

    /// Judges a JWT and remembers a good one.
    #[expect(
        clippy::too_many_arguments,
        reason = "all that a judgement takes, and no state between"
    )]
    fn verified(
        &self,
        at: usize,
        issuer: &Accepted,
        raw: &str,
        token: Jws<'_>,
        keys: &KeySet,
        generation: u64,
        now: UnixTime,
    ) -> Result<Token, AccessTokenError> {
        let (token, key) = issuer.rules().verify(token, keys, now)?;
        let by = By::signed(at, key, generation);
        let token = Token::new(raw, token, &issuer.name, &issuer.roles, self.inner.clock_skew, by);
        self.inner.cache.put(token.clone());
        Ok(token)
    }

    /// Whether the key that signed the token is still among the issuer's; `None` when the keys are
    /// due to be fetched.
    fn is_still_signed(&self, token: &Token, now: UnixTime) -> Option<bool> {
        let by = token.by();
        let (issuer, key) = (self.inner.issuers.get(by.issuer)?, by.key?);
        let Source::Published(keys) = &issuer.keys else { return Some(true) };
        if by.generation() == keys.generation_at_hand(now)? {
            return Some(true);
        }
        let at_hand = keys.at_hand(now)?;
        let holds = at_hand.keys.holds(key);
        if holds {
            by.seen_in(at_hand.generation);
        }
        Some(holds)
    }

    pub(super) fn issuer(&self, at: usize) -> Result<&Accepted, Error> {
        self.inner.issuers.get(at).ok_or_else(lost)
    }
}

/// Indices come from the very list that they are looked up in.
fn lost() -> Error {
    Error::setup("an issuer is missing from the list that named it")
}

/// No set has it, so the next look finds out.
const UNKNOWN: u64 = u64::MAX;
