//! Key sets: what is usable is public, of a known kind, and signs nothing by itself.

use countersign_jose::{Algorithm, Allowed, Jws, KeySet, KeyType};
use countersign_protocol::discovery::FetchKeys;
use countersign_protocol::exchange::Exchange;
use serde_json::Value;
use url::Url;

use crate::Outcome;
use crate::support::answer::json_response;

pub(crate) fn run(data: &[u8]) -> Outcome {
    let parsed = KeySet::parse(data);
    let url = Url::parse("https://op.example/jwks").expect("it is an address");
    let fetched = FetchKeys::new(url).answer(json_response(data));
    let keys = match parsed {
        Ok(keys) => keys,
        Err(refused) => {
            let large = data.len() > LARGEST;
            assert!(fetched.is_err() || large, "the fetched set is no other than the read one");
            assert!(!refused.code().is_empty());
            return Outcome::Refused;
        }
    };
    let set: Value = serde_json::from_slice(data).expect("it was read before");
    let entries = set.get("keys").and_then(Value::as_array).map_or(0, Vec::len);
    assert_eq!(keys.len() + keys.skipped().len(), entries, "a key was lost");
    assert_eq!(fetched.expect("the same text").keys.len(), keys.len());
    for key in keys.keys() {
        assert_ne!(key.kty(), KeyType::Oct, "a published secret is usable");
        assert!(key.algorithms().all(|alg| !alg.is_mac()), "a public key checks a MAC");
        assert!(key.algorithms().next().is_some(), "a key for nothing");
        if let Some(only) = key.algorithm() {
            assert!(key.algorithms().all(|alg| alg == only), "more than its alg says");
        }
        let bits = key.bits();
        assert!(key.kty() != KeyType::Rsa || (2048..=8192).contains(&bits), "{bits} bits");
        assert!(matches!(key.usage(), None | Some("sig")));
    }
    for skipped in keys.skipped() {
        assert!(skipped.reason.to_string().len() < LONGEST_MESSAGE);
    }
    for token in UNSIGNED {
        let jws = Jws::parse(token).expect("the form is good");
        let _ = keys.holds_key(jws.kid(), Algorithm::Es256);
        assert!(jws.verify(&keys, &Allowed::asymmetric()).is_err(), "nobody has signed this");
    }
    Outcome::of(!keys.is_empty())
}

const LARGEST: usize = 512 * 1024;
const LONGEST_MESSAGE: usize = 300;

/// `{"alg":"ES256"}`, `{"alg":"EdDSA"}`, `{"alg":"RS256"}`: over `{}`, signed with zeros or nothing.
const UNSIGNED: &[&str] = &[
    "eyJhbGciOiJFUzI1NiJ9.e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "eyJhbGciOiJFZERTQSJ9.e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "eyJhbGciOiJSUzI1NiJ9.e30.",
];
