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
/// taken half of the places, the elder one goes. What is used again and again therefore stays,
/// and nobody who floods it can make it grow.
pub(crate) struct Kept<K, V> {
    half: usize,
    generations: Mutex<Generations<K, V>>,
}

struct Generations<K, V> {
    young: HashMap<K, Entry<V>>,
    old: HashMap<K, Entry<V>>,
    swept_at: Option<UnixTime>,
}

struct Entry<V> {
    value: V,
    until: UnixTime,
    /// How long it was to live when it came.
    lifetime: Duration,
}

impl<K: Eq + Hash, V: Clone> Kept<K, V> {
    /// Keeps at most `most` values.
    pub(crate) fn new(most: usize) -> Self {
        let generations =
            Generations { young: HashMap::new(), old: HashMap::new(), swept_at: None };
        Self { half: most / 2, generations: Mutex::new(generations) }
    }

    /// The value, unless its time is over.
    pub(crate) fn get(&self, key: &K, now: UnixTime) -> Option<V> {
        let mut generations = self.lock();
        if let Some(entry) = generations.young.get(key) {
            if entry.is_alive(now) {
                return Some(entry.value.clone());
            }
            generations.young.remove(key);
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
        let entry = Entry { value, until, lifetime: until.since(now) };
        let mut generations = self.lock();
        generations.sweep(now);
        generations.old.remove(&key);
        if entry.is_alive(now) {
            generations.insert(key, entry, self.half);
        } else {
            generations.young.remove(&key);
        }
    }

    /// Forgets every value that is not worth keeping any more.
    pub(crate) fn retain(&self, mut keep_it: impl FnMut(&K, &V) -> bool) {
        let mut generations = self.lock();
        generations.young.retain(|key, entry| keep_it(key, &entry.value));
        generations.old.retain(|key, entry| keep_it(key, &entry.value));
    }

    /// Nothing panics while it is held but what a key or value brings along, and then the maps
    /// are still whole.
    fn lock(&self) -> MutexGuard<'_, Generations<K, V>> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, V> Generations<K, V> {
    fn insert(&mut self, key: K, entry: Entry<V>, half: usize) {
        if half == 0 {
            return;
        }
        if self.young.len() >= half && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, entry);
    }

    /// Values may be tokens: those whose time is over do not wait to be pushed out.
    fn sweep(&mut self, now: UnixTime) {
        let is_due = |at: UnixTime| now.since(at) >= SWEEP || at.since(now) >= SWEEP;
        if self.swept_at.is_none_or(is_due) {
            self.young.retain(|_, entry| entry.is_alive(now));
            self.old.retain(|_, entry| entry.is_alive(now));
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
