//! The provider's keys: fetched once for all who wait, again at once when a token names an unknown
//! key, but never more often than the budget says.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use countersign_protocol::UnixTime;
use countersign_protocol::discovery::{FetchKeys, Metadata};
use countersign_protocol::jose::KeySet;
use url::Url;

use super::Provider;
use super::known::Backoff;
use crate::ask::{PATIENCE, Way};
use crate::error::{Error, ErrorKind};
use crate::single_flight::SingleFlight;

/// The keys of one provider.
#[derive(Debug)]
pub(crate) struct Keys {
    way: Way,
    state: Mutex<State>,
    /// The snapshot once more, for those who only look.
    at_hand: ArcSwap<Snapshot>,
    /// Its generation and its end in milliseconds, for those who only ask whether it is the same.
    standing: (AtomicU64, AtomicI64),
    flights: SingleFlight<(), Result<Snapshot, Error>>,
}

/// A key set and its place in the sequence of fetches.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) keys: KeySet,
    /// Another one for every other set.
    pub(crate) generation: u64,
    /// When it is to be fetched again; never, for keys that were written down.
    pub(crate) fresh_until: UnixTime,
}

impl Snapshot {
    fn is_fresh(&self, now: UnixTime) -> bool {
        is_fresh(self.fresh_until, now)
    }
}

/// More is left than was ever set when the clock was set back in between.
fn is_fresh(fresh_until: UnixTime, now: UnixTime) -> bool {
    now < fresh_until && (fresh_until <= now + LONGEST_AGE || fresh_until == NEVER)
}

#[derive(Debug)]
struct State {
    snapshot: Option<Snapshot>,
    backoff: Backoff,
    budget: Budget,
}

impl Keys {
    pub(crate) fn new(provider: &Provider, way: Way) -> Arc<Self> {
        let written = provider.written_keys().cloned();
        let snapshot = written.map(|keys| Snapshot { keys, generation: 1, fresh_until: NEVER });
        let none = || Snapshot {
            keys: KeySet::from_jwks([]),
            generation: 0,
            fresh_until: UnixTime::from_secs(0),
        };
        let first = snapshot.clone().unwrap_or_else(none);
        let ends = first.fresh_until.as_millis();
        let standing = (AtomicU64::new(first.generation), AtomicI64::new(ends));
        let at_hand = ArcSwap::from_pointee(first);
        let state = State { snapshot, backoff: Backoff::default(), budget: Budget::default() };
        let flights = SingleFlight::new(Duration::ZERO).patience(PATIENCE);
        Arc::new(Self { way, state: Mutex::new(state), at_hand, standing, flights })
    }

    /// The keys at hand, without waiting: `None` when there are none yet or when they are due to
    /// be fetched again, which `current` does. Threads that look at the same time
    /// don't get in each other's way; the guard is to be dropped before anything is awaited.
    pub(crate) fn at_hand(&self, now: UnixTime) -> Option<Guard<Arc<Snapshot>>> {
        let snapshot = self.at_hand.load();
        snapshot.is_fresh(now).then_some(snapshot)
    }

    /// The generation of the keys at hand, under the same conditions.
    pub(crate) fn generation_at_hand(&self, now: UnixTime) -> Option<u64> {
        let fresh_until = UnixTime::from_millis(self.standing.1.load(Ordering::Acquire));
        is_fresh(fresh_until, now).then(|| self.standing.0.load(Ordering::Acquire))
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
            return self.written(metadata, now);
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

    /// Keys that stand in the metadata itself, which may be fetched metadata.
    fn written(&self, metadata: &Metadata, now: UnixTime) -> Result<Snapshot, Error> {
        let mut state = self.lock();
        match &state.snapshot {
            Some(snapshot) if snapshot.is_fresh(now) => Ok(snapshot.clone()),
            _ => {
                let keys = metadata.keys().ok_or(ErrorKind::NoKeys)?.clone();
                Ok(self.publish(&mut state, keys, now + SHORTEST_AGE))
            }
        }
    }

    fn publish(&self, state: &mut State, keys: KeySet, fresh_until: UnixTime) -> Snapshot {
        let generation = state.snapshot.as_ref().map_or(0, |old| old.generation) + 1;
        let snapshot = Snapshot { keys, generation, fresh_until };
        state.snapshot = Some(snapshot.clone());
        self.standing.0.store(snapshot.generation, Ordering::Release);
        self.standing.1.store(snapshot.fresh_until.as_millis(), Ordering::Release);
        self.at_hand.store(Arc::new(snapshot.clone()));
        snapshot
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
                state.backoff = Backoff::default();
                Ok(self.publish(&mut state, fetched.keys, now + age))
            }
            Err(error) => {
                state.backoff.failed(error.clone(), now);
                // Old keys are good until it is time to ask again.
                if let (Some(old), Some((_, wait))) = (&state.snapshot, state.backoff.wait(now))
                    && !old.is_fresh(now)
                {
                    let until = Snapshot { fresh_until: now + wait, ..old.clone() };
                    self.standing.0.store(until.generation, Ordering::Release);
                    self.standing.1.store(until.fresh_until.as_millis(), Ordering::Release);
                    self.at_hand.store(Arc::new(until));
                }
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

const NEVER: UnixTime = UnixTime::from_millis(i64::MAX);
const BURST: u32 = 4;
const COOLDOWN: Duration = Duration::from_secs(30);
const DEFAULT_AGE: Duration = Duration::from_secs(3600);
const SHORTEST_AGE: Duration = Duration::from_secs(300);
const LONGEST_AGE: Duration = Duration::from_secs(24 * 3600);
