//! Tokens that were verified a moment ago.

use std::fmt;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::quality::FixedState;
use hashbrown::HashTable;

use super::token::Token;

/// Verified tokens by their exact text, bounded in bytes.
///
/// Only tokens whose signature was checked come in, so nobody can choose what lies in here, and the
/// end of a signature is as good as random: it alone is hashed, while the whole text is compared.
///
/// Each part keeps two generations. When the younger one has taken half of the bytes, the elder one
/// goes; what is used in between has moved to the younger.
pub(super) struct TokenCache {
    parts: Vec<Apart>,
    hasher: FixedState,
}

/// Two lines of memory away from its neighbours, so that threads that use those don't wait for it.
#[repr(align(128))]
struct Apart(Mutex<Part>);

#[derive(Default)]
struct Part {
    young: HashTable<Entry>,
    old: HashTable<Entry>,
    young_bytes: usize,
    half: usize,
}

/// The text stands here as well, so that it is on its way from memory together with the token.
struct Entry {
    text: Arc<str>,
    token: Token,
}

impl TokenCache {
    /// At most about `bytes` of memory; none switches it off.
    pub(super) fn new(bytes: usize, seed: [u8; 8]) -> Self {
        let half = bytes / PARTS / 2;
        let part = || Apart(Mutex::new(Part { half, ..Part::default() }));
        let parts = (0..PARTS).map(|_| part()).collect();
        Self { parts, hasher: FixedState::with_seed(u64::from_le_bytes(seed)) }
    }

    pub(super) fn get(&self, raw: &str) -> Option<Token> {
        let hash = self.hash(raw);
        let mut part = self.part(hash)?;
        let is_it = |entry: &Entry| *entry.text == *raw;
        if let Some(entry) = part.young.find(hash, is_it) {
            return Some(entry.token.clone());
        }
        if part.old.is_empty() {
            return None;
        }
        let (entry, _) = part.old.find_entry(hash, is_it).ok()?.remove();
        let token = entry.token.clone();
        part.put(hash, entry, |entry| self.hash(&entry.text));
        Some(token)
    }

    pub(super) fn put(&self, token: Token) {
        let entry = Entry { text: Arc::clone(token.text()), token };
        let hash = self.hash(&entry.text);
        let Some(mut part) = self.part(hash) else { return };
        part.remove(hash, &entry.text);
        part.put(hash, entry, |entry| self.hash(&entry.text));
    }

    pub(super) fn forget(&self, raw: &str) {
        let hash = self.hash(raw);
        if let Some(mut part) = self.part(hash) {
            part.remove(hash, raw);
        }
    }

    pub(super) fn len(&self) -> usize {
        let parts =
            self.parts.iter().map(|part| part.0.lock().unwrap_or_else(PoisonError::into_inner));
        parts.map(|part| part.young.len() + part.old.len()).sum()
    }

    fn hash(&self, raw: &str) -> u64 {
        match raw.as_bytes().last_chunk() {
            Some(tail) => self.hasher.hash_one(u128::from_le_bytes(*tail)),
            None => self.hasher.hash_one(raw),
        }
    }

    /// The upper bits choose the part; the table uses the others.
    fn part(&self, hash: u64) -> Option<MutexGuard<'_, Part>> {
        let at = usize::try_from(hash >> 32).unwrap_or(0) % PARTS;
        Some(self.parts.get(at)?.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Part {
    fn put(&mut self, hash: u64, entry: Entry, rehash: impl Fn(&Entry) -> u64) {
        let bytes = entry.bytes();
        if bytes > self.half {
            return;
        }
        if self.young_bytes + bytes > self.half {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += bytes;
        self.young.insert_unique(hash, entry, rehash);
    }

    fn remove(&mut self, hash: u64, raw: &str) {
        let is_it = |entry: &Entry| *entry.text == *raw;
        if let Ok(entry) = self.young.find_entry(hash, is_it) {
            let (entry, _) = entry.remove();
            self.young_bytes = self.young_bytes.saturating_sub(entry.bytes());
        }
        if let Ok(entry) = self.old.find_entry(hash, is_it) {
            entry.remove();
        }
    }
}

impl Entry {
    fn bytes(&self) -> usize {
        self.token.size() + PLACE
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenCache")
    }
}

/// So that threads rarely meet.
const PARTS: usize = 64;
/// A place in the table, with its share of empty ones.
const PLACE: usize = 48;
