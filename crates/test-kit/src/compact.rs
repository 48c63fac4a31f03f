//! The compact form, written by hand so that it can be wrong.

use std::sync::atomic::{AtomicU64, Ordering};

use countersign_jose::{Object, SigningKey, base64url, digest};
use serde_json::Value;

/// `header.payload`, which is what gets signed (RFC 7515 section 5.1).
pub(crate) fn signing_input(header: &[u8], payload: &[u8]) -> String {
    format!("{}.{}", base64url::encode(header), base64url::encode(payload))
}

/// The whole token.
pub(crate) fn with_signature(input: &str, signature: &[u8]) -> String {
    format!("{input}.{}", base64url::encode(signature))
}

/// The text of an object.
pub(crate) fn text(object: &Object) -> Vec<u8> {
    Value::Object(object.clone()).to_string().into_bytes()
}

/// Adds members behind the last one, whether or not they are there already.
pub(crate) fn append(object: &mut Vec<u8>, members: &str) {
    object.pop();
    object.extend_from_slice(members.as_bytes());
    object.push(b'}');
}

/// A `jti` that no other token has: the key was drawn by chance, and the count never goes back.
pub(crate) fn unique(key: &SigningKey) -> String {
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let seed = format!("{:?} {count}", key.public_jwk());
    let hash = digest::sha256(seed.as_bytes());
    base64url::encode(hash.split_at(16).0)
}

/// Another key of the same kind, which nobody trusts.
pub(crate) fn stranger(key: &SigningKey) -> SigningKey {
    let algorithm = key.algorithm();
    if algorithm.is_mac() {
        let secret =
            b"another secret, as long as the longest of these algorithms wants it to be: 64+";
        return SigningKey::from_secret(secret, algorithm).expect("the secret is not empty");
    }
    SigningKey::generate(algorithm).expect("only a machine without memory makes no keys")
}

static COUNT: AtomicU64 = AtomicU64::new(0);
