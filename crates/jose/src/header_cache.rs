//! Headers that are known already. A provider writes the same few into all its tokens.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::compact::Jws;
use crate::error::SignatureError;
use crate::header::Header;

/// Remembers the headers of good tokens, so that the next token with the same one is read faster.
///
/// A header gets in when the signature over it has been found good, so nobody fills it who cannot
/// have tokens made; it holds at most 16 of at most 1 KiB each, and forgets the oldest.
///
/// ```
/// use countersign_jose::{Algorithm, Allowed, HeaderCache, KeySet, Object, SigningKey};
///
/// let key = SigningKey::generate(Algorithm::Es256)?;
/// let keys = KeySet::from_jwks([key.public_jwk()]);
/// let headers = HeaderCache::default();
/// for subject in ["alice", "bob"] {
///     let token = key.sign(&Object::new(), format!(r#"{{"sub":"{subject}"}}"#).as_bytes())?;
///     let payload = headers.parse(&token)?.verify(&keys, &Allowed::asymmetric())?;
///     assert_eq!(payload.object()?["sub"], subject);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct HeaderCache {
    known: RwLock<Vec<Known>>,
}

struct Known {
    /// In base64url, as it stands in tokens.
    text: Box<str>,
    header: Arc<Header>,
}

impl HeaderCache {
    /// As [`Jws::parse`]; the header of this token is remembered once [`Jws::verify`] has found its
    /// signature good.
    ///
    /// # Errors
    ///
    /// As [`Jws::parse`].
    pub fn parse<'a>(&'a self, token: &'a str) -> Result<Jws<'a>, SignatureError> {
        Jws::parse_with(self, token)
    }

    pub(crate) fn get(&self, text: &str) -> Option<Arc<Header>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|known| *known.text == *text)?;
        Some(Arc::clone(&found.header))
    }

    pub(crate) fn insert(&self, text: &str, header: &Arc<Header>) {
        if text.len() > MAX_TEXT {
            return;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.iter().any(|known| *known.text == *text) {
            return;
        }
        if known.len() == MAX_HEADERS {
            known.remove(0);
        }
        known.push(Known { text: text.into(), header: Arc::clone(header) });
    }
}

impl fmt::Debug for HeaderCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_list().entries(known.iter().map(|known| &known.header)).finish()
    }
}

/// A provider has two or three keys in use and two or three types of tokens.
const MAX_HEADERS: usize = 16;
/// Longer ones carry certificates, which are not what makes a server busy.
const MAX_TEXT: usize = 1024;
