//! Which key signed: what a cache of checked tokens remembers in order to ask later whether the key
//! is still in its set.

use std::fmt;

use super::error::KeyError;
use super::member;
use super::thumbprint::canonical;
use crate::digest;
use crate::json::Object;

/// Names a key by what it consists of: SHA-256 over its numbers, its `kid` and its `alg`. Equal
/// prints mean the same key under the same name, for the same algorithms.
///
/// ```
/// use countersign_jose::{Algorithm, Allowed, Jws, KeySet, Object, SigningKey};
///
/// let (old, new) = (SigningKey::generate(Algorithm::Es256)?, SigningKey::generate(Algorithm::Es256)?);
/// let keys = KeySet::from_jwks([old.public_jwk()]);
/// let token = old.sign(&Object::new(), b"{}")?;
/// let signed_by = Jws::parse(&token)?.verify(&keys, &Allowed::asymmetric())?.signed_by();
///
/// assert!(keys.holds(signed_by));
/// assert!(!KeySet::from_jwks([new.public_jwk()]).holds(signed_by), "the provider took it away");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyPrint([u8; 32]);

impl KeyPrint {
    /// The caller has read the key.
    pub(super) fn of_jwk(jwk: &Object) -> Result<Self, KeyError> {
        let mut text = canonical(jwk)?;
        for name in ["kid", "alg"] {
            // Lengths keep one from running into the other.
            let value = member::text(jwk, name)?;
            let len = value.map(str::len);
            text.push_str(&format!("{len:?}"));
            text.extend(value);
        }
        Ok(Self(digest::sha256(text.as_bytes())))
    }

    pub(super) fn of_secret(secret: &[u8]) -> Self {
        Self(digest::sha256(&[b"secret:", secret].concat()))
    }
}

/// Shows nothing: of a short secret, its digest is as good as the secret itself.
impl fmt::Debug for KeyPrint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPrint").finish_non_exhaustive()
    }
}
