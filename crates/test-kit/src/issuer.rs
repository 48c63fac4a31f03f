//! Somebody who issues tokens.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use countersign_jose::{Algorithm, KeySet, Object, SigningKey};
use countersign_protocol::{Issuer, UnixTime};
use serde_json::{Value, json};

use crate::doors;
use crate::token::TestToken;

/// An issuer with a key of its own.
///
/// ```
/// use countersign_jose::{Allowed, Jws};
/// use countersign_test_kit::{Algorithm, TestIssuer};
///
/// let issuer = TestIssuer::new("https://issuer.test").with_algorithm(Algorithm::EdDsa);
/// let token = issuer.token("alice").audience("api").sign();
///
/// let payload = Jws::parse(&token)?.verify(&issuer.keys(), &Allowed::asymmetric())?;
/// assert_eq!(payload.object()?["iss"], "https://issuer.test");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct TestIssuer {
    issuer: Issuer,
    keys: RwLock<Keys>,
    at: Option<UnixTime>,
    known: Mutex<Known>,
}

/// What is known of tokens that say nothing by themselves, and which were revoked.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) opaque: HashMap<String, Object>,
    pub(crate) revoked: HashSet<String>,
}

struct Keys {
    current: SigningKey,
    /// Still published, the newest last.
    earlier: Vec<SigningKey>,
    /// The shared secret, where there is one instead of a key pair.
    secret: Option<Vec<u8>>,
}

impl TestIssuer {
    /// An issuer of this name, which signs with ES256 and goes by the machine's clock.
    ///
    /// # Panics
    /// When that is no issuer: an https address without query and fragment, or http on a loopback
    /// host.
    #[must_use]
    pub fn new(issuer: &str) -> Self {
        let issuer = match Issuer::parse(issuer) {
            Ok(issuer) => issuer,
            Err(why) => refused(&why),
        };
        let keys = RwLock::new(Keys::of(generate(Algorithm::Es256), None));
        Self { issuer, keys, at: None, known: Mutex::default() }
    }

    /// The same issuer with a new key for this algorithm. RSA keys take a moment to make.
    ///
    /// # Panics
    /// With HS256 and the like: see [`TestIssuer::with_secret`].
    #[must_use]
    pub fn with_algorithm(self, algorithm: Algorithm) -> Self {
        self.with_key(generate(algorithm))
    }

    /// The same issuer with this key.
    #[must_use]
    pub fn with_key(self, key: SigningKey) -> Self {
        Self { keys: RwLock::new(Keys::of(key, None)), ..self }
    }

    /// The same issuer with a secret that it shares with the API, for HS256. Its [`jwks`] are then
    /// empty.
    ///
    /// [`jwks`]: TestIssuer::jwks
    ///
    /// # Panics
    /// When the secret is empty.
    #[must_use]
    pub fn with_secret(self, secret: &str) -> Self {
        let key = match SigningKey::from_secret(secret.as_bytes(), Algorithm::Hs256) {
            Ok(key) => key,
            Err(why) => refused(&why),
        };
        Self { keys: RwLock::new(Keys::of(key, Some(secret.as_bytes().to_vec()))), ..self }
    }

    /// The same issuer at a time that stands still, for tests with a clock of their own.
    #[must_use]
    pub fn at(self, now: UnixTime) -> Self {
        Self { at: Some(now), ..self }
    }

    /// Starts a token for this subject. It is good for an hour from [`TestIssuer::now`].
    #[must_use]
    pub fn token(&self, subject: impl Into<String>) -> TestToken<'_> {
        TestToken::new(self, subject.into())
    }

    /// Its name.
    #[must_use]
    pub fn issuer(&self) -> Issuer {
        self.issuer.clone()
    }

    /// The keys that check its tokens, as they are now.
    #[must_use]
    pub fn keys(&self) -> KeySet {
        match &self.read().secret {
            None => KeySet::from_jwks(self.published()),
            Some(secret) => {
                KeySet::from_secret(secret).expect("with_secret refused an empty secret")
            }
        }
    }

    /// The same as a JWK Set (RFC 7517 section 5), for a server that plays the provider.
    #[must_use]
    pub fn jwks(&self) -> Object {
        let keys = self.published().into_iter().map(Value::Object).collect();
        Object::from_iter([("keys".to_owned(), Value::Array(keys))])
    }

    /// Metadata as a provider publishes them (RFC 8414 section 2), with the key set at
    /// `ISSUER/jwks`.
    #[must_use]
    pub fn metadata(&self) -> Object {
        let at = |path: &str| json!(format!("{}{path}", self.name().trim_end_matches('/')));
        let signing = self.read().current.algorithm().name();
        Object::from_iter([
            ("issuer".to_owned(), json!(self.name())),
            ("jwks_uri".to_owned(), at(JWKS)),
            ("authorization_endpoint".to_owned(), at("/authorize")),
            ("token_endpoint".to_owned(), at("/token")),
            ("introspection_endpoint".to_owned(), at(INTROSPECT)),
            ("response_types_supported".to_owned(), json!(["code"])),
            ("subject_types_supported".to_owned(), json!(["public"])),
            ("id_token_signing_alg_values_supported".to_owned(), json!([signing])),
        ])
    }

    /// Signs with a new key from now on. The ones before stay published.
    pub fn rotate(&self) {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let fresh = match keys.secret {
            // A secret has no successor that the API could know.
            Some(_) => return,
            None => generate(keys.current.algorithm()),
        };
        let before = std::mem::replace(&mut keys.current, fresh);
        keys.earlier.push(before);
    }

    /// Publishes none but the newest key any more: tokens under the earlier ones are to be refused.
    pub fn drop_old_keys(&self) {
        self.keys.write().unwrap_or_else(PoisonError::into_inner).earlier.clear();
    }

    /// Calls a token inactive from now on, for whoever asks (introspection). Whoever checks a
    /// signature only does not notice.
    pub fn revoke(&self, token: &str) {
        self.known().revoked.insert(token.to_owned());
    }

    /// Its time: what [`TestIssuer::at`] said, or the machine's clock.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        self.at.unwrap_or_else(doors::now)
    }

    pub(crate) fn name(&self) -> &str {
        self.issuer.as_str()
    }

    pub(crate) fn key(&self) -> SigningKey {
        self.read().current.clone()
    }

    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn published(&self) -> Vec<Object> {
        let keys = self.read();
        let all = std::iter::once(&keys.current).chain(keys.earlier.iter().rev());
        all.filter(|key| !key.algorithm().is_mac()).map(SigningKey::public_jwk).collect()
    }

    fn read(&self) -> RwLockReadGuard<'_, Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keys {
    fn of(current: SigningKey, secret: Option<Vec<u8>>) -> Self {
        Self { current, earlier: Vec::new(), secret }
    }
}

impl fmt::Debug for TestIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestIssuer").field("issuer", &self.name()).finish_non_exhaustive()
    }
}

fn generate(algorithm: Algorithm) -> SigningKey {
    match SigningKey::generate(algorithm) {
        Ok(key) => key,
        Err(why) => refused(&why),
    }
}

/// A test that asks for what cannot be is wrong, and should hear so at the line that asks.
#[track_caller]
#[expect(clippy::panic, reason = "documented; this crate is for tests alone")]
pub(crate) fn refused(why: &dyn fmt::Display) -> ! {
    panic!("{why}")
}

/// Where its keys stand, below its name.
pub(crate) const JWKS: &str = "/jwks";
/// Where it is asked about tokens.
pub(crate) const INTROSPECT: &str = "/introspect";
