//! `at_hash` and `c_hash` (OpenID Connect Core 1.0 sections 3.1.3.6 and 3.3.2.11).

use countersign_jose::{Algorithm, constant_time_eq, digest};

use crate::value::secret::Secret;

/// Whether `half` is the left half of the digest that goes with the signature's algorithm. An
/// algorithm without a digest matches nothing.
pub(super) fn matches_half(alg: Algorithm, of: &Secret, half: &str) -> bool {
    match digest::half(alg, of.expose()) {
        Ok(expected) => constant_time_eq(expected.as_bytes(), half.as_bytes()),
        Err(_) => false,
    }
}
