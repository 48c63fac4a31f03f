//! Keys on the NIST curves (RFC 7518 §6.2).

use super::error::KeyError;
use super::{KeyType, member};
use crate::backend::{Curve, Verifier};
use crate::error::cut;
use crate::json::Object;

pub(super) fn public(jwk: &Object) -> Result<(KeyType, usize, Verifier), KeyError> {
    let curve = curve(jwk)?;
    let verifier = Verifier::ec(curve, &point(jwk, curve)?);
    let verifier = verifier.ok_or(KeyError::Invalid { kty: KeyType::Ec })?;
    Ok((KeyType::Ec, curve.bits(), verifier))
}

pub(super) fn curve(jwk: &Object) -> Result<Curve, KeyError> {
    match member::required(jwk, "crv")? {
        "P-256" => Ok(Curve::P256),
        "P-384" => Ok(Curve::P384),
        "P-521" => Ok(Curve::P521),
        other => Err(KeyError::UnknownCurve { crv: cut(other) }),
    }
}

/// The point as the crypto library reads it: uncompressed (SEC 1 §2.3.3).
pub(super) fn point(jwk: &Object, curve: Curve) -> Result<Vec<u8>, KeyError> {
    let x = member::exact(jwk, "x", curve.bytes())?;
    let y = member::exact(jwk, "y", curve.bytes())?;
    Ok([&[UNCOMPRESSED], x.as_slice(), y.as_slice()].concat())
}

const UNCOMPRESSED: u8 = 4;
