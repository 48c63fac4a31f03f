//! The one place where a request leaves.

use std::time::Duration;

use countersign_protocol::{Exchange, Request};
use url::Url;

use crate::error::Error;
use crate::outside::{Failure, Limits, Outside};

/// The way to a provider: the world, and the address at which the provider is reached if that is
/// not the one in its metadata.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) outside: Outside,
    pub(crate) reached_at: Option<Detour>,
}

/// Back-channel requests to `from` go to `to`: a provider that people see under one host and
/// machines under another.
#[derive(Clone, Debug)]
pub(crate) struct Detour {
    pub(crate) from: Url,
    pub(crate) to: Url,
}

impl Way {
    /// Asks, and lets the question judge its answer: no redirect, 10 seconds, 1 MiB, nothing
    /// decompressed; one event in the trace, without any content.
    pub(crate) async fn ask<E>(&self, exchange: E) -> Result<E::Answer, Error>
    where
        E: Exchange,
        Error: From<E::Error>,
    {
        let request = self.directed(exchange.request());
        let endpoint = request.endpoint();
        let asked_at = self.outside.now();
        let sent = self.outside.transport().send(request, Limits::USUAL).await;
        let millis =
            u64::try_from(self.outside.now().since(asked_at).as_millis()).unwrap_or(u64::MAX);
        let judged = match sent {
            // A transport of the application's own may have read on.
            Ok(response) if response.body.len() > Limits::USUAL.body => {
                Err(Error::network(endpoint, Failure::TooLarge { limit: Limits::USUAL.body }))
            }
            Ok(response) => {
                let status = response.status.as_u16();
                let judged = exchange.answer(response).map_err(Error::from);
                tracing::debug!(%endpoint, status, millis, "the provider answered");
                judged
            }
            Err(failure) => Err(Error::network(endpoint, failure)),
        };
        if let Err(error) = &judged {
            tracing::warn!(%endpoint, millis, code = error.code(), "{error}");
        }
        judged
    }

    fn directed(&self, request: Request) -> Request {
        match self.reached_at.as_ref().and_then(|detour| detour.apply(request.url())) {
            Some(url) => request.to(url),
            None => request,
        }
    }
}

impl Detour {
    fn apply(&self, url: &Url) -> Option<Url> {
        if url.origin() != self.from.origin() {
            return None;
        }
        let mut directed = self.to.clone();
        let from = self.from.path().trim_end_matches('/');
        let to = self.to.path().trim_end_matches('/');
        let path = match url.path().strip_prefix(from) {
            // A bare host stands for the host alone, not for the issuer's path on it.
            Some(rest) if !to.is_empty() && (rest.is_empty() || rest.starts_with('/')) => {
                format!("{to}{rest}")
            }
            _ => url.path().to_owned(),
        };
        directed.set_path(&path);
        directed.set_query(url.query());
        Some(directed)
    }
}

/// Longer than any question can take: what is still under way then was left behind.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
