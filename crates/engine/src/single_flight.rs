//! Many ask, one goes.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::Shared;

use crate::UnixTime;
use crate::outside::BoxFuture;

/// Runs one future per key however many callers wait for it, and keeps a good result for a moment
/// so that latecomers get it as well.
///
/// Whoever waits drives the future. When the first caller goes away the next one drives it on,
/// and when all go away it stands still until somebody comes with the same key: an answer that is
/// under way is never lost. There is no runtime and no lock held while waiting.
pub(crate) struct SingleFlight<K, T: Clone> {
    flights: Mutex<HashMap<K, Flight<T>>>,
    keep: Duration,
}

struct Flight<T: Clone> {
    future: Shared<BoxFuture<'static, T>>,
    begun_at: UnixTime,
}

impl<K: Clone + Eq + Hash, T: Clone + Send + Sync + 'static> SingleFlight<K, T> {
    /// Keeps a result for `keep` after its question was begun.
    pub(crate) fn new(keep: Duration) -> Self {
        Self { flights: Mutex::new(HashMap::new()), keep }
    }

    /// Joins the flight of `key`, or begins it. A result for which `keep_it` says no is forgotten
    /// as soon as it has landed.
    pub(crate) async fn join(
        &self,
        key: K,
        now: UnixTime,
        begin: impl FnOnce() -> BoxFuture<'static, T>,
        keep_it: impl FnOnce(&T) -> bool,
    ) -> T {
        let future = self.flight(&key, now, begin);
        let result = future.clone().await;
        if !keep_it(&result) {
            let mut flights = self.lock();
            if flights.get(&key).is_some_and(|flight| flight.future.ptr_eq(&future)) {
                flights.remove(&key);
            }
        }
        result
    }

    /// Whether somebody is asking right now.
    pub(crate) fn is_under_way(&self, key: &K) -> bool {
        self.lock().get(key).is_some_and(|flight| flight.future.peek().is_none())
    }

    fn flight(
        &self,
        key: &K,
        now: UnixTime,
        begin: impl FnOnce() -> BoxFuture<'static, T>,
    ) -> Shared<BoxFuture<'static, T>> {
        let mut flights = self.lock();
        let over = |flight: &Flight<T>| {
            flight.future.peek().is_some() && now.since(flight.begun_at) >= self.keep
        };
        if let Some(flight) = flights.get(key).filter(|flight| !over(flight)) {
            return flight.future.clone();
        }
        flights.remove(key);
        if flights.len() >= MOST {
            flights.retain(|_, flight| !over(flight));
        }
        if flights.len() >= MOST {
            let oldest = flights.iter().min_by_key(|(_, flight)| flight.begun_at);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                flights.remove(&oldest);
            }
        }
        let future = begin().shared();
        flights.insert(key.clone(), Flight { future: future.clone(), begun_at: now });
        future
    }

    /// Nothing panics while it is held; if something did, the map would still be whole.
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Flight<T>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, T: Clone> fmt::Debug for SingleFlight<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SingleFlight")
    }
}

const MOST: usize = 10_000;
