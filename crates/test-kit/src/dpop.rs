//! Keys that bearers prove, and their proofs (RFC 9449).

use std::fmt;

use countersign_jose::{Algorithm, Object, SigningKey, base64url, digest, thumbprint};
use countersign_protocol::UnixTime;
use serde_json::{Value, json};

use crate::compact::{self, signing_input, with_signature};
use crate::doors;
use crate::issuer::refused;

/// A key that tokens can be bound to, and its holder.
///
/// ```
/// use countersign_test_kit::{DpopKey, TestIssuer};
///
/// let issuer = TestIssuer::new("https://issuer.test");
/// let key = DpopKey::generate();
/// let token = issuer.token("alice").audience("api").bound_to(&key).sign();
/// let proof = key.proof("GET", "https://api.test/notes").for_token(&token).sign();
/// // Authorization: DPoP {token}
/// // DPoP: {proof}
/// # assert_eq!(proof.split('.').count(), 3);
/// ```
pub struct DpopKey {
    key: SigningKey,
}

impl DpopKey {
    /// A new key for ES256.
    #[must_use]
    pub fn generate() -> Self {
        Self::generate_for(Algorithm::Es256)
    }

    /// A new key for another algorithm.
    ///
    /// # Panics
    /// With HS256 and the like: a proof is signed by a key pair.
    #[must_use]
    pub fn generate_for(algorithm: Algorithm) -> Self {
        match SigningKey::generate(algorithm) {
            Ok(key) => Self { key },
            Err(why) => refused(&why),
        }
    }

    /// The thumbprint that a bound token carries as `cnf.jkt` (RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        thumbprint(&self.key.public_jwk()).expect("a key pair has all members of its thumbprint")
    }

    /// The public key, with nothing but what makes it.
    #[must_use]
    pub fn public_jwk(&self) -> Object {
        bare(&self.key)
    }

    /// Starts a proof for a request with this method to this address.
    #[must_use]
    pub fn proof(&self, method: impl Into<String>, url: impl Into<String>) -> TestProof<'_> {
        TestProof {
            key: &self.key,
            method: method.into(),
            url: url.into(),
            token: None,
            nonce: None,
            id: None,
            at: None,
            claims: Vec::new(),
            broken: None,
        }
    }
}

impl fmt::Debug for DpopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopKey").field("thumbprint", &self.thumbprint()).finish()
    }
}

/// A proof (RFC 9449 section 4.2) that is being written; [`TestProof::sign`] finishes it. Each has a
/// `jti` of its own, also when signed twice.
#[derive(Clone)]
pub struct TestProof<'k> {
    key: &'k SigningKey,
    method: String,
    url: String,
    token: Option<String>,
    nonce: Option<String>,
    id: Option<String>,
    at: Option<UnixTime>,
    claims: Vec<(String, Option<Value>)>,
    broken: Option<BrokenProof>,
}

impl TestProof<'_> {
    /// Names the access token that comes along (`ath`); an API demands that.
    #[must_use]
    pub fn for_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Gives back the nonce that the server has handed out.
    #[must_use]
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// Sets the `jti`, to send the same one twice.
    #[must_use]
    pub fn id(mut self, jti: impl Into<String>) -> Self {
        self.id = Some(jti.into());
        self
    }

    /// Says when it is made; the machine's clock otherwise.
    #[must_use]
    pub fn at(mut self, now: UnixTime) -> Self {
        self.at = Some(now);
        self
    }

    /// Sets any claim, whatever it would have been otherwise.
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.push((name.into(), Some(value.into())));
        self
    }

    /// Takes a claim out.
    #[must_use]
    pub fn without(mut self, name: impl Into<String>) -> Self {
        self.claims.push((name.into(), None));
        self
    }

    /// Breaks it.
    #[must_use]
    pub fn broken(mut self, broken: BrokenProof) -> Self {
        self.broken = Some(broken);
        self
    }

    /// The proof in compact form.
    #[must_use]
    pub fn sign(&self) -> String {
        let now = self.at.unwrap_or_else(doors::now);
        let mut header = Object::from_iter([
            ("alg".to_owned(), json!(self.key.algorithm().name())),
            ("typ".to_owned(), json!("dpop+jwt")),
            ("jwk".to_owned(), Value::Object(bare(self.key))),
        ]);
        let jti = self.id.clone().unwrap_or_else(|| compact::unique(self.key));
        let mut claims = Object::from_iter([
            ("jti".to_owned(), json!(jti)),
            ("htm".to_owned(), json!(self.method)),
            ("htu".to_owned(), json!(self.url)),
            ("iat".to_owned(), json!(now.as_secs())),
        ]);
        if let Some(token) = &self.token {
            claims.insert("ath".to_owned(), json!(hash(token)));
        }
        if let Some(nonce) = &self.nonce {
            claims.insert("nonce".to_owned(), json!(nonce));
        }
        for (name, value) in &self.claims {
            match value {
                Some(value) => drop(claims.insert(name.clone(), value.clone())),
                None => drop(claims.remove(name)),
            }
        }
        let hand = match self.broken {
            None => Some(self.key.clone()),
            Some(broken) => broken.bend(self.key, &mut header, &mut claims, now.as_secs()),
        };
        let input = signing_input(&compact::text(&header), &compact::text(&claims));
        let mut signature = hand.map_or_else(Vec::new, |hand| hand.sign_bytes(input.as_bytes()));
        if self.broken == Some(BrokenProof::WrongSignature)
            && let Some(last) = signature.last_mut()
        {
            *last ^= 0x01;
        }
        with_signature(&input, &signature)
    }
}

impl fmt::Debug for TestProof<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestProof")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("broken", &self.broken)
            .finish_non_exhaustive()
    }
}

/// One way in which a proof is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BrokenProof {
    /// `htm` is another method.
    WrongMethod,
    /// `htu` is another address.
    WrongUrl,
    /// `ath` is another token's.
    WrongToken,
    /// No `ath`.
    NoToken,
    /// Made an hour ago.
    Stale,
    /// Made an hour ahead.
    MadeInFuture,
    /// `iat` is a text.
    TimeAsText,
    /// No `jti`.
    NoId,
    /// `jti` is empty.
    EmptyId,
    /// By another key, and so for another token.
    OtherKey,
    /// By another key under the name of the right one.
    WrongKey,
    /// One bit of the signature is flipped.
    WrongSignature,
    /// `alg` is `none`.
    Unsigned,
    /// HS256 under the public key.
    HmacWithPublicKey,
    /// `typ` is JWT.
    WrongType,
    /// No key in the header.
    NoKey,
    /// The header shows the private key.
    PrivateKey,
}

impl BrokenProof {
    /// Each of them.
    pub const ALL: [Self; 17] = [
        Self::WrongMethod,
        Self::WrongUrl,
        Self::WrongToken,
        Self::NoToken,
        Self::Stale,
        Self::MadeInFuture,
        Self::TimeAsText,
        Self::NoId,
        Self::EmptyId,
        Self::OtherKey,
        Self::WrongKey,
        Self::WrongSignature,
        Self::Unsigned,
        Self::HmacWithPublicKey,
        Self::WrongType,
        Self::NoKey,
        Self::PrivateKey,
    ];

    /// Its name, such as `wrong_method`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// The code with which a resource server is to refuse it (docs/errors.md).
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().1
    }

    const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::WrongMethod => ("wrong_method", "dpop.htm"),
            Self::WrongUrl => ("wrong_url", "dpop.htu"),
            Self::WrongToken => ("wrong_token", "dpop.ath"),
            Self::NoToken => ("no_token", "dpop.claim"),
            Self::Stale => ("stale", "dpop.iat"),
            Self::MadeInFuture => ("made_in_future", "dpop.iat"),
            Self::TimeAsText => ("time_as_text", "dpop.claim"),
            Self::NoId => ("no_id", "dpop.claim"),
            Self::EmptyId => ("empty_id", "dpop.claim"),
            Self::OtherKey => ("other_key", "dpop.key"),
            Self::WrongKey => ("wrong_key", "dpop.signature"),
            Self::WrongSignature => ("wrong_signature", "dpop.signature"),
            Self::Unsigned => ("unsigned", "dpop.algorithm"),
            Self::HmacWithPublicKey => ("hmac_with_public_key", "dpop.algorithm"),
            Self::WrongType => ("wrong_type", "dpop.typ"),
            Self::NoKey => ("no_key", "dpop.malformed"),
            Self::PrivateKey => ("private_key", "dpop.malformed"),
        }
    }

    /// Bends the proof, and says who signs it.
    fn bend(
        self,
        key: &SigningKey,
        header: &mut Object,
        claims: &mut Object,
        now: i64,
    ) -> Option<SigningKey> {
        let mut set = |name: &str, value| drop(claims.insert(name.to_owned(), value));
        match self {
            Self::WrongMethod => {
                let same = claims.get("htm").is_some_and(|method| method == "DELETE");
                let other = if same { "PATCH" } else { "DELETE" };
                claims.insert("htm".to_owned(), json!(other));
            }
            Self::WrongUrl => set("htu", json!("https://another.test/")),
            Self::WrongToken => set("ath", json!(hash("another token"))),
            Self::NoToken => drop(claims.remove("ath")),
            Self::Stale => set("iat", json!(now - HOUR)),
            Self::MadeInFuture => set("iat", json!(now + HOUR)),
            Self::TimeAsText => set("iat", json!(now.to_string())),
            Self::NoId => drop(claims.remove("jti")),
            Self::EmptyId => set("jti", json!("")),
            Self::OtherKey => {
                let stranger = compact::stranger(key);
                header.insert("jwk".to_owned(), Value::Object(bare(&stranger)));
                return Some(stranger);
            }
            Self::WrongKey => return Some(compact::stranger(key)),
            Self::WrongSignature => {}
            Self::Unsigned => {
                header.insert("alg".to_owned(), json!("none"));
                return None;
            }
            Self::HmacWithPublicKey => {
                header.insert("alg".to_owned(), json!("HS256"));
                let public = Value::Object(bare(key)).to_string();
                let forged = SigningKey::from_secret(public.as_bytes(), Algorithm::Hs256);
                return Some(forged.expect("a JWK is never an empty text"));
            }
            Self::WrongType => drop(header.insert("typ".to_owned(), json!("JWT"))),
            Self::NoKey => drop(header.remove("jwk")),
            Self::PrivateKey => {
                if let Some(jwk) = header.get_mut("jwk").and_then(Value::as_object_mut) {
                    jwk.insert(
                        "d".to_owned(),
                        json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"),
                    );
                }
            }
        }
        Some(key.clone())
    }
}

impl fmt::Display for BrokenProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// RFC 9449 section 4.2: base64url of SHA-256.
fn hash(token: &str) -> String {
    base64url::encode(&digest::sha256(token.as_bytes()))
}

/// The public half without name, use and algorithm.
fn bare(key: &SigningKey) -> Object {
    let mut jwk = key.public_jwk();
    jwk.retain(|name, _| !matches!(name.as_str(), "kid" | "use" | "alg"));
    jwk
}

/// In seconds.
const HOUR: i64 = 3600;
