//! Signed bytes in, checked bytes out.
//!
//! This crate reads compact JSON Web Signatures (RFC 7515), the key sets that check them (RFC 7517)
//! and the JSON inside. A token goes one way through it:
//!
//! ```text
//! &str ─Jws::parse→ Jws ─verify(&KeySet, &Allowed)→ Payload ─object→ Object, or ─document→ Document
//! ```
//!
//! Nothing of a [`Jws`] can be read but its header; the payload comes out of [`Jws::verify`] alone,
//! as a [`Payload`] that nobody else can make. Reading without a check is found by searching for
//! [`danger`].
//!
//! ```
//! use countersign_jose::{Algorithm, Allowed, Jws, KeySet, Object, SigningKey};
//!
//! let key = SigningKey::generate(Algorithm::Es256)?;
//! let token = key.sign(&Object::new(), br#"{"sub":"alice"}"#)?;
//!
//! let keys = KeySet::from_jwks([key.public_jwk()]);
//! let payload = Jws::parse(&token)?.verify(&keys, &Allowed::asymmetric())?;
//! assert_eq!(payload.object()?["sub"], "alice");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | Module or type | What it holds |
//! | --- | --- |
//! | [`Jws`], [`Payload`], [`SignatureError`] | one token, before and after its check |
//! | [`KeySet`], [`Key`], [`KeyError`] | a provider's public keys, or a client secret |
//! | [`HeaderCache`] | what makes the check of many tokens faster |
//! | [`proof`] | tokens that prove the possession of a key |
//! | [`Algorithm`], [`Allowed`] | what may sign |
//! | [`SigningKey`], [`thumbprint`] | the other direction |
//! | [`json`], [`base64url`], [`digest`] | the readers and digests that everything shares |
//! | [`SealingKey`], [`constant_time_eq`] | cookies and comparisons |

mod algorithm;
mod backend;
pub mod base64url;
mod compact;
mod constant_time;
pub mod danger;
pub mod digest;
mod error;
mod header;
mod header_cache;
pub mod json;
mod key;
mod keyset;
mod pem;
pub mod proof;
mod seal;
mod sign;
mod verify;

pub use algorithm::{Algorithm, Allowed, AllowedError, UnknownAlgorithm};
pub use compact::Jws;
pub use constant_time::constant_time_eq;
pub use error::{Problem, SignatureError, SigningError};
pub use header_cache::HeaderCache;
pub use json::{JsonError, Object};
pub use key::{Key, KeyError, KeyPrint, KeyType, SkipReason, thumbprint::thumbprint};
pub use keyset::{KeySet, KeySetError, Skipped};
pub use seal::SealingKey;
pub use sign::SigningKey;
pub use verify::Payload;
