//! Key sets (RFC 7517 §5): what is usable, what was left aside, and who may have signed a token.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::algorithm::Algorithm;
use crate::error::cut;
use crate::json::{self, JsonError, Object};
use crate::key::{Key, KeyPrint, SkipReason};

/// The keys of one provider, parsed once; clones share them.
///
/// ```
/// use countersign_jose::{Algorithm, KeySet, SkipReason};
///
/// let keys = KeySet::parse(
///     br#"{"keys":[
///         {"kty":"OKP","crv":"Ed25519","kid":"new","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
///         {"kty":"oct","kid":"leak","k":"c2VjcmV0"}
///     ]}"#,
/// )?;
/// assert_eq!(keys.len(), 1);
/// assert!(keys.holds_key(Some("new"), Algorithm::EdDsa));
/// assert_eq!(keys.skipped()[0].reason, SkipReason::Symmetric);
/// # Ok::<(), countersign_jose::KeySetError>(())
/// ```
#[derive(Clone)]
pub struct KeySet {
    inner: Arc<Inner>,
}

struct Inner {
    keys: Vec<Key>,
    skipped: Vec<Skipped>,
    any_named: bool,
}

impl KeySet {
    /// Reads a JWK set. A key that is of no use here is left aside with its reason, since sets
    /// also hold keys for encryption and for algorithms that are newer than this crate.
    ///
    /// # Errors
    ///
    /// More than 512 KiB, anything but strict JSON, no list of `keys`, or more than 64 of them.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeySetError> {
        if bytes.len() > MAX_BYTES {
            return Err(KeySetError::TooLarge { bytes: bytes.len(), limit: MAX_BYTES });
        }
        Self::from_object(&json::object(bytes)?)
    }

    /// As [`KeySet::parse`], of a set that stands in a larger document, as `jwks` does in client
    /// metadata.
    ///
    /// # Errors
    ///
    /// No list of `keys`, or more than 64 of them.
    pub fn from_object(set: &Object) -> Result<Self, KeySetError> {
        Self::read(set, Key::from_jwk)
    }

    pub(crate) fn from_test_object(set: &Object) -> Result<Self, KeySetError> {
        Self::read(set, Key::from_test_jwk)
    }

    fn read(
        set: &Object,
        key: fn(&Object) -> Result<Key, SkipReason>,
    ) -> Result<Self, KeySetError> {
        let Some(Value::Array(entries)) = set.get("keys") else {
            return Err(KeySetError::NoKeys);
        };
        if entries.len() > MAX_KEYS {
            return Err(KeySetError::TooMany { keys: entries.len(), limit: MAX_KEYS });
        }
        Ok(Self::collect(entries.iter().map(Value::as_object), key))
    }

    /// A set of single JWKs, such as those that [`SigningKey::public_jwk`] writes.
    ///
    /// [`SigningKey::public_jwk`]: crate::SigningKey::public_jwk
    pub fn from_jwks(jwks: impl IntoIterator<Item = Object>) -> Self {
        let jwks: Vec<Object> = jwks.into_iter().collect();
        Self::collect(jwks.iter().map(Some), Key::from_jwk)
    }

    /// The shared secret of a client, which checks HS256, HS384 and HS512.
    ///
    /// OpenID Connect uses the octets of the `client_secret` itself (Core §10.1). Many providers
    /// issue secrets shorter than RFC 7518 §3.2 asks for; see [`KeySet::has_short_secret`].
    ///
    /// # Errors
    ///
    /// An empty secret.
    pub fn from_secret(secret: &[u8]) -> Result<Self, KeySetError> {
        if secret.is_empty() {
            return Err(KeySetError::EmptySecret);
        }
        Ok(Self::of(vec![Key::from_secret(secret)], Vec::new()))
    }

    /// No keys: every token is signed by an unknown one.
    #[must_use]
    pub fn empty() -> Self {
        Self::of(Vec::new(), Vec::new())
    }

    /// How many keys are usable.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.keys.len()
    }

    /// Whether no key is usable.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inner.keys.is_empty()
    }

    /// The usable keys, in the order of the set.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.inner.keys.iter()
    }

    /// What was left aside, and why.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.inner.skipped
    }

    /// Whether some key is meant for a token with this header. If not, a newer set may have one.
    #[must_use]
    pub fn holds_key(&self, kid: Option<&str>, algorithm: Algorithm) -> bool {
        self.candidates(kid, algorithm).next().is_some()
    }

    /// Whether this very key is in the set: of the same numbers, under the same name and for the
    /// same algorithms.
    #[must_use]
    pub fn holds(&self, print: KeyPrint) -> bool {
        self.keys().any(|key| key.print() == print)
    }

    /// Whether this is a shared secret that is shorter than the algorithm's digest, against
    /// RFC 7518 §3.2.
    #[must_use]
    pub fn has_short_secret(&self, algorithm: Algorithm) -> bool {
        let wanted = algorithm.secret_bytes().unwrap_or(0) * 8;
        self.keys().any(|key| key.fits(algorithm) && key.bits() < wanted)
    }

    /// The keys that may have signed a token. A token that names a key means keys of that name;
    /// where the set has no names at all, or the token has none, every fitting key may be meant.
    pub(crate) fn candidates<'k, 't>(
        &'k self,
        kid: Option<&'t str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &'k Key> + use<'k, 't> {
        let kid = kid.filter(|_| self.inner.any_named);
        self.keys()
            .filter(move |key| kid.is_none() || key.kid() == kid)
            .filter(move |key| key.fits(algorithm))
    }

    /// Whether any key bears a name.
    pub(crate) fn has_names(&self) -> bool {
        self.inner.any_named
    }

    fn collect<'j>(
        entries: impl Iterator<Item = Option<&'j Object>>,
        key: fn(&Object) -> Result<Key, SkipReason>,
    ) -> Self {
        let (mut keys, mut skipped) = (Vec::new(), Vec::new());
        for entry in entries {
            match entry.ok_or(SkipReason::NotAnObject).and_then(key) {
                Ok(key) => keys.push(key),
                Err(reason) => {
                    let kid = entry.and_then(|jwk| jwk.get("kid")).and_then(Value::as_str);
                    skipped.push(Skipped { kid: kid.map(cut), reason });
                }
            }
        }
        Self::of(keys, skipped)
    }

    fn of(keys: Vec<Key>, skipped: Vec<Skipped>) -> Self {
        let any_named = keys.iter().any(|key| key.kid().is_some());
        Self { inner: Arc::new(Inner { keys, skipped, any_named }) }
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet")
            .field("keys", &self.inner.keys)
            .field("skipped", &self.inner.skipped)
            .finish()
    }
}

/// A key of a set that is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// Its name, cut to 32 printable characters.
    pub kid: Option<String>,
    /// Why it is not used.
    pub reason: SkipReason,
}

/// Why something is no key set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// Not one strict JSON object.
    #[error("the key set is not readable: {0}")]
    Json(#[from] JsonError),
    /// An object without the one member that matters.
    #[error("expected a key set with a list of \"keys\" (RFC 7517 §5), found none")]
    NoKeys,
    /// Longer than any honest set.
    #[error("the key set has {bytes} bytes; at most {limit} are read")]
    TooLarge {
        /// How many came.
        bytes: usize,
        /// How many are read.
        limit: usize,
    },
    /// More keys than any honest set.
    #[error("the key set has {keys} keys; at most {limit} are read")]
    TooMany {
        /// How many came.
        keys: usize,
        /// How many are read.
        limit: usize,
    },
    /// The secret has no bytes.
    #[error("expected a shared secret, got an empty one")]
    EmptySecret,
}

impl KeySetError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Json(_) | Self::NoKeys => "keys.malformed",
            Self::TooLarge { .. } => "keys.too_large",
            Self::TooMany { .. } => "keys.too_many",
            Self::EmptySecret => "keys.secret_empty",
        }
    }
}

/// Providers publish two to ten keys.
const MAX_KEYS: usize = 64;
/// Room for a certificate chain with each key.
const MAX_BYTES: usize = 512 * 1024;
