//! What is required stands in the constructor; the rest has a safe default.

use std::sync::Arc;
use std::time::Duration;

use countersign_protocol::Client;

use super::exchange::Exchanged;
use super::{Inner, TokenClient};
use crate::ask::{PATIENCE, Way};
use crate::error::Error;
use crate::kept::Kept;
use crate::outside::Outside;
use crate::provider::{Known, Provider};
use crate::single_flight::SingleFlight;

/// Settings of a token client.
#[derive(Debug)]
pub struct TokenClientBuilder {
    provider: Provider,
    client: Client,
    most: usize,
}

impl TokenClientBuilder {
    pub(super) fn new(provider: Provider, client: Client) -> Self {
        Self { provider, client, most: MOST_EXCHANGED }
    }

    /// How many exchanged tokens are kept at most; 0 keeps none. Default: 10,000. They take at most
    /// 64 MiB.
    #[must_use]
    pub fn keep_exchanged(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// The token client. Nothing is asked of the provider yet: it may be down.
    ///
    /// # Errors
    /// [`Error`] for a provider by plain http.
    pub fn build(self, outside: Outside) -> Result<TokenClient, Error> {
        self.provider.must_be_safe()?;
        let way = Way { outside, reached_at: self.provider.detour() };
        Ok(TokenClient {
            inner: Arc::new(Inner {
                known: Known::new_for_api(self.provider, way.clone()),
                way,
                client: self.client,
                own: Kept::new(MOST_OWN),
                asking: SingleFlight::new(Duration::ZERO).patience(PATIENCE),
                exchanged: Kept::new(self.most).at_most_bytes(MOST_BYTES, Exchanged::size),
                exchanging: SingleFlight::new(Duration::ZERO).patience(PATIENCE),
            }),
        })
    }
}

/// An application names its own scopes and APIs: there are few.
const MOST_OWN: usize = 1_000;
const MOST_EXCHANGED: usize = 10_000;
/// Ten thousand tokens of 6 kB.
const MOST_BYTES: usize = 64 * 1024 * 1024;
