//! The proof that every rule of a message passed.

use crate::UnixTime;

/// A `T` for which every rule passed, at a known time.
///
/// Only the rules in this crate make one; there is no public constructor and no `Deserialize`.
///
/// ```compile_fail
/// use countersign_protocol::{Verified, UnixTime};
/// let forged = Verified { value: "alice", at: UnixTime::from_secs(0) };
/// ```
///
/// ```compile_fail
/// use countersign_protocol::{Verified, UnixTime};
/// let forged = Verified::new("alice", UnixTime::from_secs(0));
/// ```
#[derive(Clone, Debug)]
pub struct Verified<T> {
    value: T,
    at: UnixTime,
}

impl<T> Verified<T> {
    pub(crate) fn new(value: T, at: UnixTime) -> Self {
        Self { value, at }
    }

    /// When the rules were applied.
    #[must_use]
    pub fn verified_at(&self) -> UnixTime {
        self.at
    }

    /// Gives the value up, and the proof with it.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> std::ops::Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
