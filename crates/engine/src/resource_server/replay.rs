//! Proofs that came before (RFC 9449 section 11.1).

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use countersign_protocol::UnixTime;
use countersign_protocol::bearer::dpop::DpopError;
use countersign_protocol::jose::digest;

/// Which proofs came within the time in which they are good, as digests, bounded in number.
///
/// A live proof is never forgotten to make room. When the places are taken, new proofs are refused
/// until old ones end, within two minutes by default. One key may hold a quarter of the places only,
/// so a client that floods with it keeps out nobody but itself; it takes good tokens for four keys to
/// fill them all. What passes here was verified and belongs to a good token, so nobody can take a
/// place with keys made up on the spot.
///
/// The memory is that of one process. Behind a balancer, and over a restart, a proof could be shown
/// once to each process; nonces ([`ServerNonces`](super::ServerNonces)) with a key per process
/// close that gap.
///
/// ```
/// use std::time::Duration;
/// use countersign::{ReplayMemory, UnixTime};
///
/// let memory = ReplayMemory::default();
/// let now = UnixTime::from_secs(1_700_000_000);
/// let until = now + Duration::from_secs(60);
/// assert!(memory.first_time("thumbprint", "jti-1", until, now).is_ok());
/// assert!(memory.first_time("thumbprint", "jti-1", until, now).is_err());
/// ```
pub struct ReplayMemory {
    most: usize,
    share: usize,
    places: Mutex<Places>,
}

/// Half a SHA-256: 128 bits are beyond finding a second one, and who did would refuse himself.
type Digest = [u8; 16];

#[derive(Default)]
struct Places {
    seen: HashSet<Digest>,
    /// By the second from which on the proofs are too old: whose, and which.
    ends: BTreeMap<i64, Vec<(Digest, Digest)>>,
    /// How many places each key holds.
    held: HashMap<Digest, usize>,
}

impl ReplayMemory {
    /// Remembers at most `most` proofs at a time, about 80 bytes each, and a quarter of them for
    /// one key. With the default age of proofs, a key can make `most / 240` requests a second.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, share: most.div_ceil(4), places: Mutex::default() }
    }

    /// Remembers a verified proof until it is too old.
    ///
    /// # Errors
    /// [`DpopError::Replayed`] when the same `jti` of the same key came before, and
    /// [`DpopError::Busy`] when there is no place.
    pub fn first_time(
        &self,
        thumbprint: &str,
        jti: &str,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<(), DpopError> {
        let owner = half(thumbprint.as_bytes());
        let proof = half(&[&owner, jti.as_bytes()].concat());
        let mut places = self.lock();
        places.sweep(now);
        if places.seen.contains(&proof) {
            return Err(DpopError::Replayed);
        }
        if places.seen.len() >= self.most {
            return Err(DpopError::Busy { held: self.most, of_one_key: false });
        }
        if places.held.get(&owner).is_some_and(|held| *held >= self.share) {
            return Err(DpopError::Busy { held: self.share, of_one_key: true });
        }
        places.take(owner, proof, until);
        Ok(())
    }

    /// How many proofs are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().seen.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A thread that died in here left one proof more or less behind, no broken table.
    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ReplayMemory {
    /// 262,144 proofs: a thousand requests a second by one key, and about 20 MiB when full.
    fn default() -> Self {
        Self::new(DEFAULT_MOST)
    }
}

impl fmt::Debug for ReplayMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayMemory").field("most", &self.most).finish_non_exhaustive()
    }
}

impl Places {
    fn take(&mut self, owner: Digest, proof: Digest, until: UnixTime) {
        let over = until.as_secs().saturating_add(1);
        self.seen.insert(proof);
        self.ends.entry(over).or_default().push((owner, proof));
        *self.held.entry(owner).or_default() += 1;
    }

    /// Lets go of what is too old; each proof is let go once, so the cost is spread.
    fn sweep(&mut self, now: UnixTime) {
        while let Some(first) = self.ends.first_entry() {
            if *first.key() > now.as_secs() {
                return;
            }
            for (owner, proof) in first.remove() {
                self.seen.remove(&proof);
                if let Entry::Occupied(mut held) = self.held.entry(owner) {
                    *held.get_mut() = held.get().saturating_sub(1);
                    if *held.get() == 0 {
                        held.remove();
                    }
                }
            }
        }
    }
}

fn half(bytes: &[u8]) -> Digest {
    let mut half = Digest::default();
    half.iter_mut().zip(digest::sha256(bytes)).for_each(|(to, from)| *to = from);
    half
}

const DEFAULT_MOST: usize = 1 << 18;
