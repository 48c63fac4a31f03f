//! Exchanging the code for tokens (OpenID Connect Core 1.0 section 3.1.3).

use url::Url;

use super::client_auth::{ClientAuthError, ClientProof, authenticated};
use super::received::{Received, TokenError, Tokens};
use crate::exchange::{Exchange, Request, Response};
use crate::login::{Expected, Grant};
use crate::value::client::Client;
use crate::value::endpoint::Endpoint;
use crate::value::secret::Secret;
use crate::value::time::UnixTime;

/// The exchange that turns a [`Grant`] into tokens. It uses the grant up.
#[derive(Debug)]
pub struct Redeem {
    request: Request,
    code: Secret,
    scope: String,
    expected: Expected,
    asked_at: UnixTime,
}

impl Grant {
    /// Asks at `endpoint` in the name of `client`.
    ///
    /// # Errors
    /// [`ClientAuthError`] when the client can't authenticate.
    pub fn redeem(
        self,
        endpoint: &Url,
        client: &Client,
        now: UnixTime,
        proof: ClientProof<'_>,
    ) -> Result<Redeem, ClientAuthError> {
        let (code, verifier, redirect_uri, scope, expected) = self.into_parts();
        let mut form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.expose().to_owned()),
            ("redirect_uri", redirect_uri.into()),
        ];
        if let Some(verifier) = verifier {
            form.push(("code_verifier", verifier.expose().to_owned()));
        }
        let request = authenticated(Endpoint::Token, endpoint, client, form, proof)?;
        Ok(Redeem { request, code, scope, expected, asked_at: now })
    }
}

impl Exchange for Redeem {
    type Answer = Received;
    type Error = TokenError;

    fn request(&self) -> Request {
        self.request.clone()
    }

    fn answer(self, response: Response) -> Result<Received, TokenError> {
        let (tokens, id_token) = Tokens::read(response, &self.scope, self.asked_at)
            .map_err(|error| error.without(&self.code))?;
        let id_token = id_token.ok_or(TokenError::Member {
            member: "id_token",
            expected: "a string; was the scope openid granted?",
        })?;
        Ok(Received { id_token, tokens, code: self.code, expected: self.expected })
    }
}
