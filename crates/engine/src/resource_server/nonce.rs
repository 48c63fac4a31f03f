//! Nonces for proofs, without keeping any (RFC 9449 sections 8 and 9).

use std::fmt;
use std::time::Duration;

use countersign_protocol::UnixTime;
use countersign_protocol::jose::{SealingKey, base64url};

/// Gives out nonces and knows its own again: each is the time, sealed.
///
/// A nonce shows that a proof was made just now, whatever the client's clock says, and not in
/// advance. It is good for many proofs; that each of those comes once is for
/// [`ReplayMemory`](super::ReplayMemory) to see.
///
/// ```
/// use std::time::Duration;
/// use countersign::{ServerNonces, UnixTime};
///
/// let nonces = ServerNonces::new(&[7; 32]); // 32 random bytes
/// let now = UnixTime::from_secs(1_700_000_000);
/// let nonce = nonces.issue(now, [1; 24]); // 24 random bytes, new ones each time
/// assert!(nonces.accepts(&nonce, now + Duration::from_secs(299)));
/// assert!(!nonces.accepts(&nonce, now + Duration::from_secs(301)));
/// ```
#[derive(Clone)]
pub struct ServerNonces {
    key: SealingKey,
    lifetime: Duration,
}

impl ServerNonces {
    /// Nonces that live for five minutes. The secret is drawn at random at the start; processes
    /// that should know each other's nonces share one.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self { key: SealingKey::derive(secret, PURPOSE), lifetime: DEFAULT_LIFETIME }
    }

    /// Another lifetime. A second is the least, as a client must come back with it.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime.max(Duration::from_secs(1));
        self
    }

    /// A nonce for the `DPoP-Nonce` header: 64 characters of base64url.
    #[must_use]
    pub fn issue(&self, now: UnixTime, random: [u8; 24]) -> String {
        let time = now.as_millis().to_be_bytes();
        base64url::encode(&self.key.seal(random, ASSOCIATED, &time))
    }

    /// Whether this is a nonce of ours whose time is not over.
    #[must_use]
    pub fn accepts(&self, nonce: &str, now: UnixTime) -> bool {
        self.age(nonce, now).is_some_and(|age| age <= self.lifetime)
    }

    /// Whether a client should get a new one with the answer (section 8.2): half of the time of the
    /// one that it used is over.
    #[must_use]
    pub fn is_aging(&self, nonce: &str, now: UnixTime) -> bool {
        self.age(nonce, now).is_none_or(|age| age > self.lifetime / 2)
    }

    /// `None` for what is no nonce of ours. One from the future is ours if the clock was set back
    /// or a process beside us is ahead, but by no more than a lifetime.
    fn age(&self, nonce: &str, now: UnixTime) -> Option<Duration> {
        if nonce.len() != LENGTH {
            return None;
        }
        let time = self.key.open(ASSOCIATED, &base64url::decode(nonce).ok()?)?;
        let issued_at = UnixTime::from_millis(i64::from_be_bytes(time.try_into().ok()?));
        let ahead = issued_at.since(now);
        (ahead <= self.lifetime).then(|| now.since(issued_at))
    }
}

impl fmt::Debug for ServerNonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerNonces").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

const PURPOSE: &str = "dpop nonce";
const ASSOCIATED: &[u8] = b"nonce of a resource server";
/// Salt, time and tag: 24, 8 and 16 bytes, in base64url.
const LENGTH: usize = 64;
/// Long enough for a client to use one many times, short against a stolen laptop.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(300);
