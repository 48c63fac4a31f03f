//! When this browser completed its last logins: what stops a login that goes round in circles.

use countersign::UnixTime;
use http::HeaderValue;

use crate::call::Call;
use crate::cookie;
use crate::error::Problem;
use crate::key_ring::Purpose;

impl Call<'_> {
    /// Notes a completed login.
    pub(crate) fn note_login(&self) -> Result<HeaderValue, Problem> {
        let mut times = self.logins();
        times.push(self.now);
        let newest = times.len().saturating_sub(MOST);
        let times = times.get(newest..).unwrap_or_default();
        self.sealed_cookie(Purpose::Trail, &self.names.trail(), &times, LIFE)
    }

    /// Forgets them, as a logout does.
    pub(crate) fn no_trail(&self) -> HeaderValue {
        cookie::expired(&self.names, &self.names.trail())
    }

    /// Whether logins succeed one after the other and no session comes of it.
    pub(crate) fn goes_in_circles(&self) -> bool {
        let recent =
            |time: &&UnixTime| **time <= self.now && self.now.since(**time).as_secs() < WINDOW;
        self.logins().iter().filter(recent).count() >= ENOUGH
    }

    fn logins(&self) -> Vec<UnixTime> {
        let name = self.names.trail();
        let text = self.jar.get(&name);
        text.and_then(|text| self.unsealed(Purpose::Trail, &name, text)).unwrap_or_default()
    }
}

const MOST: usize = 5;
const ENOUGH: usize = 3;
/// Seconds.
const WINDOW: u64 = 60;
/// Seconds.
const LIFE: u64 = 600;
