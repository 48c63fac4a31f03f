//! Sessions that ended before their time.
//!
//! A sealed cookie is valid wherever a copy of it lies. What logout ended is therefore remembered
//! until it would have ended by itself. The memory is this process's own: with several processes
//! a copy made before the logout opens in the others until the session's end, which a store shared
//! by all of them would prevent.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use countersign::UnixTime;

/// A session's identity here: random, never shown.
pub(crate) type Id = [u8; 16];

/// A bounded list. When it is full, the session that would end soonest by itself is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Ended(Mutex<Lists>);

#[derive(Debug, Default)]
struct Lists {
    until: HashMap<Id, UnixTime>,
    by_end: BTreeSet<(UnixTime, Id)>,
}

impl Ended {
    pub(crate) fn add(&self, id: Id, until: UnixTime, now: UnixTime) {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lists.drop_past(now);
        lists.insert(id, until);
    }

    pub(crate) fn has(&self, id: &Id, now: UnixTime) -> bool {
        let lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lists.until.get(id).is_some_and(|until| *until > now)
    }
}

impl Lists {
    fn insert(&mut self, id: Id, until: UnixTime) {
        if let Some(before) = self.until.insert(id, until) {
            self.by_end.remove(&(before, id));
        }
        self.by_end.insert((until, id));
        while self.until.len() > MOST {
            self.drop_first();
        }
    }

    fn drop_past(&mut self, now: UnixTime) {
        while self.by_end.first().is_some_and(|(until, _)| *until <= now) {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some((_, id)) = self.by_end.pop_first() {
            self.until.remove(&id);
        }
    }
}

/// Some 10 MB at most.
const MOST: usize = 100_000;
