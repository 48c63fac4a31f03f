//! Session cookies that were opened a moment ago.
//!
//! A browser brings the same cookie with each request, and to open it costs more than all else that
//! is asked of a session. What was opened is kept under its exact text, which nobody can make without
//! the keys; whether the session has ended or is over is looked at each time.

use std::sync::{Mutex, PoisonError};

use countersign_jose::constant_time_eq;

use crate::session::Kept;

/// A bounded number of sessions, each in the one place that its text allows for.
pub(crate) struct Opened(Mutex<Vec<Option<Entry>>>);

struct Entry {
    /// Under which name and in how many cookies it came, as it was sealed for both.
    name: Box<str>,
    count: usize,
    text: Box<str>,
    kept: Kept,
}

impl Opened {
    /// The session behind this text, if it was opened before.
    pub(crate) fn get(&self, name: &str, count: usize, text: &str) -> Option<Kept> {
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = places.get(place(text)?)?.as_ref()?;
        if *entry.name != *name || entry.count != count {
            return None;
        }
        // The text is as good as a password.
        constant_time_eq(entry.text.as_bytes(), text.as_bytes()).then(|| entry.kept.clone())
    }

    /// Keeps what was opened, in place of another.
    pub(crate) fn put(&self, name: &str, count: usize, text: &str, kept: &Kept) {
        let Some(place) = place(text) else { return };
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if places.is_empty() {
            places.resize_with(PLACES, || None);
        }
        if let Some(entry) = places.get_mut(place) {
            let (name, text, kept) = (name.into(), text.into(), kept.clone());
            *entry = Some(Entry { name, count, text, kept });
        }
    }

    /// Lets go of a session that is not used any more, or of one in its place.
    pub(crate) fn forget(&self, text: &str) {
        let Some(place) = place(text) else { return };
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = places.get_mut(place)
            && entry.as_ref().is_some_and(|entry| entry.text.len() == text.len())
        {
            *entry = None;
        }
    }
}

impl Default for Opened {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

/// The end of a sealed text is its tag, and as good as random.
fn place(text: &str) -> Option<usize> {
    let tag = text.as_bytes().last_chunk::<8>()?;
    let sum = tag.iter().fold(0_usize, |sum, byte| sum.wrapping_mul(31) + usize::from(*byte));
    Some(sum % PLACES)
}

/// Some 4 MB with usual sessions.
const PLACES: usize = 512;
