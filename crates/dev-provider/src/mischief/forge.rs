//! Writes ID tokens, honest ones and forged ones.

use std::sync::Arc;

use countersign_jose::json::Object;
use countersign_jose::{Algorithm, SigningError, SigningKey, base64url};
use serde_json::{Value, json};

use super::{Part, Signature, Steps, Text, der, weak};
use crate::keys;
use crate::provider::Inner;

/// Writes one ID token.
pub(crate) struct Forge<'a> {
    pub(crate) provider: &'a Inner,
    /// The key that an honest token would be signed with.
    pub(crate) key: &'a Arc<SigningKey>,
    pub(crate) steps: &'a Steps,
    pub(crate) now: i64,
}

/// What the signature is made with.
enum Hand {
    Key(Arc<SigningKey>),
    Weak,
    Nobody,
}

impl Forge<'_> {
    /// The token in compact form.
    pub(crate) fn token(&self, claims: &Object) -> Result<String, SigningError> {
        let signature = self.steps.signature();
        let (hand, mut header) = match signature {
            None => (Hand::Key(Arc::clone(self.key)), keys::header(self.key, "JWT")),
            Some(signature) => self.bent(signature)?,
        };
        self.steps.bend_object(Part::Header, &mut header, self.now);
        let input = self.input(&header, claims);
        let mut bytes = match hand {
            Hand::Key(key) => key.sign_bytes(input.as_bytes()),
            Hand::Weak => weak::sign(input.as_bytes()),
            Hand::Nobody => Vec::new(),
        };
        match signature {
            Some(Signature::Empty) => bytes.clear(),
            Some(Signature::Zero) => bytes.fill(0),
            Some(Signature::Der) => bytes = der::ecdsa(&bytes),
            Some(Signature::Damaged) => {
                if let Some(first) = bytes.first_mut() {
                    *first ^= 0x01;
                }
            }
            _ => {}
        }
        Ok(format!("{input}.{}", base64url::encode(&bytes)))
    }

    /// Who signs, and under which header.
    fn bent(&self, signature: Signature) -> Result<(Hand, Object), SigningError> {
        let honest = keys::header(self.key, "JWT");
        let same_key = Hand::Key(Arc::clone(self.key));
        let with = |name: &str, value: Value| {
            let mut header = honest.clone();
            header.insert(name.to_owned(), value);
            header
        };
        Ok(match signature {
            Signature::Empty | Signature::Damaged => (same_key, honest),
            Signature::None => (Hand::Nobody, with("alg", json!("none"))),
            Signature::Zero | Signature::Der => self.published(Algorithm::Es256),
            Signature::ForeignAlgorithm => {
                let mut others = self.provider.keys.algorithms().iter().copied();
                let other = others.find(|algorithm| *algorithm != self.key.algorithm());
                let other = other.unwrap_or(self.key.algorithm());
                self.published(other)
            }
            Signature::Unpublished => (Hand::Key(self.foreign()?), honest),
            Signature::UnknownKey => {
                let key = self.foreign()?;
                let header = keys::header(&key, "JWT");
                (Hand::Key(key), header)
            }
            Signature::EmbeddedJwk => {
                let key = self.foreign()?;
                let header = with("jwk", Value::Object(key.public_jwk()));
                (Hand::Key(key), header)
            }
            Signature::EmbeddedJku => {
                (Hand::Key(self.foreign()?), with("jku", json!(self.elsewhere())))
            }
            Signature::EmbeddedX5u => {
                (Hand::Key(self.foreign()?), with("x5u", json!(self.elsewhere())))
            }
            Signature::Weak => {
                let mut header = with("alg", json!("RS256"));
                header.insert("kid".to_owned(), json!(weak::WEAK_KID));
                (Hand::Weak, header)
            }
            Signature::MacUnderPem => self.mac(der::pem(&self.public()).as_bytes())?,
            Signature::MacUnderDer => self.mac(&der::public_key(&self.public()))?,
            Signature::MacUnderJwk => {
                self.mac(Value::Object(self.public()).to_string().as_bytes())?
            }
            Signature::MacUnderModulus => {
                let public = self.public();
                let number = public.get("n").or(public.get("x")).and_then(Value::as_str);
                self.mac(number.unwrap_or_default().as_bytes())?
            }
        })
    }

    /// A published key of this algorithm, or the client's own if the provider has none.
    fn published(&self, algorithm: Algorithm) -> (Hand, Object) {
        let key = self.provider.keys.signing(algorithm).unwrap_or_else(|| Arc::clone(self.key));
        let header = keys::header(&key, "JWT");
        (Hand::Key(key), header)
    }

    /// A key that no key set shows, of the kind that the client reads.
    fn foreign(&self) -> Result<Arc<SigningKey>, SigningError> {
        let algorithm = self.key.algorithm();
        let algorithm = if algorithm.is_mac() { Algorithm::Rs256 } else { algorithm };
        self.provider.keys.foreign(algorithm)
    }

    /// HS256 under bytes that everybody knows.
    fn mac(&self, bytes: &[u8]) -> Result<(Hand, Object), SigningError> {
        let mut header = keys::header(self.key, "JWT");
        header.insert("alg".to_owned(), json!("HS256"));
        let key = SigningKey::from_secret(bytes, Algorithm::Hs256)?;
        Ok((Hand::Key(Arc::new(key)), header))
    }

    fn public(&self) -> Object {
        self.key.public_jwk()
    }

    fn elsewhere(&self) -> String {
        format!("{}/dev/unpublished-keys", self.provider.settings.issuer.trim_end_matches('/'))
    }

    /// The text that is signed.
    fn input(&self, header: &Object, claims: &Object) -> String {
        let mut header = json!(header).to_string().into_bytes();
        let mut payload = json!(claims).to_string().into_bytes();
        let mut tail = "";
        match self.steps.text() {
            None => {}
            Some(Text::DuplicateClaim) => append(&mut payload, b",\"sub\":\"impostor\"}"),
            Some(Text::DuplicateHeader) => append(&mut header, b",\"alg\":\"none\"}"),
            Some(Text::DeepNesting) => {
                let deep = format!(",\"deep\":{}{}}}", "[".repeat(DEEP), "]".repeat(DEEP));
                append(&mut payload, deep.as_bytes());
            }
            Some(Text::Megabytes) => {
                append(&mut payload, format!(",\"big\":\"{}\"}}", "x".repeat(LARGE)).as_bytes());
            }
            Some(Text::BadUtf8) => append(&mut payload, b",\"bad\":\"\xff\xfe\"}"),
            Some(Text::BadBase64) => tail = "+=",
        }
        format!("{}.{}{tail}", base64url::encode(&header), base64url::encode(&payload))
    }
}

/// Replaces the closing brace.
fn append(object: &mut Vec<u8>, members: &[u8]) {
    object.pop();
    object.extend_from_slice(members);
}

const DEEP: usize = 10_000;
const LARGE: usize = 2 * 1024 * 1024;
