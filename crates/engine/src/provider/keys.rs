//! The provider's keys: fetched once for all who wait, again at once when a token names an unknown
//! key, but never more often than the budget says.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use countersign_protocol::UnixTime;
use countersign_protocol::discovery::{FetchKeys, Metadata};
use countersign_protocol::jose::KeySet;
use url::Url;

use super::known::Backoff;
use crate::ask::{PATIENCE, Way};
use crate::error::{Error, ErrorKind};
use crate::single_flight::SingleFlight;

/// The keys of one provider.
#[derive(Debug)]
pub(crate) struct Keys {
    way: Way,
    state: Mutex<State>,
    flights: SingleFlight<(), Result<Snapshot, Error>>,
}

/// A key set and its place in the sequence of fetches.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) keys: KeySet,
    generation: u64,
    fresh_until: UnixTime,
}

impl Snapshot {
    /// More is left than was ever set when the clock was set back in between.
    fn is_fresh(&self, now: UnixTime) -> bool {
        now < self.fresh_until && self.fresh_until.since(now) <= LONGEST_AGE
    }
}

#[derive(Debug)]
struct State {
    snapshot: Option<Snapshot>,
    backoff: Backoff,
    budget: Budget,
}

impl Keys {
    pub(crate) fn new(way: Way) -> Arc<Self> {
        let state =
            State { snapshot: None, backoff: Backoff::default(), budget: Budget::default() };
        let flights = SingleFlight::new(Duration::ZERO).patience(PATIENCE);
        Arc::new(Self { way, state: Mutex::new(state), flights })
    }

    /// Runs a check with the keys at hand, and once more with newer ones if it met an unknown key
    /// and newer ones can be had.
    pub(crate) async fn check<T, E>(
        self: &Arc<Self>,
        metadata: &Metadata,
        now: UnixTime,
        check: impl Fn(&KeySet) -> Result<T, E>,
        is_unknown_key: impl Fn(&E) -> bool,
    ) -> Result<T, Error>
    where
        Error: From<E>,
    {
        let mut snapshot = self.current(metadata, now).await?;
        let mut asked = false;
        loop {
            match check(&snapshot.keys) {
                Err(error) if is_unknown_key(&error) && !asked => {
                    match self.newer(&snapshot, metadata, now).await? {
                        Some((newer, is_ours)) => (snapshot, asked) = (newer, is_ours),
                        None => return Err(error.into()),
                    }
                }
                checked => return Ok(checked?),
            }
        }
    }

    /// The keys at hand, fetched first if there are none or if they are old.
    pub(crate) async fn current(
        self: &Arc<Self>,
        metadata: &Metadata,
        now: UnixTime,
    ) -> Result<Snapshot, Error> {
        let Some(url) = metadata.jwks_uri() else {
            let keys = metadata.keys().ok_or(ErrorKind::NoKeys)?.clone();
            return Ok(Snapshot { keys, generation: 0, fresh_until: now });
        };
        let old = {
            let state = self.lock();
            let waiting = state.backoff.wait(now);
            match (&state.snapshot, waiting) {
                (Some(snapshot), _) if snapshot.is_fresh(now) => return Ok(snapshot.clone()),
                (Some(snapshot), Some(_)) => return Ok(snapshot.clone()),
                // One asks, the others go on with what there is.
                (Some(snapshot), None) if self.flights.under_way(&(), now).is_some() => {
                    return Ok(snapshot.clone());
                }
                (Some(snapshot), None) => Some(snapshot.clone()),
                (None, Some((error, wait))) => return Err(error.retry_in(wait)),
                (None, None) => None,
            }
        };
        match (self.fetch_once(url, now).await, old) {
            (Err(_), Some(old)) => Ok(old),
            (fetched, _) => fetched.map(|(snapshot, _)| snapshot),
        }
    }

    /// Newer keys than these, and whether they were asked for just now: keys that somebody else
    /// asked for may be older than the token at hand. `None` when there are none in the budget.
    async fn newer(
        self: &Arc<Self>,
        than: &Snapshot,
        metadata: &Metadata,
        now: UnixTime,
    ) -> Result<Option<(Snapshot, bool)>, Error> {
        let Some(url) = metadata.jwks_uri() else { return Ok(None) };
        let under_way = {
            let mut state = self.lock();
            let newer = |snapshot: &&Snapshot| snapshot.generation > than.generation;
            if let Some(newer) = state.snapshot.as_ref().filter(newer) {
                return Ok(Some((newer.clone(), false)));
            }
            let under_way = self.flights.under_way(&(), now);
            if under_way.is_none() {
                if let Some((error, wait)) = state.backoff.wait(now) {
                    return Err(error.retry_in(wait));
                }
                if !state.budget.spend(now) {
                    tracing::warn!("an unknown key was named again; the keys are not fetched yet");
                    return Ok(None);
                }
            }
            under_way
        };
        match under_way {
            Some(under_way) => Ok(Some((under_way.await?, false))),
            None => self.fetch_once(url, now).await.map(Some),
        }
    }

    /// The second half says whether this call asked, or joined one who did before.
    async fn fetch_once(
        self: &Arc<Self>,
        url: &Url,
        now: UnixTime,
    ) -> Result<(Snapshot, bool), Error> {
        let (keys, url) = (Arc::clone(self), url.clone());
        let mut is_ours = false;
        let begin = || -> crate::outside::BoxFuture<'static, _> {
            is_ours = true;
            Box::pin(async move { keys.fetch(url).await })
        };
        let fetched = self.flights.join((), now, begin, |_| false).await;
        fetched.map(|snapshot| (snapshot, is_ours))
    }

    async fn fetch(&self, url: Url) -> Result<Snapshot, Error> {
        let fetched = self.way.ask(FetchKeys::new(url)).await;
        let now = self.way.outside.now();
        let mut state = self.lock();
        match fetched {
            Ok(fetched) => {
                for skipped in fetched.keys.skipped() {
                    tracing::warn!(
                        kid = skipped.kid,
                        "an unusable key was skipped: {}",
                        skipped.reason
                    );
                }
                let age = fetched.max_age.unwrap_or(DEFAULT_AGE).clamp(SHORTEST_AGE, LONGEST_AGE);
                let generation = state.snapshot.as_ref().map_or(0, |old| old.generation) + 1;
                let snapshot = Snapshot { keys: fetched.keys, generation, fresh_until: now + age };
                state.snapshot = Some(snapshot.clone());
                state.backoff = Backoff::default();
                Ok(snapshot)
            }
            Err(error) => {
                state.backoff.failed(error.clone(), now);
                Err(error)
            }
        }
    }

    /// Nothing panics while it is held.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fetches that unknown keys may cause: a few at once, since keys may rotate twice within a second,
/// then one per cooldown, since anybody can send a token with an invented `kid`.
#[derive(Debug)]
struct Budget {
    left: u32,
    refilled_at: Option<UnixTime>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: BURST, refilled_at: None }
    }
}

impl Budget {
    fn spend(&mut self, now: UnixTime) -> bool {
        let from = match self.refilled_at {
            // A clock that was set back starts the count anew; one never started starts it now.
            Some(from) if from <= now && self.left < BURST => from,
            _ => now,
        };
        let refills = u32::try_from(now.since(from).as_secs() / COOLDOWN.as_secs());
        let refills = refills.unwrap_or(BURST).min(BURST);
        self.left = self.left.saturating_add(refills).min(BURST);
        self.refilled_at =
            Some(if self.left == BURST { now } else { from + COOLDOWN.saturating_mul(refills) });
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

const BURST: u32 = 4;
const COOLDOWN: Duration = Duration::from_secs(30);
const DEFAULT_AGE: Duration = Duration::from_secs(3600);
const SHORTEST_AGE: Duration = Duration::from_secs(300);
const LONGEST_AGE: Duration = Duration::from_secs(24 * 3600);
