//! Whether a token is an access token at all: ID tokens, refresh tokens and logout tokens are signed
//! with the same keys, and some APIs bear the same name as their client.

use countersign_jose::Payload;
use countersign_jose::json::Item;

use super::error::{AccessTokenError, NotAnAccessToken};

/// What the header says that this is (RFC 8725 section 3.11).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Typ {
    AccessToken,
    /// Nothing, or `JWT`, which says nothing.
    Open,
}

impl Typ {
    /// Every other type was given to a token so that it is not taken for something else.
    pub(super) fn of(payload: &Payload) -> Result<Self, AccessTokenError> {
        match payload.typ() {
            None => Ok(Self::Open),
            Some(_) if payload.typ_is("at+jwt") => Ok(Self::AccessToken),
            Some(_) if payload.typ_is("JWT") => Ok(Self::Open),
            Some(typ) => {
                let shown = typ.chars().take(200).collect();
                Err(AccessTokenError::Kind(NotAnAccessToken::Header(shown)))
            }
        }
    }
}

/// What the claims say that this is (RFC 8725 section 3.12).
#[derive(Default)]
pub(super) struct Kind<'c> {
    /// How it calls itself, if that is something else than an access token.
    other: Option<&'c str>,
    /// Whether it calls itself an access token, as Keycloak's do.
    own: bool,
    /// A claim that other tokens have.
    marker: Option<&'static str>,
}

impl<'c> Kind<'c> {
    /// Looks at one more claim.
    pub(super) fn look(&mut self, name: &str, claim: Item<'c>) {
        match name {
            // Keycloak; an access token is `Bearer`.
            "typ" => {
                self.calls_itself(claim, &["ID", "Refresh", "Offline", "Logout"]);
                self.own = matches!(claim.as_str(), Some("Bearer" | "DPoP"));
            }
            // Cognito, Hydra.
            "token_use" => {
                self.calls_itself(claim, &["id", "id_token", "refresh", "refresh_token"]);
            }
            // RFC 7662 section 2.2, and Django's libraries.
            "token_type" => self.calls_itself(claim, &["id_token", "refresh_token", "refresh"]),
            // OpenID Connect Core sections 3.1.3.6 and 3.3.2.11, Back-Channel Logout section 2.4.
            "nonce" => self.marker = Some("nonce"),
            "at_hash" => self.marker = Some("at_hash"),
            "c_hash" => self.marker = Some("c_hash"),
            "s_hash" => self.marker = Some("s_hash"),
            "events" => self.marker = Some("events"),
            _ => {}
        }
    }

    /// Nothing says that it is another token. What only ID tokens have stands in some access tokens,
    /// too, such as the nonce in older ones of Keycloak: there, what the token is called decides.
    pub(super) fn is_access_token(&self, typ: Typ) -> Result<(), AccessTokenError> {
        self.is_no_other()?;
        match self.marker {
            Some(name) if typ == Typ::Open && !self.own => {
                Err(AccessTokenError::Kind(NotAnAccessToken::Claim(name)))
            }
            _ => Ok(()),
        }
    }

    /// It does not call itself another token.
    pub(super) fn is_no_other(&self) -> Result<(), AccessTokenError> {
        match self.other {
            Some(kind) => Err(AccessTokenError::Kind(NotAnAccessToken::Type(kind.to_owned()))),
            None => Ok(()),
        }
    }

    fn calls_itself(&mut self, claim: Item<'c>, others: &[&str]) {
        self.other = self.other.or(claim.as_str().filter(|kind| others.contains(kind)));
    }
}
