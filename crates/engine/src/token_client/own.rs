//! Tokens in the application's own name (RFC 6749 section 4.4).

use std::time::Duration;

use countersign_protocol::token::{ClientCredentials, TokenAsk};
use countersign_protocol::value::endpoint::Endpoint;
use countersign_protocol::{Secret, UnixTime};

use super::grant::renew_at;
use super::{AccessGrant, TokenClient};
use crate::error::Error;
use crate::outside::BoxFuture;
use crate::provider::Backoff;

/// What is known about one kind of token.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    grant: Option<Timed>,
    backoff: Backoff,
}

#[derive(Clone, Debug)]
struct Timed {
    grant: AccessGrant,
    renew_at: UnixTime,
    until: UnixTime,
}

impl TokenClient {
    /// A token in the application's own name (`client_credentials`): the one that is kept for this
    /// question, or a new one when that is about to end. However many ask at once, the provider is
    /// asked once. While a renewal fails, the old token is good until its end, and the provider is
    /// asked again after 1, 2, 4 … 60 seconds only.
    ///
    /// # Errors
    /// [`Error`] when the provider gives none, with the code `token.not_granted` when it refuses.
    pub async fn client_credentials(&self, ask: &TokenAsk) -> Result<AccessGrant, Error> {
        let now = self.now();
        let held = self.inner.own.get(ask, now).unwrap_or_default();
        let old = held.grant.filter(|timed| now < timed.until);
        if let Some(timed) = old.as_ref().filter(|timed| now < timed.renew_at) {
            return Ok(timed.grant.clone());
        }
        if let Some((error, wait)) = held.backoff.wait(now) {
            return old.map(|timed| timed.grant).ok_or(error.retry_in(wait));
        }
        // One asks, the others go on with what there is.
        if let Some(old) = &old
            && self.inner.asking.under_way(ask, now).is_some()
        {
            return Ok(old.grant.clone());
        }
        let (tokens, question) = (self.clone(), ask.clone());
        let begin = || -> BoxFuture<'static, _> {
            Box::pin(async move { tokens.fetch_own(question).await })
        };
        match (self.inner.asking.join(ask.clone(), now, begin, |_| false).await, old) {
            // It may have taken until the old one's end.
            (Err(_), Some(old)) if self.now() < old.until => Ok(old.grant),
            (fetched, _) => fetched,
        }
    }

    async fn fetch_own(&self, ask: TokenAsk) -> Result<AccessGrant, Error> {
        let began = self.now();
        // Whoever looked a moment ago may come after the one who fetched, or failed to.
        let before = self.inner.own.get(&ask, began).unwrap_or_default();
        if let Some(timed) = before.grant.as_ref().filter(|timed| began < timed.renew_at) {
            return Ok(timed.grant.clone());
        }
        if let Some((error, wait)) = before.backoff.wait(began) {
            return Err(error.retry_in(wait));
        }
        let fetched = self.ask_own(&ask, began).await;
        let now = self.now();
        let held = match &fetched {
            Ok(grant) => {
                let until = grant.until(began);
                let renew_at = renew_at(began, until);
                let grant = Some(Timed { grant: grant.clone(), renew_at, until });
                Held { grant, backoff: Backoff::default() }
            }
            Err(error) => {
                let mut held = before;
                held.backoff.failed(error.clone(), now);
                held
            }
        };
        let until = held.grant.as_ref().map_or(now, |timed| timed.until).max(now + BACKOFF);
        self.inner.own.put(ask, held, until, now);
        fetched
    }

    async fn ask_own(&self, ask: &TokenAsk, now: UnixTime) -> Result<AccessGrant, Error> {
        let metadata = self.inner.known.metadata(now).await?;
        let endpoint = metadata.require(Endpoint::Token)?;
        let now = self.now();
        let proof = self.proof(now, &metadata)?;
        let question = ClientCredentials::new(ask, endpoint, &self.inner.client, now, proof)?;
        let tokens = self.inner.way.ask(question).await?;
        Ok(AccessGrant::own(tokens, self.now())?)
    }
}

impl Held {
    /// Whether this is the token that is held.
    pub(super) fn is(&self, token: &Secret) -> bool {
        self.grant.as_ref().is_some_and(|timed| timed.grant.token == *token)
    }
}

/// Longer than the longest wait after a failure, so that the count of failures outlasts it.
const BACKOFF: Duration = Duration::from_secs(120);
