//! The compact form (RFC 7515 §3.1): three parts, dots between, limits on all of them.

use std::fmt;
use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::error::{Problem, SignatureError};
use crate::header::Header;

/// A well-formed token that nobody has checked yet. What its payload says comes out of
/// [`Jws::verify`] only.
///
/// Keys that a token brings along (`jwk`, `jku`, `x5u`, `x5c` in its header) are never used.
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
    signing_input: &'a str,
    payload: &'a str,
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
        if token.len() > MAX_TOKEN {
            let bytes = token.len();
            return Err(SignatureError::TooLarge { part: "text", bytes, limit: MAX_TOKEN });
        }
        let (signing_input, header, payload, signature) = split(token)?;
        Ok(Self {
            header: Arc::new(Header::parse(&decode("header", header)?)?),
            signing_input,
            payload,
            signature: decode("signature", signature)?,
        })
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

    pub(crate) const fn header(&self) -> &Arc<Header> {
        &self.header
    }

    pub(crate) const fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Not to leave the crate but through `verify` and `danger`.
    pub(crate) fn unchecked_payload(&self) -> Result<Vec<u8>, SignatureError> {
        decode("payload", self.payload)
    }
}

impl fmt::Debug for Jws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jws").field("header", &self.header).finish_non_exhaustive()
    }
}

/// Signing input, header, payload, signature.
fn split(token: &str) -> Result<(&str, &str, &str, &str), SignatureError> {
    let dots = token.bytes().filter(|byte| *byte == b'.').count();
    let parts = match dots {
        2 => token.rsplit_once('.').and_then(|(signing_input, signature)| {
            let (header, payload) = signing_input.split_once('.')?;
            Some((signing_input, header, payload, signature))
        }),
        4 => return Err(SignatureError::Encrypted),
        _ => None,
    };
    parts.ok_or(SignatureError::malformed("shape", Problem::Dots { dots }))
}

fn decode(part: &'static str, text: &str) -> Result<Vec<u8>, SignatureError> {
    base64url::decode(text).map_err(|error| SignatureError::malformed(part, Problem::Base64(error)))
}

/// Tokens beyond a few kilobytes do not pass through header lines; logout tokens and request
/// objects travel in bodies and are still far below this.
const MAX_TOKEN: usize = 256 * 1024;
