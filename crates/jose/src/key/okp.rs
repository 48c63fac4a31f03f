//! Ed25519 (RFC 8037 §2). Ed448 and the key agreement curves check nothing here.

use super::error::KeyError;
use super::{KeyType, member};
use crate::backend::Verifier;
use crate::error::cut;
use crate::json::Object;

pub(super) fn public(jwk: &Object) -> Result<(KeyType, usize, Verifier), KeyError> {
    curve(jwk)?;
    let x = member::exact(jwk, "x", LENGTH)?;
    let verifier = Verifier::ed25519(&x).ok_or(KeyError::Invalid { kty: KeyType::Okp })?;
    Ok((KeyType::Okp, LENGTH * 8, verifier))
}

pub(super) fn curve(jwk: &Object) -> Result<(), KeyError> {
    match member::required(jwk, "crv")? {
        "Ed25519" => Ok(()),
        other => Err(KeyError::UnknownCurve { crv: cut(other) }),
    }
}

pub(super) const LENGTH: usize = 32;
