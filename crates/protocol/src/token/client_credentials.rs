//! A token in the client's own name (RFC 6749 section 4.4).

use url::Url;

use super::ask::{AskError, TokenAsk};
use super::client_auth::{ClientProof, authenticated, must_authenticate};
use super::received::{TokenError, Tokens};
use crate::exchange::{Exchange, Request, Response};
use crate::value::client::Client;
use crate::value::endpoint::Endpoint;
use crate::value::secret::Secret;
use crate::value::time::UnixTime;

/// The exchange that fetches a token in the client's own name.
#[derive(Debug)]
pub struct ClientCredentials {
    request: Request,
    secret: Option<Secret>,
    scope: String,
    asked_at: UnixTime,
}

impl ClientCredentials {
    /// Asks at `endpoint`. `now` is when the question is sent.
    ///
    /// # Errors
    /// [`AskError`] for what can't be asked, such as by a client that does not authenticate: this
    /// grant is for confidential clients only (section 4.4).
    pub fn new(
        ask: &TokenAsk,
        endpoint: &Url,
        client: &Client,
        now: UnixTime,
        proof: ClientProof<'_>,
    ) -> Result<Self, AskError> {
        must_authenticate(client, "the client_credentials grant")?;
        let mut form = vec![("grant_type", "client_credentials".to_owned())];
        ask.fill(&mut form)?;
        let request = authenticated(Endpoint::Token, endpoint, client, form, proof)?;
        let scope = ask.asked_scope().unwrap_or_default().to_owned();
        Ok(Self { request, secret: client.secret().cloned(), scope, asked_at: now })
    }
}

impl Exchange for ClientCredentials {
    type Answer = Tokens;
    type Error = TokenError;

    fn request(&self) -> Request {
        self.request.clone()
    }

    /// The tokens. A scope that the answer names is the one granted, even an empty one; only when
    /// it names none it is the one that was asked for (section 5.1).
    fn answer(self, response: Response) -> Result<Tokens, TokenError> {
        let read = Tokens::read(response, &self.scope, self.asked_at);
        let (mut tokens, _) = read.map_err(|error| match &self.secret {
            Some(secret) => error.not_granted().without(secret),
            None => error.not_granted(),
        })?;
        // Section 4.4.3: there should be none, and there is nobody whom it could outlast.
        tokens.refresh_token = None;
        Ok(tokens)
    }
}
