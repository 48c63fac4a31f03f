//! RSA keys (RFC 7518 §6.3).

use super::error::KeyError;
use super::{KeyType, member};
use crate::backend::Verifier;
use crate::json::Object;

pub(super) fn public(jwk: &Object, least: usize) -> Result<(KeyType, usize, Verifier), KeyError> {
    let n = member::bytes(jwk, "n")?;
    let e = member::bytes(jwk, "e")?;
    let (n, e) = (significant(&n), significant(&e));
    let bits = bits(n);
    if !(least..=MAX_BITS).contains(&bits) {
        return Err(KeyError::RsaSize { bits });
    }
    // An exponent of 1 would make every signature its own message; FIPS 186-5 §A.1.1 wants it odd.
    if !is_odd(e) || e == [1] || self::bits(e) > MAX_EXPONENT_BITS {
        return Err(KeyError::RsaExponent);
    }
    let ready = || if bits < MIN_BITS { Verifier::small_rsa(n, e) } else { Verifier::rsa(n, e) };
    let verifier = is_odd(n).then(ready).flatten();
    let verifier = verifier.ok_or(KeyError::Invalid { kty: KeyType::Rsa })?;
    Ok((KeyType::Rsa, bits, verifier))
}

/// Without leading zeros. RFC 7518 §6.3.1.1 forbids them and says in the same breath that some
/// libraries write one.
pub(super) fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|last| last & 1 == 1)
}

/// NIST SP 800-131A allows nothing smaller.
pub(super) const MIN_BITS: usize = 2048;
/// Test suites that were written long ago sign with these.
pub(super) const MIN_BITS_IN_TESTS: usize = 1024;
const MAX_BITS: usize = 8192;
const MAX_EXPONENT_BITS: usize = 33;
