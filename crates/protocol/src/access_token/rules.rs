//! The rules for access tokens: RFC 9068 section 4, RFC 8725, RFC 7662, one line each.

use std::time::Duration;

use countersign_jose::json::Document;
use countersign_jose::{Allowed, Jws, KeyPrint, KeySet, danger};

use super::claims::AccessToken;
use super::error::AccessTokenError;
use super::kind::Typ;
use crate::value::issuer::IssuerIdentity;
use crate::value::time::UnixTime;
use crate::verified::Verified;

/// Who an access token must come from and be for.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the engine writes it")]
pub struct AccessTokenRules<'a> {
    /// Who the provider is.
    pub identity: &'a IssuerIdentity,
    /// What this API is called.
    pub audiences: &'a [String],
    /// What is demanded of the `aud` of a signed token.
    pub audience: AudienceRule,
    /// Clients of this API: a token without `aud`, as Cognito writes them, passes when it was issued
    /// to one of them. Usually none. RFC 9068 knows no such tokens.
    pub clients: &'a [String],
    /// The algorithms that may sign.
    pub allowed: &'a Allowed,
    /// Whether a token must name the key that signed it (`kid`, RFC 7515 section 4.1.4).
    pub needs_kid: bool,
    /// How closely the token must keep to RFC 9068.
    pub profile: Profile,
    /// How far the clocks of both machines may be apart.
    pub clock_skew: Duration,
}

/// Whether tokens must keep to the JWT profile for access tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// `iss`, `aud` and `exp` are needed, all else is checked where it is there: as most providers
    /// write their tokens.
    #[default]
    Any,
    /// RFC 9068: `typ` is `at+jwt`, and `sub`, `client_id`, `iat` and `jti` are there as well.
    Rfc9068,
}

/// What is demanded of the `aud` of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AudienceRule {
    /// One of ours must be there.
    #[default]
    Ours,
    /// Nobody is named: the token is for nobody in particular.
    Nobody,
    /// One of ours, if any is named.
    OursIfNamed,
    /// Nothing: the provider alone decides who may ask about the token.
    Any,
}

impl AccessTokenRules<'_> {
    /// Checks a signed token, and says which key signed it.
    ///
    /// A token that says itself that it is over is refused before its signature is paid for. That
    /// tells nobody anything: whoever sent it could read the same in it.
    ///
    /// # Errors
    /// [`AccessTokenError`] names the rule that failed.
    pub fn verify(
        &self,
        token: Jws<'_>,
        keys: &KeySet,
        now: UnixTime,
    ) -> Result<(Verified<AccessToken>, KeyPrint), AccessTokenError> {
        self.not_over_at_sight(&token, now)?;
        if self.needs_kid && token.kid().is_none() {
            return Err(AccessTokenError::Claim { claim: "kid", expected: "text in its header" });
        }
        let payload = token.verify(keys, self.allowed)?; // RFC 9068 section 4, RFC 8725 section 3.1
        let by = payload.signed_by();
        let typ = Typ::of(&payload)?; // RFC 8725 section 3.11
        let document = payload.document().map_err(malformed)?;
        // RFC 9068 section 4, RFC 8725 section 3.12
        let token = AccessToken::read(document, |kind| kind.is_access_token(typ))?;
        let got =
            token.issuer().ok_or(AccessTokenError::Claim { claim: "iss", expected: "a string" })?;
        self.issued_by(got, &token)?; // RFC 9068 section 4
        self.meant_for(self.audience, &token)?; // RFC 9068 section 4
        token.expires_at().ok_or(AccessTokenError::Claim { claim: "exp", expected: "a time" })?;
        self.current(&token, now)?; // RFC 7519 sections 4.1.4 to 4.1.6
        self.keeps_to_profile(&token, typ)?; // RFC 9068 sections 2.1 and 2.2
        Ok((Verified::new(token, now), by))
    }

    /// Checks what the introspection endpoint said of an active token (RFC 7662 section 2.2). Only
    /// what is there can be checked; `audience` says what is demanded of `aud`.
    ///
    /// # Errors
    /// [`AccessTokenError`] names the rule that failed.
    pub fn introspected(
        &self,
        answer: Document,
        audience: AudienceRule,
        now: UnixTime,
    ) -> Result<Verified<AccessToken>, AccessTokenError> {
        // Active refresh tokens are asked about just as well.
        let token = AccessToken::read(answer, |kind| kind.is_no_other())?;
        if let Some(issuer) = token.issuer() {
            self.issued_by(issuer, &token)?;
        }
        self.meant_for(audience, &token)?;
        self.current(&token, now)?;
        Ok(Verified::new(token, now))
    }

    /// The `iss` of a token that nobody has checked: good for choosing who is to check it.
    ///
    /// # Errors
    /// [`AccessTokenError`] when it can't be read.
    pub fn claimed_issuer(token: &Jws<'_>) -> Result<Option<String>, AccessTokenError> {
        let claims = danger::document(token)?;
        Ok(claims.get("iss").and_then(|issuer| issuer.as_str()).map(str::to_owned))
    }

    /// Only if a quick look finds an `exp` that is over, the claims are read, and only if they say
    /// the same, the token is refused. Of what can't be read nothing is said before its signature.
    fn not_over_at_sight(&self, token: &Jws<'_>, now: UnixTime) -> Result<(), AccessTokenError> {
        let is_over = |at: UnixTime| now >= at + self.clock_skew;
        match danger::number_hint(token, "exp") {
            Some(hint) if is_over(UnixTime::from_secs(hint)) => {}
            _ => return Ok(()),
        }
        let Ok(claims) = danger::document(token) else { return Ok(()) };
        let expires_at = claims.get("exp").and_then(|exp| exp.as_f64());
        match expires_at.and_then(UnixTime::from_numeric_date) {
            Some(at) if is_over(at) => Err(AccessTokenError::Expired {
                by: now.since(at + self.clock_skew),
                signed: false,
            }),
            _ => Ok(()),
        }
    }

    fn issued_by(&self, got: &str, token: &AccessToken) -> Result<(), AccessTokenError> {
        let expected = match self.identity {
            IssuerIdentity::One(issuer) if issuer.as_str() == got => return Ok(()),
            IssuerIdentity::One(issuer) => issuer.as_str().to_owned(),
            IssuerIdentity::Name(name) if name == got => return Ok(()),
            IssuerIdentity::Name(name) => name.clone(),
            IssuerIdentity::Typed(typed) if typed.accepts(got) => return Ok(()),
            IssuerIdentity::Typed(typed) => typed.as_str().to_owned(),
            IssuerIdentity::Template(template) => {
                let tenant = token.claim(template.claim()).and_then(|tenant| tenant.as_str());
                match template.issuer_of(tenant.unwrap_or_default()) {
                    Ok(issuer) if issuer == got => return Ok(()),
                    Ok(issuer) => issuer,
                    Err(_) => template.as_str().to_owned(),
                }
            }
        };
        Err(AccessTokenError::Issuer { expected, got: got.to_owned() })
    }

    fn meant_for(&self, rule: AudienceRule, token: &AccessToken) -> Result<(), AccessTokenError> {
        let named = token.audience().next().is_some();
        match rule {
            AudienceRule::Any => Ok(()),
            AudienceRule::OursIfNamed | AudienceRule::Nobody if !named => Ok(()),
            AudienceRule::Nobody => Err(AccessTokenError::Audience {
                expected: Vec::new(),
                got: token.audience().map(str::to_owned).collect(),
            }),
            _ => self.meant_for_us(token),
        }
    }

    fn meant_for_us(&self, token: &AccessToken) -> Result<(), AccessTokenError> {
        if token.audience().any(|one| self.audiences.iter().any(|own| own == one)) {
            return Ok(());
        }
        if self.profile == Profile::Any && token.claim("aud").is_none() {
            let client = token.client_id();
            if client.is_some_and(|client| self.clients.iter().any(|own| own == client)) {
                return Ok(());
            }
        }
        Err(AccessTokenError::Audience {
            expected: self.audiences.to_vec(),
            got: token.audience().map(str::to_owned).collect(),
        })
    }

    fn current(&self, token: &AccessToken, now: UnixTime) -> Result<(), AccessTokenError> {
        if let Some(at) = token.expires_at().map(|at| at + self.clock_skew).filter(|at| now >= *at)
        {
            return Err(AccessTokenError::Expired { by: now.since(at), signed: true });
        }
        let latest = now + self.clock_skew;
        if let Some(at) = token.not_before().filter(|at| *at > latest) {
            return Err(AccessTokenError::NotBefore { by: at.since(latest) });
        }
        if let Some(at) = token.issued_at().filter(|at| *at > latest) {
            return Err(AccessTokenError::IssuedAt { by: at.since(latest) });
        }
        Ok(())
    }

    fn keeps_to_profile(&self, token: &AccessToken, typ: Typ) -> Result<(), AccessTokenError> {
        if self.profile == Profile::Any {
            return Ok(());
        }
        let needed = [
            (typ == Typ::AccessToken, "the header's typ should be at+jwt"),
            (token.subject().is_some(), "sub is missing"),
            (token.claim("client_id").is_some(), "client_id is missing"),
            (token.issued_at().is_some(), "iat is missing"),
            (token.id().is_some(), "jti is missing"),
        ];
        match needed.into_iter().find(|(there, _)| !there) {
            Some((_, lacks)) => Err(AccessTokenError::Profile { lacks }),
            None => Ok(()),
        }
    }
}

fn malformed(error: countersign_jose::JsonError) -> AccessTokenError {
    AccessTokenError::Malformed { why: error.to_string() }
}
