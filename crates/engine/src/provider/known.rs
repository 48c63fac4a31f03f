//! The metadata: asked for when first needed, refreshed now and then, kept while the provider is
//! down.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use countersign_protocol::UnixTime;
use countersign_protocol::discovery::{Fetch, Metadata};

use super::{Provider, Source};
use crate::ask::{PATIENCE, Way};
use crate::error::{Error, ErrorKind};
use crate::single_flight::SingleFlight;

/// What is known of a provider by now.
#[derive(Debug)]
pub(crate) struct Known {
    provider: Provider,
    way: Way,
    for_api: bool,
    state: Mutex<State>,
    flights: SingleFlight<(), Result<Arc<Metadata>, Error>>,
}

#[derive(Debug, Default)]
struct State {
    metadata: Option<(Arc<Metadata>, UnixTime)>,
    backoff: Backoff,
}

impl Known {
    /// For logins.
    pub(crate) fn new(provider: Provider, way: Way) -> Arc<Self> {
        Self::of(provider, way, false)
    }

    /// For an API: the endpoints of a login may be absent, and the metadata may stand where OAuth
    /// puts them (RFC 8414 section 3) instead of OpenID Connect.
    pub(crate) fn new_for_api(provider: Provider, way: Way) -> Arc<Self> {
        Self::of(provider, way, true)
    }

    fn of(provider: Provider, way: Way, for_api: bool) -> Arc<Self> {
        let state = Mutex::new(State::default());
        let flights = SingleFlight::new(Duration::ZERO).patience(PATIENCE);
        Arc::new(Self { provider, way, for_api, state, flights })
    }

    pub(crate) fn provider(&self) -> &Provider {
        &self.provider
    }

    /// The metadata. Old metadata is good as long as no newer can be had.
    pub(crate) async fn metadata(self: &Arc<Self>, now: UnixTime) -> Result<Arc<Metadata>, Error> {
        let old = match self.at_hand(now) {
            AtHand::Fresh(metadata) => return Ok(metadata),
            // One asks, the others go on with what there is.
            AtHand::Old(metadata) if self.flights.under_way(&(), now).is_some() => {
                return Ok(metadata);
            }
            AtHand::Old(metadata) => Some(metadata),
            AtHand::None => None,
            AtHand::Wait(error) => return Err(error),
        };
        let known = Arc::clone(self);
        let begin = || -> crate::outside::BoxFuture<'static, _> {
            Box::pin(async move { known.fetch().await })
        };
        match (self.flights.join((), now, begin, |_| false).await, old) {
            (Err(_), Some(old)) => Ok(old),
            (fetched, _) => fetched,
        }
    }

    /// This metadata can't be used: it is asked for again soon, not in an hour.
    pub(crate) fn doubt(&self, metadata: &Arc<Metadata>, now: UnixTime) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let soon = now + DOUBT - REFRESH;
        match &mut state.metadata {
            Some((held, at)) if Arc::ptr_eq(held, metadata) && *at > soon => *at = soon,
            _ => {}
        }
    }

    fn at_hand(&self, now: UnixTime) -> AtHand {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let (None, Source::Written { metadata, .. }) = (&state.metadata, &self.provider.source) {
            state.metadata = Some((Arc::new((**metadata).clone()), now));
        }
        let written = matches!(self.provider.source, Source::Written { .. });
        match (&state.metadata, state.backoff.wait(now)) {
            (Some((metadata, at)), _) if written || is_recent(*at, now) => {
                AtHand::Fresh(Arc::clone(metadata))
            }
            (Some((metadata, _)), Some(_)) => AtHand::Fresh(Arc::clone(metadata)),
            (Some((metadata, _)), None) => AtHand::Old(Arc::clone(metadata)),
            (None, Some((error, wait))) => AtHand::Wait(error.retry_in(wait)),
            (None, None) => AtHand::None,
        }
    }

    async fn fetch(&self) -> Result<Arc<Metadata>, Error> {
        let Source::Discovered { identity, at } = &self.provider.source else {
            return Err(Error::setup("written metadata is never fetched"));
        };
        let fetch = |url| {
            let fetch = Fetch::new(identity.clone(), url, self.provider.plain_http);
            let lax = self.for_api || self.provider.sparse;
            self.way.ask(if lax { fetch.for_api() } else { fetch })
        };
        let mut fetched = fetch(self.provider.discovery_url(at)).await;
        if let Err(error) = &fetched
            && self.for_api
            && is_not_there(error)
        {
            // What the second place says counts, unless it has nothing either.
            match fetch(at.oauth_metadata_url()).await {
                Err(second) if is_not_there(&second) => {}
                second => fetched = second,
            }
        }
        let fetched = fetched.map(Arc::new);
        let now = self.way.outside.now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &fetched {
            Ok(metadata) => {
                state.metadata = Some((Arc::clone(metadata), now));
                state.backoff = Backoff::default();
            }
            Err(error) => state.backoff.failed(error.clone(), now),
        }
        fetched
    }
}

fn is_not_there(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Discovery(error) if error.is_not_there())
}

/// Neither too old nor from a future out of which the clock was set back.
fn is_recent(at: UnixTime, now: UnixTime) -> bool {
    now.since(at) < REFRESH && at.since(now) < REFRESH
}

enum AtHand {
    Fresh(Arc<Metadata>),
    Old(Arc<Metadata>),
    None,
    Wait(Error),
}

/// After a failure nobody asks again for 1, 2, 4 … 60 seconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    last: Option<(Error, UnixTime)>,
}

impl Backoff {
    pub(crate) fn failed(&mut self, error: Error, now: UnixTime) {
        self.failures = self.failures.saturating_add(1);
        let wait = FIRST_WAIT.saturating_mul(1 << (self.failures - 1).min(6)).min(LONGEST_WAIT);
        self.last = Some((error, now + wait));
    }

    /// The last failure and how long to wait still; `None` when it is time to ask.
    pub(crate) fn wait(&self, now: UnixTime) -> Option<(Error, Duration)> {
        let (error, until) = self.last.as_ref()?;
        let left = until.since(now);
        // More is left than was ever set when the clock was set back in between.
        (now < *until && left <= LONGEST_WAIT).then(|| (error.clone(), left))
    }
}

/// How long metadata that can't be used is believed.
const DOUBT: Duration = Duration::from_secs(10);
const REFRESH: Duration = Duration::from_secs(3600);
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
