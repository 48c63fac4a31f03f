//! What several files need: vectors, keys, tokens that no honest signer writes.

use countersign_jose::{
    Algorithm, Allowed, Jws, KeySet, Object, Payload, SignatureError, SigningKey, base64url, json,
};
use serde_json::Value;

pub(crate) fn vectors(file: &str) -> Value {
    let path = format!("{}/tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    json::value(&std::fs::read(path).unwrap()).unwrap()
}

pub(crate) fn text(file: &str) -> String {
    let path = format!("{}/tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

pub(crate) fn object(text: &str) -> Object {
    json::object(text.as_bytes()).unwrap()
}

/// One of the private keys that another implementation made.
pub(crate) fn foreign(kid: &str) -> Object {
    vectors("foreign.json")["keys"][kid].as_object().unwrap().clone()
}

/// The public half of such a key.
pub(crate) fn public(kid: &str) -> Object {
    let mut jwk = foreign(kid);
    for private in ["d", "p", "q", "dp", "dq", "qi"] {
        jwk.remove(private);
    }
    jwk
}

pub(crate) fn signer(kid: &str) -> SigningKey {
    SigningKey::from_jwk(&foreign(kid)).unwrap()
}

pub(crate) fn set(jwks: impl IntoIterator<Item = Object>) -> KeySet {
    let keys = KeySet::from_jwks(jwks);
    assert_eq!(keys.skipped(), []);
    keys
}

pub(crate) fn with(mut jwk: Object, member: &str, value: impl Into<Value>) -> Object {
    jwk.insert(member.to_owned(), value.into());
    jwk
}

pub(crate) fn without(mut jwk: Object, member: &str) -> Object {
    jwk.remove(member).unwrap();
    jwk
}

/// Signs whatever header is given, as it is.
pub(crate) fn raw(key: &SigningKey, header: &str, payload: &[u8]) -> String {
    let input = format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(payload));
    let signature = base64url::encode(&key.sign_bytes(input.as_bytes()));
    format!("{input}.{signature}")
}

pub(crate) fn verify(token: &str, keys: &KeySet) -> Result<Payload, SignatureError> {
    Jws::parse(token)?.verify(keys, &Allowed::asymmetric())
}

pub(crate) fn macs() -> Allowed {
    Allowed::new(Algorithm::MAC.iter().copied()).unwrap()
}

pub(crate) fn thumb(kid: &str) -> String {
    countersign_jose::thumbprint(&public(kid)).unwrap()
}
