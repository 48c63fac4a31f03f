//! Many ask, one goes.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
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
    flights: Mutex<Flights<K, T>>,
    keep: Duration,
    patience: Option<Duration>,
}

struct Flights<K, T: Clone> {
    by_key: HashMap<K, Flight<T>>,
    swept_at: Option<UnixTime>,
}

struct Flight<T: Clone> {
    future: Shared<BoxFuture<'static, T>>,
    begun_at: UnixTime,
}

impl<K: Clone + Eq + Hash, T: Clone + Send + Sync + 'static> SingleFlight<K, T> {
    /// Keeps a result for `keep` after its question was begun.
    pub(crate) fn new(keep: Duration) -> Self {
        let flights = Flights { by_key: HashMap::new(), swept_at: None };
        Self { flights: Mutex::new(flights), keep, patience: None }
    }

    /// For questions that may be asked twice: one that has not landed after this long was left
    /// behind by all who waited, and whoever comes next asks anew.
    pub(crate) fn patience(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
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
        let crash = Crash { flights: self, key: &key, future: &future };
        let result = future.clone().await;
        drop(crash);
        if !keep_it(&result) {
            self.forget(&key, &future);
        }
        result
    }

    /// What somebody is asking right now, to wait for it as well.
    pub(crate) fn under_way(
        &self,
        key: &K,
        now: UnixTime,
    ) -> Option<impl Future<Output = T> + Send + use<K, T>> {
        let flights = self.lock();
        let flight = flights.by_key.get(key).filter(|flight| flight.future.peek().is_none());
        flight.filter(|flight| !self.is_over(flight, now)).map(|flight| flight.future.clone())
    }

    fn flight(
        &self,
        key: &K,
        now: UnixTime,
        begin: impl FnOnce() -> BoxFuture<'static, T>,
    ) -> Shared<BoxFuture<'static, T>> {
        let mut flights = self.lock();
        if let Some(flight) = flights.by_key.get(key).filter(|flight| !self.is_over(flight, now)) {
            return flight.future.clone();
        }
        flights.by_key.remove(key);
        self.make_room(&mut flights, now);
        let future = begin().shared();
        flights.by_key.insert(key.clone(), Flight { future: future.clone(), begun_at: now });
        future
    }

    fn is_over(&self, flight: &Flight<T>, now: UnixTime) -> bool {
        let since = now.since(flight.begun_at);
        match flight.future.peek() {
            Some(_) => since >= self.keep,
            None => self.patience.is_some_and(|patience| since >= patience),
        }
    }

    /// What is over goes now and then, since it may hold tokens. Should there be very many, the
    /// oldest that has landed goes first: one that is under way would be asked a second time.
    fn make_room(&self, flights: &mut Flights<K, T>, now: UnixTime) {
        let pause = self.keep.max(SWEEP);
        let due = flights.swept_at.is_none_or(|at| now.since(at) >= pause || now < at);
        if due || flights.by_key.len() >= MOST {
            flights.by_key.retain(|_, flight| !self.is_over(flight, now));
            flights.swept_at = Some(now);
        }
        if flights.by_key.len() >= MOST {
            let order = |flight: &Flight<T>| (flight.future.peek().is_none(), flight.begun_at);
            let first = flights.by_key.iter().min_by_key(|(_, flight)| order(flight));
            if let Some(first) = first.map(|(key, _)| key.clone()) {
                flights.by_key.remove(&first);
            }
        }
    }

    fn forget(&self, key: &K, future: &Shared<BoxFuture<'static, T>>) {
        let mut flights = self.lock();
        if flights.by_key.get(key).is_some_and(|flight| flight.future.ptr_eq(future)) {
            flights.by_key.remove(key);
        }
    }

    /// Nothing panics while it is held; if something did, the map would still be whole.
    fn lock(&self) -> MutexGuard<'_, Flights<K, T>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A transport of the application's own may panic. Its question must not stay behind, since
/// whoever joined it would panic as well.
struct Crash<'a, K: Clone + Eq + Hash, T: Clone + Send + Sync + 'static> {
    flights: &'a SingleFlight<K, T>,
    key: &'a K,
    future: &'a Shared<BoxFuture<'static, T>>,
}

impl<K: Clone + Eq + Hash, T: Clone + Send + Sync + 'static> Drop for Crash<'_, K, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.flights.forget(self.key, self.future);
        }
    }
}

impl<K, T: Clone> fmt::Debug for SingleFlight<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SingleFlight")
    }
}

const MOST: usize = 10_000;
/// Who begins a flight looks at all others at most this often.
const SWEEP: Duration = Duration::from_secs(1);
