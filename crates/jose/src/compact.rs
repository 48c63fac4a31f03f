//! The compact form (RFC 7515 §3.1): three parts, dots between, limits on all of them.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::error::{Problem, SignatureError};
use crate::header::Header;
use crate::header_cache::HeaderCache;
use crate::json::{Document, Item, Object};
use crate::key::KeyError;

/// A well-formed token that nobody has checked yet. What its payload says comes out of
/// [`Jws::verify`] only.
///
/// Keys that a token brings along (`jwk`, `jku`, `x5u`, `x5c` in its header) are never used here;
/// [`proof::verify`](crate::proof::verify) is for the one kind of token that is about such a key.
///
/// ```
/// use countersign_jose::{Algorithm, Jws, Object, SigningKey};
///
/// let key = SigningKey::from_secret(b"a shared secret", Algorithm::Hs256)?.with_kid("2026");
/// let mut header = Object::new();
/// header.insert("typ".into(), "at+jwt".into());
/// let token = key.sign(&header, b"{}")?;
///
/// let jws = Jws::parse(&token)?;
/// assert_eq!(jws.algorithm(), Algorithm::Hs256);
/// assert_eq!(jws.kid(), Some("2026"));
/// assert!(jws.typ_is("application/AT+JWT"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The payload is out of reach before the check:
///
/// ```compile_fail
/// # use countersign_jose::Jws;
/// fn hurry(jws: Jws<'_>) -> Vec<u8> {
///     jws.unchecked_payload().unwrap()
/// }
/// ```
pub struct Jws<'a> {
    header: Arc<Header>,
    /// Where the header goes once the token has passed.
    cache: Option<(&'a HeaderCache, &'a str)>,
    signing_input: &'a str,
    payload: &'a str,
    decoded: OnceLock<Vec<u8>>,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Reads the token's form and its header.
    ///
    /// # Errors
    ///
    /// Anything but three parts of strict base64url, more than 256 KiB (8 KiB of header), a header
    /// that is not strict JSON, `alg` missing, unknown or `none`, and `crit`, `b64` or `zip` in any
    /// form. An encrypted token (five parts) is [`SignatureError::Encrypted`].
    pub fn parse(token: &'a str) -> Result<Self, SignatureError> {
        let parts = Parts::of(token)?;
        let header = Arc::new(Header::parse(&decode("header", parts.header)?)?);
        parts.with(header, None)
    }

    pub(crate) fn parse_with(
        cache: &'a HeaderCache,
        token: &'a str,
    ) -> Result<Self, SignatureError> {
        let parts = Parts::of(token)?;
        if let Some(header) = cache.get(parts.header) {
            return parts.with(header, None);
        }
        let header = Arc::new(Header::parse(&decode("header", parts.header)?)?);
        let text = parts.header;
        parts.with(header, Some((cache, text)))
    }

    /// The value of `alg`.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.header.algorithm
    }

    /// The value of `kid`: which key the token says it was signed with.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// The value of `typ`, as it came. For comparison take [`Jws::typ_is`].
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    /// Whether `typ` is this media type, whatever its case, with or without `application/`
    /// (RFC 7515 §4.1.9). A token without `typ` is of no type.
    #[must_use]
    pub fn typ_is(&self, expected: &str) -> bool {
        self.header.typ_is(expected)
    }

    pub(crate) const fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The value of `jwk` in the header: a key of the sender's choice, for `proof` alone.
    pub(crate) fn own_key(&self) -> Result<Option<Object>, SignatureError> {
        let header = self.signing_input.split_once('.').map_or("", |(header, _)| header);
        let header = decode("header", header)?;
        let header = Document::parse(header).map_err(SignatureError::from_header)?;
        header.get("jwk").map(object).transpose()
    }

    /// Not to leave the crate but through `verify` and `danger`.
    pub(crate) fn unchecked_payload(&self) -> Result<&[u8], SignatureError> {
        if let Some(decoded) = self.decoded.get() {
            return Ok(decoded);
        }
        let decoded = decode("payload", self.payload)?;
        Ok(self.decoded.get_or_init(|| decoded))
    }

    /// Header and payload, to keep.
    pub(crate) fn into_unchecked(self) -> Result<(Arc<Header>, Vec<u8>), SignatureError> {
        let payload =
            self.decoded.into_inner().map_or_else(|| decode("payload", self.payload), Ok)?;
        Ok((self.header, payload))
    }

    /// The caller has found the signature good.
    pub(crate) fn remember(&self) {
        if let Some((cache, text)) = self.cache {
            cache.insert(text, &self.header);
        }
    }
}

impl fmt::Debug for Jws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jws").field("header", &self.header).finish_non_exhaustive()
    }
}

/// The text of a token, taken apart.
struct Parts<'a> {
    signing_input: &'a str,
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    fn of(token: &'a str) -> Result<Self, SignatureError> {
        if token.len() > MAX_TOKEN {
            let bytes = token.len();
            return Err(SignatureError::TooLarge { part: "text", bytes, limit: MAX_TOKEN });
        }
        let mut dots = memchr::memchr_iter(b'.', token.as_bytes());
        let (first, second) = (dots.next(), dots.next());
        let dots = usize::from(first.is_some()) + usize::from(second.is_some()) + dots.count();
        let parts = match (dots, first, second) {
            (2, Some(first), Some(second)) => Self::between(token, first, second),
            (4, ..) => return Err(SignatureError::Encrypted),
            _ => None,
        };
        parts.ok_or(SignatureError::malformed("shape", Problem::Dots { dots }))
    }

    /// By the places of the two dots.
    fn between(token: &'a str, first: usize, second: usize) -> Option<Self> {
        Some(Self {
            signing_input: token.get(..second)?,
            header: token.get(..first)?,
            payload: token.get(first + 1..second)?,
            signature: token.get(second + 1..)?,
        })
    }

    fn with(
        self,
        header: Arc<Header>,
        cache: Option<(&'a HeaderCache, &'a str)>,
    ) -> Result<Jws<'a>, SignatureError> {
        let Self { signing_input, payload, signature, .. } = self;
        let signature = decode("signature", signature)?;
        let decoded = OnceLock::new();
        Ok(Jws { header, cache, signing_input, payload, decoded, signature })
    }
}

fn object(jwk: Item<'_>) -> Result<Object, SignatureError> {
    match jwk.to_value() {
        Value::Object(jwk) => Ok(jwk),
        _ => Err(SignatureError::OwnKey(KeyError::NotAnObject)),
    }
}

fn decode(part: &'static str, text: &str) -> Result<Vec<u8>, SignatureError> {
    base64url::decode(text).map_err(|error| SignatureError::malformed(part, Problem::Base64(error)))
}

/// Tokens beyond a few kilobytes do not pass through header lines; logout tokens and request
/// objects travel in bodies and are still far below this.
const MAX_TOKEN: usize = 256 * 1024;
