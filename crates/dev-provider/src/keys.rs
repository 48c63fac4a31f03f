//! The provider's signing keys, their rotation, and compact tokens under them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use countersign_jose::json::Object;
use countersign_jose::{Algorithm, KeySet, SigningError, SigningKey, base64url};
use serde_json::{Value, json};

/// The keys in use. A rotation keeps the generation before published, as careful providers do, so
/// that tokens on their way still verify; the rotation after that drops it.
pub(crate) struct Keys {
    algorithms: Vec<Algorithm>,
    generations: Mutex<Generations>,
}

struct Generations {
    current: HashMap<Algorithm, Arc<SigningKey>>,
    previous: HashMap<Algorithm, Arc<SigningKey>>,
    /// Keys that are never published, made when a misbehaviour needs one.
    foreign: HashMap<Algorithm, Arc<SigningKey>>,
}

impl Keys {
    /// Makes a key of each kind that these algorithms need; RSA algorithms share one.
    pub(crate) fn generate(algorithms: &[Algorithm]) -> Result<Self, SigningError> {
        let current = generation(algorithms)?;
        let generations =
            Generations { current, previous: HashMap::new(), foreign: HashMap::new() };
        Ok(Self { algorithms: algorithms.to_vec(), generations: Mutex::new(generations) })
    }

    /// Makes new keys and signs with them from now on.
    pub(crate) fn rotate(&self) -> Result<(), SigningError> {
        let fresh = generation(&self.algorithms)?;
        let mut generations = self.locked();
        generations.previous = std::mem::replace(&mut generations.current, fresh);
        Ok(())
    }

    /// The key that signs under this algorithm now.
    pub(crate) fn signing(&self, algorithm: Algorithm) -> Option<Arc<SigningKey>> {
        self.locked().current.get(&algorithm).cloned()
    }

    /// A key of the same kind that no key set shows.
    pub(crate) fn foreign(&self, algorithm: Algorithm) -> Result<Arc<SigningKey>, SigningError> {
        let mut generations = self.locked();
        if let Some(key) = generations.foreign.get(&algorithm) {
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(SigningKey::generate(algorithm)?);
        generations.foreign.insert(algorithm, Arc::clone(&key));
        Ok(key)
    }

    /// The public keys: the current ones first.
    pub(crate) fn published(&self) -> Vec<Object> {
        let generations = self.locked();
        let mut shown: Vec<Object> = Vec::new();
        for keys in [&generations.current, &generations.previous] {
            for algorithm in &self.algorithms {
                let Some(key) = keys.get(algorithm) else { continue };
                let mut jwk = key.public_jwk();
                if jwk.get("kty") == Some(&json!("RSA")) {
                    // One RSA key serves RS256 to PS512.
                    jwk.remove("alg");
                }
                if !shown.iter().any(|known| known.get("kid") == jwk.get("kid")) {
                    shown.push(jwk);
                }
            }
        }
        shown
    }

    /// The public keys, to check what comes back (hints, own tokens).
    pub(crate) fn key_set(&self) -> KeySet {
        let document = json!({ "keys": self.published() }).to_string();
        KeySet::parse(document.as_bytes()).unwrap_or_else(|_| KeySet::empty())
    }

    /// The algorithms that sign here.
    pub(crate) fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Generations> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Signs the payload; the header gets `alg`, `kid` and `typ`.
pub(crate) fn compact(key: &SigningKey, typ: &str, payload: &Object) -> String {
    let header = header(key, typ);
    let input = signing_input(&Value::Object(header).to_string(), &json!(payload).to_string());
    let signature = key.sign_bytes(input.as_bytes());
    format!("{input}.{}", base64url::encode(&signature))
}

/// The header that a token under this key starts with.
pub(crate) fn header(key: &SigningKey, typ: &str) -> Object {
    let mut header = Object::new();
    header.insert("alg".to_owned(), json!(key.algorithm().name()));
    if let Some(kid) = key.kid().filter(|_| !key.algorithm().is_mac()) {
        header.insert("kid".to_owned(), json!(kid));
    }
    header.insert("typ".to_owned(), json!(typ));
    header
}

/// What is signed (RFC 7515 section 5.1).
pub(crate) fn signing_input(header: &str, payload: &str) -> String {
    format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(payload.as_bytes()))
}

fn generation(
    algorithms: &[Algorithm],
) -> Result<HashMap<Algorithm, Arc<SigningKey>>, SigningError> {
    let mut keys = HashMap::new();
    let mut rsa: Option<SigningKey> = None;
    for algorithm in algorithms.iter().copied().filter(|algorithm| !algorithm.is_mac()) {
        let key = if is_rsa(algorithm) {
            let base = match rsa.take() {
                Some(base) => base,
                None => SigningKey::generate(algorithm)?,
            };
            let key = base.clone().with_algorithm(algorithm)?;
            rsa = Some(base);
            key
        } else {
            SigningKey::generate(algorithm)?
        };
        keys.insert(algorithm, Arc::new(key));
    }
    Ok(keys)
}

fn is_rsa(algorithm: Algorithm) -> bool {
    algorithm.name().starts_with("RS") || algorithm.name().starts_with("PS")
}
