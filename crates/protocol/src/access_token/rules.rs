//! The rules for access tokens: RFC 9068 section 4, RFC 8725, RFC 7662, one line each.

use std::time::Duration;

use countersign_jose::json::Document;
use countersign_jose::{Allowed, Jws, KeyPrint, KeySet, danger};

use super::claims::AccessToken;
use super::error::{AccessTokenError, NotAnAccessToken};
use crate::value::issuer::IssuerIdentity;
use crate::value::time::UnixTime;
use crate::verified::Verified;

/// Who an access token must come from and be for.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the engine writes it")]
pub struct AccessTokenRules<'a> {
    /// Who the provider is.
    pub identity: &'a IssuerIdentity,
    /// What this API is called: one of them must stand in `aud`.
    pub audiences: &'a [String],
    /// Clients of this API: a token without `aud`, as Cognito writes them, passes when it was issued
    /// to one of them. Usually none. RFC 9068 knows no such tokens.
    pub clients: &'a [String],
    /// The algorithms that may sign.
    pub allowed: &'a Allowed,
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
        let payload = token.verify(keys, self.allowed)?; // RFC 9068 section 4, RFC 8725 section 3.1
        let by = payload.signed_by();
        let typ = Typ::of(payload.typ())?; // RFC 8725 section 3.11
        let document = payload.document().map_err(malformed)?;
        is_no_other_token(&document, typ)?; // RFC 9068 section 4, RFC 8725 section 3.12
        let token = AccessToken::read(document)?;
        let got =
            token.issuer().ok_or(AccessTokenError::Claim { claim: "iss", expected: "a string" })?;
        self.issued_by(got, &token)?; // RFC 9068 section 4
        self.meant_for_us(&token)?; // RFC 9068 section 4
        token.expires_at().ok_or(AccessTokenError::Claim { claim: "exp", expected: "a time" })?;
        self.current(&token, now)?; // RFC 7519 sections 4.1.4 to 4.1.6
        self.keeps_to_profile(&token, typ)?; // RFC 9068 sections 2.1 and 2.2
        Ok((Verified::new(token, now), by))
    }

    /// Checks what the introspection endpoint said of an active token (RFC 7662 section 2.2). Only
    /// what is there can be checked, except for `aud`, which `may_lack_audience` leaves to the
    /// provider.
    ///
    /// # Errors
    /// [`AccessTokenError`] names the rule that failed.
    pub fn introspected(
        &self,
        answer: Document,
        may_lack_audience: bool,
        now: UnixTime,
    ) -> Result<Verified<AccessToken>, AccessTokenError> {
        calls_itself_no_other(&answer)?; // active refresh tokens are asked about just as well
        let token = AccessToken::read(answer)?;
        if let Some(issuer) = token.issuer() {
            self.issued_by(issuer, &token)?;
        }
        if token.audience().next().is_some() || !may_lack_audience {
            self.meant_for_us(&token)?;
        }
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

/// What the header says that this is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Typ {
    AccessToken,
    /// Nothing, or `JWT`, which says nothing.
    Open,
}

impl Typ {
    /// Every other type was given to a token so that it is not taken for something else.
    fn of(typ: Option<&str>) -> Result<Self, AccessTokenError> {
        let Some(typ) = typ else { return Ok(Self::Open) };
        let bare = match typ.split_at_checked(MEDIA.len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case(MEDIA) => rest,
            _ => typ,
        };
        if bare.eq_ignore_ascii_case("at+jwt") {
            Ok(Self::AccessToken)
        } else if bare.eq_ignore_ascii_case("JWT") {
            Ok(Self::Open)
        } else {
            let shown = typ.chars().take(200).collect();
            Err(AccessTokenError::Kind(NotAnAccessToken::Header(shown)))
        }
    }
}

/// An ID token is signed with the same keys, and some APIs bear the same name as their client.
fn is_no_other_token(claims: &Document, typ: Typ) -> Result<(), AccessTokenError> {
    calls_itself_no_other(claims)?;
    // Keycloak's access tokens may carry a nonce.
    let own = claims.get("typ").and_then(|typ| typ.as_str());
    if typ == Typ::AccessToken || own.is_some_and(|kind| ["Bearer", "DPoP"].contains(&kind)) {
        return Ok(());
    }
    // OpenID Connect Core section 3.1.3.6 and 3.3.2.11, Back-Channel Logout section 2.4.
    let markers = ["nonce", "at_hash", "c_hash", "s_hash", "events"];
    match markers.into_iter().find(|name| claims.get(name).is_some()) {
        Some(name) => Err(AccessTokenError::Kind(NotAnAccessToken::Claim(name))),
        None => Ok(()),
    }
}

/// Where providers write what a token is, among its claims or in what they say of it.
fn calls_itself_no_other(claims: &Document) -> Result<(), AccessTokenError> {
    for (name, others) in OTHERS {
        let own = claims.get(name).and_then(|kind| kind.as_str());
        if let Some(kind) = own.filter(|kind| others.contains(kind)) {
            return Err(AccessTokenError::Kind(NotAnAccessToken::Type(kind.to_owned())));
        }
    }
    Ok(())
}

fn malformed(error: countersign_jose::JsonError) -> AccessTokenError {
    AccessTokenError::Malformed { why: error.to_string() }
}

const MEDIA: &str = "application/";
const OTHERS: [(&str, &[&str]); 3] = [
    ("typ", &["ID", "Refresh", "Offline", "Logout"]), // Keycloak; an access token is `Bearer`
    ("token_use", &["id", "id_token", "refresh", "refresh_token"]), // Cognito, Hydra
    ("token_type", &["id_token", "refresh_token"]),   // RFC 7662 section 2.2
];
