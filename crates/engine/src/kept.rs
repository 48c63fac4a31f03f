//! What was found out a moment ago, so that it need not be asked again: bounded in number and in
//! time.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::UnixTime;

/// At most so many values, each until its own end.
///
/// Values live in two generations: what is put or used is in the younger one, and when that has
/// taken half of the places, or of the bytes, the elder one goes. What is used again and again
/// therefore stays, and nobody who floods it can make it grow.
pub(crate) struct Kept<K, V> {
    half: Half,
    weigh: fn(&V) -> usize,
    generations: Mutex<Generations<K, V>>,
}

/// What one generation may hold.
#[derive(Clone, Copy)]
struct Half {
    places: usize,
    bytes: usize,
}

struct Generations<K, V> {
    young: HashMap<K, Entry<V>>,
    young_bytes: usize,
    old: HashMap<K, Entry<V>>,
    swept_at: Option<UnixTime>,
}

struct Entry<V> {
    value: V,
    bytes: usize,
    until: UnixTime,
    /// How long it was to live when it came.
    lifetime: Duration,
}

impl<K: Eq + Hash, V: Clone> Kept<K, V> {
    /// Keeps at most `most` values.
    pub(crate) fn new(most: usize) -> Self {
        let generations = Generations {
            young: HashMap::new(),
            young_bytes: 0,
            old: HashMap::new(),
            swept_at: None,
        };
        let half = Half { places: most / 2, bytes: usize::MAX };
        Self { half, weigh: |_| 0, generations: Mutex::new(generations) }
    }

    /// And at most so many bytes of them; one that takes more than half of these is not kept.
    pub(crate) fn at_most_bytes(mut self, bytes: usize, weigh: fn(&V) -> usize) -> Self {
        self.half.bytes = bytes / 2;
        self.weigh = weigh;
        self
    }

    /// The value, unless its time is over.
    pub(crate) fn get(&self, key: &K, now: UnixTime) -> Option<V> {
        let mut generations = self.lock();
        if let Some(entry) = generations.young.get(key) {
            if entry.is_alive(now) {
                return Some(entry.value.clone());
            }
            generations.remove_young(key);
            return None;
        }
        let (key, entry) = generations.old.remove_entry(key)?;
        if !entry.is_alive(now) {
            return None;
        }
        let value = entry.value.clone();
        generations.insert(key, entry, self.half);
        Some(value)
    }

    /// Keeps a value until the moment `until`; one whose time is over already is not kept.
    pub(crate) fn put(&self, key: K, value: V, until: UnixTime, now: UnixTime) {
        let bytes = (self.weigh)(&value);
        let entry = Entry { value, bytes, until, lifetime: until.since(now) };
        let mut generations = self.lock();
        generations.sweep(now);
        generations.old.remove(&key);
        if entry.is_alive(now) {
            generations.insert(key, entry, self.half);
        } else {
            generations.remove_young(&key);
        }
    }

    /// Forgets every value that is not worth keeping any more.
    pub(crate) fn retain(&self, mut keep_it: impl FnMut(&K, &V) -> bool) {
        let mut generations = self.lock();
        generations.young.retain(|key, entry| keep_it(key, &entry.value));
        generations.old.retain(|key, entry| keep_it(key, &entry.value));
        generations.weigh_again();
    }

    /// Nothing panics while it is held but what a key or value brings along, and then the maps
    /// are still whole.
    fn lock(&self) -> MutexGuard<'_, Generations<K, V>> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, V> Generations<K, V> {
    fn insert(&mut self, key: K, entry: Entry<V>, half: Half) {
        self.remove_young(&key);
        if half.places == 0 || entry.bytes > half.bytes {
            return;
        }
        let bytes = self.young_bytes.saturating_add(entry.bytes);
        if self.young.len() >= half.places || bytes > half.bytes {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += entry.bytes;
        self.young.insert(key, entry);
    }

    fn remove_young(&mut self, key: &K) {
        if let Some(entry) = self.young.remove(key) {
            self.young_bytes -= entry.bytes;
        }
    }

    fn weigh_again(&mut self) {
        self.young_bytes = self.young.values().map(|entry| entry.bytes).sum();
    }

    /// Values may be tokens: those whose time is over do not wait to be pushed out.
    fn sweep(&mut self, now: UnixTime) {
        let is_due = |at: UnixTime| now.since(at) >= SWEEP || at.since(now) >= SWEEP;
        if self.swept_at.is_none_or(is_due) {
            self.young.retain(|_, entry| entry.is_alive(now));
            self.old.retain(|_, entry| entry.is_alive(now));
            self.weigh_again();
            self.swept_at = Some(now);
        }
    }
}

impl<V> Entry<V> {
    /// More is left than was ever set when the clock was set back in between.
    fn is_alive(&self, now: UnixTime) -> bool {
        now < self.until && self.until.since(now) <= self.lifetime.saturating_add(SLACK)
    }
}

impl<K, V> fmt::Debug for Kept<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

const SWEEP: Duration = Duration::from_secs(60);
/// Two threads that read the clock one after the other may come in the other order.
const SLACK: Duration = Duration::from_secs(1);
