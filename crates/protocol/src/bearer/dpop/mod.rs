//! Proofs of possession (RFC 9449): who uses a bound token shows that it holds the key.
//!
//! ```text
//! DPoP header ─read→ UncheckedProof ─verify(&DpopRules, now)→ Verified<DpopProof>
//! ```
//!
//! What is left to whoever asks is that a proof comes once only: remember [`DpopProof::thumbprint`]
//! and [`DpopProof::jti`] until [`DpopProof::usable_until`] (section 11.1).

mod error;
mod target;

use std::fmt;
use std::time::Duration;

use countersign_jose::json::Object;
use countersign_jose::{Allowed, base64url, constant_time_eq, digest, proof};
use http::HeaderMap;
use url::Url;

use crate::value::secret::Secret;
use crate::value::time::UnixTime;
use crate::verified::Verified;

pub use error::DpopError;
use target::Target;

/// The text of a `DPoP` header, with nothing known about it but its size.
#[derive(Clone, Debug)]
pub struct UncheckedProof(Secret);

impl UncheckedProof {
    /// The one proof of a request; `None` when there is none.
    ///
    /// # Errors
    /// [`DpopError`] for more than one header (section 4.3, item 1) and for one that is too large
    /// or no text.
    pub fn read(headers: &HeaderMap) -> Result<Option<Self>, DpopError> {
        let mut all = headers.get_all(HEADER).iter();
        let Some(first) = all.next() else { return Ok(None) };
        let further = all.count();
        if further > 0 {
            return Err(DpopError::Several { got: further.saturating_add(1) });
        }
        Self::from_bytes(first.as_bytes()).map(Some)
    }

    /// The value of the one `DPoP` header, for a face that counts headers itself.
    ///
    /// # Errors
    /// [`DpopError`] for a proof that is too large or no text.
    pub fn from_bytes(value: &[u8]) -> Result<Self, DpopError> {
        if value.len() > MAX_PROOF {
            return Err(DpopError::TooLarge { bytes: value.len(), limit: MAX_PROOF });
        }
        match std::str::from_utf8(value) {
            Ok(text) if text.is_ascii() => Ok(Self(Secret::from(text.trim_matches([' ', '\t'])))),
            _ => Err(DpopError::NotAscii),
        }
    }

    /// Applies the rules of section 4.3, one line each. The proof is used up.
    ///
    /// ```
    /// use countersign_protocol::bearer::dpop::{DpopRules, UncheckedProof};
    /// use countersign_protocol::jose::{Algorithm, Allowed, SigningKey, base64url, digest, thumbprint};
    /// use countersign_protocol::UnixTime;
    /// use serde_json::json;
    ///
    /// let token = "the access token";
    /// let key = SigningKey::generate(Algorithm::Es256)?.without_kid();
    /// // What a client does: sign the request with its key.
    /// let header = json!({ "typ": "dpop+jwt", "jwk": key.public_jwk() });
    /// let claims = json!({
    ///     "htm": "GET", "htu": "https://api.example/notes", "iat": 1_700_000_000, "jti": "e1j3V_bKic8",
    ///     "ath": base64url::encode(&digest::sha256(token.as_bytes())),
    /// });
    /// let proof = key.sign(header.as_object().unwrap(), claims.to_string().as_bytes())?;
    ///
    /// // What an API does, with the `jkt` that it found in the token.
    /// let jkt = thumbprint(&key.public_jwk())?;
    /// let url = "https://api.example/notes?page=2".parse()?;
    /// let rules = DpopRules::new("GET", &url, token, &jkt);
    /// let now = UnixTime::from_secs(1_700_000_003);
    /// let proof = UncheckedProof::from_bytes(proof.as_bytes())?.verify(&rules, now)?;
    /// assert_eq!(proof.jti(), "e1j3V_bKic8");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`DpopError`], one variant a rule.
    pub fn verify(
        self,
        rules: &DpopRules<'_>,
        now: UnixTime,
    ) -> Result<Verified<DpopProof>, DpopError> {
        let signed = proof::verify(self.0.expose(), &rules.allowed)?; // items 2, 5, 6 and 7
        typ(&signed.payload)?; // item 4
        let claims = signed
            .payload
            .object()
            .map_err(|error| DpopError::Malformed { why: error.to_string() })?;
        let proof = DpopProof::read(signed.thumbprint, &claims, rules)?; // item 3
        method(&claims, rules.method)?; // item 8
        target(&claims, rules.url)?; // item 9
        rules.fresh_nonce(proof.nonce.as_deref())?; // item 10
        rules.current(proof.issued_at, now)?; // item 11
        token(&claims, rules.token)?; // item 12, first half
        key(&proof.thumbprint, rules.thumbprint)?; // item 12, second half
        Ok(Verified::new(proof, now))
    }
}

/// What a proof must fit: the request that it came with, and the token in there.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct DpopRules<'a> {
    /// The algorithms that may sign; secrets are never taken.
    pub allowed: Allowed,
    /// The request's method.
    pub method: &'a str,
    /// The request's address as the client wrote it, not as a proxy passed it on.
    pub url: &'a Url,
    /// The access token beside the proof.
    pub token: &'a str,
    /// The key that the token is bound to: `cnf.jkt` of the token (section 6.1).
    pub thumbprint: &'a str,
    /// How old a proof may be, and how far in the future `iat` may lie.
    pub max_age: Duration,
    /// Whether a nonce is one of this server's, where one is demanded (section 9).
    pub nonce: Option<&'a dyn Fn(&str) -> bool>,
}

impl<'a> DpopRules<'a> {
    /// Every asymmetric algorithm, one minute, no nonce. The fields change that.
    #[must_use]
    pub fn new(method: &'a str, url: &'a Url, token: &'a str, thumbprint: &'a str) -> Self {
        Self {
            allowed: Allowed::asymmetric(),
            method,
            url,
            token,
            thumbprint,
            max_age: DEFAULT_MAX_AGE,
            nonce: None,
        }
    }

    fn fresh_nonce(&self, got: Option<&str>) -> Result<(), DpopError> {
        let Some(is_ours) = self.nonce else { return Ok(()) };
        match got {
            None => Err(DpopError::NonceMissing),
            Some(nonce) if is_ours(nonce) => Ok(()),
            Some(_) => Err(DpopError::Nonce),
        }
    }

    fn current(&self, issued_at: UnixTime, now: UnixTime) -> Result<(), DpopError> {
        let max_age = self.max_age;
        if issued_at > now + max_age {
            return Err(DpopError::Ahead { by: issued_at.since(now), max_age });
        }
        if now > issued_at + max_age {
            return Err(DpopError::TooOld { by: now.since(issued_at), max_age });
        }
        Ok(())
    }
}

impl fmt::Debug for DpopRules<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopRules")
            .field("allowed", &self.allowed)
            .field("method", &self.method)
            .field("thumbprint", &self.thumbprint)
            .field("max_age", &self.max_age)
            .field("nonce", &self.nonce.is_some())
            .finish_non_exhaustive()
    }
}

/// A proof. [`UncheckedProof::verify`] makes one, as a [`Verified`].
#[derive(Clone, Debug)]
pub struct DpopProof {
    thumbprint: String,
    jti: String,
    nonce: Option<String>,
    issued_at: UnixTime,
    usable_until: UnixTime,
}

impl DpopProof {
    /// The key that signed: its SHA-256 thumbprint (RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// `jti`, which a client uses once.
    #[must_use]
    pub fn jti(&self) -> &str {
        &self.jti
    }

    /// `nonce`.
    #[must_use]
    pub fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    /// `iat`.
    #[must_use]
    pub fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    /// After this moment the same proof is too old; until then it must be remembered.
    #[must_use]
    pub fn usable_until(&self) -> UnixTime {
        self.usable_until
    }

    fn read(thumbprint: String, claims: &Object, rules: &DpopRules<'_>) -> Result<Self, DpopError> {
        let jti = text(claims, "jti", JTI)?;
        if jti.is_empty() || jti.len() > MAX_JTI {
            return Err(DpopError::Claim { claim: "jti", expected: JTI });
        }
        let nonce = match claims.get("nonce") {
            None => None,
            Some(_) => Some(text(claims, "nonce", "a string")?.to_owned()),
        };
        let issued_at = claims.get("iat").and_then(UnixTime::from_json);
        let issued_at = issued_at
            .ok_or(DpopError::Claim { claim: "iat", expected: "a number of seconds since 1970" })?;
        let usable_until = issued_at + rules.max_age;
        Ok(Self { thumbprint, jti: jti.to_owned(), nonce, issued_at, usable_until })
    }
}

fn typ(payload: &countersign_jose::Payload) -> Result<(), DpopError> {
    if payload.typ_is(TYP) {
        return Ok(());
    }
    Err(DpopError::Typ { got: payload.typ().map(str::to_owned) })
}

fn method(claims: &Object, expected: &str) -> Result<(), DpopError> {
    let got = text(claims, "htm", "the request's method")?;
    if got == expected {
        return Ok(());
    }
    Err(DpopError::Method { expected: expected.to_owned(), got: got.to_owned() })
}

fn target(claims: &Object, expected: &Url) -> Result<(), DpopError> {
    const FORM: &str = "the request's http or https address in ASCII";
    let got = text(claims, "htu", FORM)?;
    let got = Target::parse(got).ok_or(DpopError::Claim { claim: "htu", expected: FORM })?;
    let expected = Target::of(expected);
    if got == expected {
        return Ok(());
    }
    Err(DpopError::Url { expected: expected.to_string(), got: got.to_string() })
}

fn token(claims: &Object, token: &str) -> Result<(), DpopError> {
    let got = text(claims, "ath", "the hash of the access token")?;
    let expected = base64url::encode(&digest::sha256(token.as_bytes()));
    if constant_time_eq(got.as_bytes(), expected.as_bytes()) {
        return Ok(());
    }
    Err(DpopError::Token)
}

fn key(got: &str, expected: &str) -> Result<(), DpopError> {
    if constant_time_eq(got.as_bytes(), expected.as_bytes()) {
        return Ok(());
    }
    Err(DpopError::Key)
}

fn text<'c>(
    claims: &'c Object,
    claim: &'static str,
    expected: &'static str,
) -> Result<&'c str, DpopError> {
    claims.get(claim).and_then(|value| value.as_str()).ok_or(DpopError::Claim { claim, expected })
}

/// One minute, in both directions.
pub const DEFAULT_MAX_AGE: Duration = Duration::from_secs(60);
const HEADER: &str = "dpop";
const TYP: &str = "dpop+jwt";
const JTI: &str = "a string of 1 to 256 bytes";
/// An RSA key of 8,192 bits and its signature make about 3 KiB.
const MAX_PROOF: usize = 8 * 1024;
/// It is remembered as a digest, but hashed each time.
const MAX_JTI: usize = 256;
