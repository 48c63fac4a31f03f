//! Renewing with a refresh token (RFC 6749 section 6, OpenID Connect Core 1.0 section 12).

use countersign_jose::KeySet;
use url::Url;

use super::client_auth::{ClientAuthError, ClientProof, authenticated};
use super::received::{TokenError, Tokens};
use crate::exchange::{Exchange, Request, Response};
use crate::id_token::{IdToken, IdTokenError, IdTokenRules};
use crate::value::client::Client;
use crate::value::endpoint::Endpoint;
use crate::value::secret::Secret;
use crate::value::time::UnixTime;
use crate::verified::Verified;

/// The exchange that renews tokens.
#[derive(Debug)]
pub struct Refresh {
    request: Request,
    old_token: Secret,
    scope: String,
    asked_at: UnixTime,
}

impl Refresh {
    /// Asks at `endpoint` in the name of `client`; `scope` is the one granted so far.
    ///
    /// # Errors
    /// [`ClientAuthError`] when the client can't authenticate.
    pub fn new(
        refresh_token: &Secret,
        scope: &str,
        endpoint: &Url,
        client: &Client,
        now: UnixTime,
        proof: ClientProof<'_>,
    ) -> Result<Self, ClientAuthError> {
        let form = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", refresh_token.expose().to_owned()),
        ];
        let request = authenticated(Endpoint::Token, endpoint, client, form, proof)?;
        let (old_token, scope) = (refresh_token.clone(), scope.to_owned());
        Ok(Self { request, old_token, scope, asked_at: now })
    }
}

impl Exchange for Refresh {
    type Answer = Refreshed;
    type Error = TokenError;

    fn request(&self) -> Request {
        self.request.clone()
    }

    fn answer(self, response: Response) -> Result<Refreshed, TokenError> {
        let read = Tokens::read(response, &self.scope, self.asked_at);
        let (mut tokens, id_token) =
            read.map_err(|error| match error.without(&self.old_token) {
                TokenError::Refused { says } if says.error == "invalid_grant" => {
                    TokenError::RefreshRefused { says }
                }
                other => other,
            })?;
        // Without a new one the old one stays good (RFC 6749 section 6).
        tokens.refresh_token.get_or_insert(self.old_token);
        Ok(Refreshed { id_token, tokens })
    }
}

/// The answer to a refresh, its ID token, if there is one, not yet checked.
#[derive(Debug)]
pub struct Refreshed {
    id_token: Option<Secret>,
    tokens: Tokens,
}

impl Refreshed {
    /// Checks the new ID token against the one of the login: issuer, subject, audience and
    /// `auth_time` must be the same (OpenID Connect Core 1.0 section 12.2). `None` when the
    /// provider sent none, which it may.
    ///
    /// # Errors
    /// [`IdTokenError`] names the rule that failed.
    pub fn verify(
        &self,
        rules: &IdTokenRules<'_>,
        before: &Verified<IdToken>,
        keys: &KeySet,
        now: UnixTime,
    ) -> Result<Option<Verified<IdToken>>, IdTokenError> {
        let Some(id_token) = &self.id_token else { return Ok(None) };
        rules.refresh(id_token, &self.tokens.access_token, before, keys, now).map(Some)
    }

    /// The new tokens, once it is clear whose they are.
    #[must_use]
    pub fn into_tokens(self, _whose: &Verified<IdToken>) -> Tokens {
        self.tokens
    }

    /// The tokens alone, without anything said of whose they are.
    #[must_use]
    pub fn about_nobody(self) -> Tokens {
        self.tokens
    }
}
