//! Ed25519 (RFC 8037 §2). Ed448 and the key agreement curves check nothing here.

use super::error::KeyError;
use super::{KeyType, member};
use crate::backend::Verifier;
use crate::error::cut;
use crate::json::Object;

pub(super) fn public(jwk: &Object) -> Result<(KeyType, usize, Verifier), KeyError> {
    curve(jwk)?;
    let x = member::exact(jwk, "x", LENGTH)?;
    let verifier = (!is_of_small_order(&x)).then(|| Verifier::ed25519(&x)).flatten();
    let verifier = verifier.ok_or(KeyError::Invalid { kty: KeyType::Okp })?;
    Ok((KeyType::Okp, LENGTH * 8, verifier))
}

pub(super) fn curve(jwk: &Object) -> Result<(), KeyError> {
    match member::required(jwk, "crv")? {
        "Ed25519" => Ok(()),
        other => Err(KeyError::UnknownCurve { crv: cut(other) }),
    }
}

/// Of the eight points whose order divides eight nobody needs a private half: one signature can be
/// good for every message. The library multiplies with them all the same.
fn is_of_small_order(point: &[u8]) -> bool {
    let Some((last, first)) = point.split_last() else { return true };
    // The highest bit is the sign of the other coordinate.
    let last = last & 0x7f;
    SMALL_ORDER.iter().any(|small| small.split_last() == Some((&last, first)))
}

pub(super) const LENGTH: usize = 32;

/// The coordinates of these points, little-endian, in each spelling that fits into 255 bits: of
/// order 4, 1, 8, 8 and 2, then the first two with the prime of the field added.
const SMALL_ORDER: [[u8; LENGTH]; 7] = [
    [0; LENGTH],
    {
        let mut one = [0; LENGTH];
        one[0] = 1;
        one
    },
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
    near_the_prime(0xec),
    near_the_prime(0xed),
    near_the_prime(0xee),
];

/// The prime, 2^255 - 19, ends in `ed`.
const fn near_the_prime(lowest: u8) -> [u8; LENGTH] {
    let mut number = [0xff; LENGTH];
    number[0] = lowest;
    number[LENGTH - 1] = 0x7f;
    number
}
