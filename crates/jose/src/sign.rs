//! Signing: `private_key_jwt` (OpenID Connect Core §9), DPoP proofs, and providers.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::algorithm::Algorithm;
use crate::backend::Signer;
use crate::base64url;
use crate::error::SigningError;
use crate::json::Object;
use crate::key::private;
use crate::key::thumbprint::thumbprint;
use crate::pem;

/// A private key, or a shared secret, with the algorithm it signs with and the name it goes by.
/// Clones share the key.
///
/// ```
/// use countersign_jose::{Algorithm, Allowed, Jws, KeySet, Object, SigningKey};
///
/// let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-01");
/// let mut header = Object::new();
/// header.insert("typ".into(), "at+jwt".into());
/// let token = key.sign(&header, br#"{"sub":"alice"}"#)?;
///
/// let keys = KeySet::from_jwks([key.public_jwk()]);
/// let payload = Jws::parse(&token)?.verify(&keys, &Allowed::asymmetric())?;
/// assert!(payload.typ_is("at+jwt"));
/// assert_eq!(payload.kid(), Some("2026-01"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SigningKey {
    signer: Arc<Signer>,
    algorithm: Algorithm,
    kid: Option<String>,
}

impl SigningKey {
    /// A new key pair: RSA of 2048 bits, the curve that the ES algorithm names, or Ed25519. The
    /// crypto library draws it from the operating system.
    ///
    /// # Errors
    ///
    /// A MAC, whose secret comes from settings, or a failing library.
    pub fn generate(algorithm: Algorithm) -> Result<Self, SigningError> {
        if algorithm.is_mac() {
            return Err(SigningError::AlgorithmMismatch { alg: algorithm });
        }
        let signer = Signer::generate(algorithm).ok_or(SigningError::Library)?;
        Ok(Self::named_by_itself(signer, algorithm))
    }

    /// Reads a private key in PEM: PKCS#8 (`PRIVATE KEY`), PKCS#1 (`RSA PRIVATE KEY`) or SEC1
    /// (`EC PRIVATE KEY`). Other blocks before it are passed over.
    ///
    /// The algorithm follows from the key; RSA keys get RS256, see [`SigningKey::with_algorithm`].
    ///
    /// # Errors
    ///
    /// No private key, one protected by a password, or one that the crypto library refuses.
    pub fn from_pem(pem: &str) -> Result<Self, SigningError> {
        let signer = pem::private_key(pem)?;
        let algorithm = signer.natural_algorithm();
        Ok(Self::named_by_itself(signer, algorithm))
    }

    /// Reads a private JWK (RFC 7517). Its `alg` and `kid` are kept; without them, the algorithm
    /// follows from the key (RS256, HS256 for secrets) and the name is the thumbprint.
    ///
    /// # Errors
    ///
    /// Missing or inconsistent numbers, `use` other than `sig`, `alg` that does not fit. RSA keys
    /// need `p`, `q`, `dp`, `dq` and `qi`.
    pub fn from_jwk(jwk: &Object) -> Result<Self, SigningError> {
        let (signer, algorithm, kid) = private::read(jwk)?;
        let key = Self::named_by_itself(signer, algorithm).with_algorithm(algorithm)?;
        Ok(match kid {
            Some(kid) => key.with_kid(kid),
            None => key,
        })
    }

    /// A shared secret, for `client_secret_jwt` (OpenID Connect Core §9). It goes by no name, as
    /// a thumbprint would help to guess a weak one.
    ///
    /// # Errors
    ///
    /// An empty secret, or an algorithm that is no MAC.
    pub fn from_secret(secret: &[u8], algorithm: Algorithm) -> Result<Self, SigningError> {
        if secret.is_empty() {
            return Err(SigningError::EmptySecret);
        }
        Self::named_by_itself(Signer::mac(secret), Algorithm::Hs256).with_algorithm(algorithm)
    }

    /// The same key with another algorithm, which must fit: RSA keys sign with RS and PS, 256 to
    /// 512, and secrets with HS256 to HS512.
    ///
    /// # Errors
    ///
    /// An algorithm of another type of key or curve.
    pub fn with_algorithm(self, algorithm: Algorithm) -> Result<Self, SigningError> {
        if !self.signer.fits(algorithm) {
            return Err(SigningError::AlgorithmMismatch { alg: algorithm });
        }
        Ok(Self { algorithm, ..self })
    }

    /// The same key under another name.
    #[must_use]
    pub fn with_kid(self, kid: impl Into<String>) -> Self {
        Self { kid: Some(kid.into()), ..self }
    }

    /// The same key without a name: neither tokens nor the public JWK say which key it was.
    #[must_use]
    pub fn without_kid(self) -> Self {
        Self { kid: None, ..self }
    }

    /// What it signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key's name: its thumbprint (RFC 7638) unless another was set. Secrets have none.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The public half as a JWK, with `alg`, `use` and, if it has a name, `kid`. Of a shared secret
    /// there is no public half; what comes out then has no `k`.
    #[must_use]
    pub fn public_jwk(&self) -> Object {
        let mut jwk = self.signer.public_members();
        jwk.insert("alg".to_owned(), self.algorithm.name().into());
        jwk.insert("use".to_owned(), "sig".into());
        if let Some(kid) = self.kid() {
            jwk.insert("kid".to_owned(), kid.into());
        }
        jwk
    }

    /// Signs a payload as a compact JWS. The header gets `alg` and `kid` from the key and whatever
    /// else is given, such as `typ` or the `jwk` of a DPoP proof.
    ///
    /// # Errors
    ///
    /// A header that sets `alg`, `kid`, `crit` or `b64` itself, or a failing library.
    pub fn sign(&self, header: &Object, payload: &[u8]) -> Result<String, SigningError> {
        if let Some(member) = RESERVED.into_iter().find(|name| header.contains_key(*name)) {
            return Err(SigningError::ReservedMember { member });
        }
        let mut header = header.clone();
        header.insert("alg".to_owned(), self.algorithm.name().into());
        if let Some(kid) = self.kid() {
            header.insert("kid".to_owned(), kid.into());
        }
        let mut token = base64url::encode(Value::Object(header).to_string().as_bytes());
        token.push('.');
        token.push_str(&base64url::encode(payload));
        let signature = self.try_sign_bytes(token.as_bytes())?;
        token.push('.');
        token.push_str(&base64url::encode(&signature));
        Ok(token)
    }

    /// The bare signature over some bytes, for tokens that [`SigningKey::sign`] would not write.
    ///
    /// # Panics
    ///
    /// If the crypto library fails, which takes a system without memory.
    #[must_use]
    pub fn sign_bytes(&self, signing_input: &[u8]) -> Vec<u8> {
        self.try_sign_bytes(signing_input).expect("the algorithm fits, as every constructor checks")
    }

    fn try_sign_bytes(&self, signing_input: &[u8]) -> Result<Vec<u8>, SigningError> {
        self.signer.sign(self.algorithm, signing_input).ok_or(SigningError::Library)
    }

    fn named_by_itself(signer: Signer, algorithm: Algorithm) -> Self {
        // A secret has no public members, hence no thumbprint, hence no name.
        let kid = thumbprint(&signer.public_members()).ok();
        Self { signer: Arc::new(signer), algorithm, kid }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

const RESERVED: [&str; 4] = ["alg", "kid", "crit", "b64"];
