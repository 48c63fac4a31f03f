//! Logins under way: each tab has its own, each in a sealed cookie of its own.

use countersign::{PendingLogin, UnixTime};
use countersign_jose::constant_time_eq;
use http::HeaderValue;

use crate::call::Call;
use crate::cookie;
use crate::error::{Problem, Reason};
use crate::key_ring::Purpose;

/// What a callback's state led to.
pub(crate) enum Lookup {
    Good(PendingLogin),
    /// It was ours, and is too old.
    Expired(PendingLogin),
    /// The cookie opened and holds another state.
    Mismatch,
    Unknown(Reason),
}

impl Call<'_> {
    /// Finds the login that a state belongs to: among this browser's cookies only, so that a
    /// callback address made in another browser finds nothing.
    pub(crate) fn pending(&self, state: &str) -> Lookup {
        let name = self.names.login(state);
        let Some(text) = self.jar.get(&name) else {
            return Lookup::Unknown(if self.seen.elsewhere {
                Reason::OtherHost
            } else if self.jar.any() {
                Reason::CookieMissing
            } else {
                Reason::NoCookies
            });
        };
        let Some(pending) = self.unsealed::<PendingLogin>(Purpose::Login, &name, text) else {
            return Lookup::Unknown(Reason::CookieUnreadable);
        };
        if !constant_time_eq(pending.state().as_bytes(), state.as_bytes()) {
            return Lookup::Mismatch;
        }
        if pending.expires_at() <= self.now {
            return Lookup::Expired(pending);
        }
        Lookup::Good(pending)
    }

    /// The cookie for a new login, and the ends of those for which there is no room any more.
    pub(crate) fn keep(&self, pending: &PendingLogin) -> Result<Vec<HeaderValue>, Problem> {
        let name = self.names.login(pending.state());
        let cookie = self.sealed_cookie(Purpose::Login, &name, pending, LIFE)?;
        let mut cookies = self.evicted(cookie.len());
        cookies.push(cookie);
        Ok(cookies)
    }

    /// Makes the browser forget the login of a state.
    pub(crate) fn used_up(&self, state: &str) -> HeaderValue {
        cookie::expired(&self.names, &self.names.login(state))
    }

    /// Whether logins were started again by themselves a moment ago, more than once, and none of
    /// them was answered: a provider that returns another state, or none, would be asked for ever.
    pub(crate) fn restarts_in_vain(&self) -> bool {
        let logins = self.names.logins();
        let own = self.jar.iter().filter(|(name, _)| name.starts_with(&logins));
        let pending = own
            .filter_map(|(name, text)| self.unsealed::<PendingLogin>(Purpose::Login, name, text));
        let recent = |pending: &PendingLogin| {
            let started = pending.started_at();
            started <= self.now && self.now.since(started).as_secs() < A_MOMENT
        };
        pending.filter(|pending| pending.attempt() > 0 && recent(pending)).count() >= IN_VAIN
    }

    /// Keeps the newest logins within the budget; what doesn't open goes first.
    fn evicted(&self, new: usize) -> Vec<HeaderValue> {
        let mut evicted = Vec::new();
        let mut kept: Vec<(UnixTime, &str, usize)> = Vec::new();
        let logins = self.names.logins();
        for (name, text) in self.jar.iter().filter(|(name, _)| name.starts_with(&logins)) {
            match self.unsealed::<PendingLogin>(Purpose::Login, name, text) {
                Some(pending) => kept.push((pending.started_at(), name, name.len() + text.len())),
                None => evicted.push(name),
            }
        }
        kept.sort_by_key(|(started, ..)| std::cmp::Reverse(*started));
        let (mut count, mut bytes) = (1, new);
        for (_, name, size) in kept {
            bytes += size;
            count += 1;
            if count > MOST || bytes > BUDGET {
                evicted.push(name);
            }
        }
        evicted.into_iter().map(|name| cookie::expired(&self.names, name)).collect()
    }
}

/// Seconds.
const A_MOMENT: u64 = 60;
const IN_VAIN: usize = 2;
/// Logins under way in one browser.
const MOST: usize = 6;
/// Bytes of their cookies; servers and proxies refuse requests whose headers grow past theirs.
const BUDGET: usize = 8 * 1024;
/// Seconds that the cookie stays. A login expires earlier; while the cookie is there, "too old"
/// can be told from "unknown", and the target is kept.
const LIFE: u64 = 24 * 60 * 60;
