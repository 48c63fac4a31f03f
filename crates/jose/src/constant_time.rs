//! Comparison of secrets.

use crate::backend;

/// Whether two byte strings are equal, in a time that depends on their lengths only.
///
/// ```
/// use countersign_jose::constant_time_eq;
///
/// assert!(constant_time_eq(b"state", b"state"));
/// assert!(!constant_time_eq(b"state", b"stale"));
/// assert!(!constant_time_eq(b"state", b"stat"));
/// ```
#[must_use]
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    backend::equal(a, b)
}
