//! Token, keys and allowed algorithms in; payload out.

use std::fmt;
use std::sync::Arc;

use crate::algorithm::{Algorithm, Allowed};
use crate::compact::Jws;
use crate::error::SignatureError;
use crate::header::{Header, shown};
use crate::json::{self, Document, JsonError, Object};
use crate::key::{Key, KeyPrint};
use crate::keyset::KeySet;

impl Jws<'_> {
    /// Checks the signature (RFC 7515 §5.2) with the keys that are meant for this token.
    ///
    /// At most four keys are tried: those that bear the token's `kid`, or any that fit the
    /// algorithm where token or set have no names. The token is used up; where a newer set may hold
    /// the key ([`SignatureError::is_unknown_key`]), its text is parsed again, which costs little.
    ///
    /// # Errors
    ///
    /// An algorithm that is not allowed, no key for the token, a signature by nobody in the set.
    pub fn verify(self, keys: &KeySet, allowed: &Allowed) -> Result<Payload, SignatureError> {
        let key = self.signer(keys, allowed)?;
        self.remember();
        self.signed_by(key)
    }

    /// The key that made the signature.
    fn signer<'k>(&self, keys: &'k KeySet, allowed: &Allowed) -> Result<&'k Key, SignatureError> {
        let alg = self.algorithm();
        if !allowed.contains(alg) {
            return Err(SignatureError::AlgorithmNotAllowed { got: alg, allowed: *allowed });
        }
        let mut tried = 0;
        for key in keys.candidates(self.kid(), alg) {
            if tried == MAX_CANDIDATES {
                let kid = shown(self.kid());
                return Err(SignatureError::TooManyCandidates { kid, limit: MAX_CANDIDATES });
            }
            if key.verifies(alg, self.signing_input(), self.signature()) {
                return Ok(key);
            }
            tried += 1;
        }
        let kid = shown(self.kid());
        // Where the set has no names, the key that the token names may not be in it. A secret has
        // none, and no other one can be had.
        let is_elsewhere = kid.is_some() && !keys.has_names() && !alg.is_mac();
        Err(match tried {
            0 => SignatureError::UnknownKey { kid, alg },
            _ if is_elsewhere => SignatureError::UnknownKey { kid, alg },
            _ => SignatureError::BadSignature { kid, alg },
        })
    }

    /// The caller has found the signature to be made by this key.
    pub(crate) fn signed_by(self, key: &Key) -> Result<Payload, SignatureError> {
        let (header, bytes) = self.into_unchecked()?;
        Ok(Payload { bytes, header, signed_by: key.print() })
    }
}

/// What was signed: bytes whose signature was checked. Made by [`Jws::verify`] only.
///
/// Who signed is settled by this type, not for whom or until when; those are the rules of whoever
/// asked for the token.
///
/// ```compile_fail
/// # use countersign_jose::Payload;
/// let forged = Payload { bytes: b"{}".to_vec() };
/// ```
///
/// ```compile_fail
/// # use countersign_jose::Payload;
/// let forged = Payload::from(b"{}".to_vec());
/// ```
///
/// ```compile_fail
/// # use countersign_jose::Payload;
/// let forged: Payload = serde_json::from_str("{}").unwrap();
/// ```
///
/// ```compile_fail
/// # use countersign_jose::Payload;
/// let forged = Payload::default();
/// ```
pub struct Payload {
    bytes: Vec<u8>,
    header: Arc<Header>,
    signed_by: KeyPrint,
}

impl Payload {
    /// The bytes as they were signed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes read as one JSON object, as every JWT has it (RFC 7519 §7.2).
    ///
    /// # Errors
    ///
    /// As [`json::object`].
    pub fn object(&self) -> Result<Object, JsonError> {
        json::object(&self.bytes)
    }

    /// The bytes read as one JSON object, kept as they are. This is what a resource server wants,
    /// which looks at some members of many tokens; [`Payload::object`] copies them all.
    ///
    /// # Errors
    ///
    /// As [`json::object`].
    pub fn document(self) -> Result<Document, JsonError> {
        Document::parse(self.bytes)
    }

    /// Which key made the signature; [`KeySet::holds`] says whether it is still there.
    #[must_use]
    pub const fn signed_by(&self) -> KeyPrint {
        self.signed_by
    }

    /// What it was signed with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.header.algorithm
    }

    /// The token's `kid`.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// The token's `typ`, as it came. For comparison take [`Payload::typ_is`].
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    /// As [`Jws::typ_is`].
    #[must_use]
    pub fn typ_is(&self, expected: &str) -> bool {
        self.header.typ_is(expected)
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload").field("header", &self.header).finish_non_exhaustive()
    }
}

/// Checking costs tens of microseconds; a token must not be able to ask for hundreds of checks.
const MAX_CANDIDATES: usize = 4;
