//! Tokens in exchange for others (RFC 8693).

use countersign_protocol::jose::digest;
use countersign_protocol::token::{TokenAsk, TokenExchange};
use countersign_protocol::value::endpoint::Endpoint;
use countersign_protocol::{Secret, UnixTime};

use super::grant::renew_at;
use super::{AccessGrant, TokenClient};
use crate::error::Error;
use crate::outside::BoxFuture;

/// What was given for a token.
#[derive(Clone, Debug)]
pub(super) struct Exchanged {
    pub(super) grant: AccessGrant,
    /// Names the token that was handed in.
    pub(super) subject: [u8; 32],
}

impl Exchanged {
    /// About how many bytes of memory it takes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.grant.token.expose().len() + self.grant.scope.len()
    }
}

impl TokenClient {
    /// A token for another API in the name of whoever `subject_token` is from: the access token
    /// that came with a request. It is kept for whoever comes with the same token and the same
    /// question, never longer than the provider says.
    ///
    /// # Errors
    /// [`Error`] when the provider gives none, with the code `token.not_granted` when it refuses.
    pub async fn exchange(
        &self,
        subject_token: &Secret,
        ask: &TokenAsk,
    ) -> Result<AccessGrant, Error> {
        self.exchange_with(TokenExchange::new(subject_token.clone()).ask(ask.clone())).await
    }

    /// The same with an actor, or with tokens of other kinds.
    ///
    /// # Errors
    /// As [`exchange`](Self::exchange).
    pub async fn exchange_with(&self, exchange: TokenExchange) -> Result<AccessGrant, Error> {
        let now = self.now();
        let key = digest::sha256(exchange.fingerprint().expose().as_bytes());
        if let Some(exchanged) = self.inner.exchanged.get(&key, now) {
            return Ok(exchanged.grant);
        }
        let tokens = self.clone();
        let begin = || -> BoxFuture<'static, _> {
            Box::pin(async move { tokens.exchange_now(key, exchange).await })
        };
        self.inner.exchanging.join(key, now, begin, |_| false).await
    }

    async fn exchange_now(
        &self,
        key: [u8; 32],
        exchange: TokenExchange,
    ) -> Result<AccessGrant, Error> {
        let began = self.now();
        // Whoever looked a moment ago may come after the one who exchanged.
        if let Some(exchanged) = self.inner.exchanged.get(&key, began) {
            return Ok(exchanged.grant);
        }
        let grant = self.ask_exchange(&exchange, began).await?;
        let until = renew_at(began, grant.until(began));
        let subject = name_of(exchange.subject_token());
        let exchanged = Exchanged { grant: grant.clone(), subject };
        self.inner.exchanged.put(key, exchanged, until, self.now());
        Ok(grant)
    }

    async fn ask_exchange(
        &self,
        exchange: &TokenExchange,
        now: UnixTime,
    ) -> Result<AccessGrant, Error> {
        let metadata = self.inner.known.metadata(now).await?;
        let endpoint = metadata.require(Endpoint::Token)?;
        let now = self.now();
        let proof = self.proof(now, &metadata)?;
        let question = exchange.at(endpoint, &self.inner.client, now, proof)?;
        let given = self.inner.way.ask(question).await?;
        Ok(AccessGrant::exchanged(given, self.now())?)
    }
}

/// Names a token without holding it.
pub(super) fn name_of(token: &Secret) -> [u8; 32] {
    digest::sha256(token.expose().as_bytes())
}
