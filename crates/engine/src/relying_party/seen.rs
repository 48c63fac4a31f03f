//! Logout tokens that came before (OpenID Connect Back-Channel Logout 1.0 section 2.6, rule 8).

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

use countersign_protocol::UnixTime;
use countersign_protocol::jose::digest;
use countersign_protocol::logout::LogoutTokenError;

/// Which tokens came within the time in which they are good, as digests, bounded in number. Only
/// what the provider has signed gets a place. When there is none, the token that expires first is
/// forgotten: a logout that is told twice does less harm than one that is not heard.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<Places>);

#[derive(Debug, Default)]
struct Places {
    seen: HashSet<Digest>,
    by_end: BTreeSet<(UnixTime, Digest)>,
}

type Digest = [u8; 32];

impl Seen {
    /// Remembers a verified token until it has expired.
    pub(crate) fn first_time(
        &self,
        issuer: &str,
        id: &str,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<(), LogoutTokenError> {
        let token = digest::sha256(format!("{issuer}\n{id}").as_bytes());
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.sweep(now);
        if places.seen.contains(&token) {
            return Err(LogoutTokenError::Replayed);
        }
        places.seen.insert(token);
        places.by_end.insert((until, token));
        if places.seen.len() > MOST {
            places.drop_first();
        }
        Ok(())
    }
}

impl Places {
    fn sweep(&mut self, now: UnixTime) {
        while self.by_end.first().is_some_and(|(until, _)| *until <= now) {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some((_, token)) = self.by_end.pop_first() {
            self.seen.remove(&token);
        }
    }
}

/// Some 10 MB at most. Tokens are good for minutes.
const MOST: usize = 65_536;
