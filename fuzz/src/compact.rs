//! Compact tokens: nobody signs but those who hold a key, whatever a token looks like.

use std::sync::LazyLock;

use countersign_jose::{Algorithm, Allowed, HeaderCache, Jws, KeySet, base64url, danger, json};

use crate::Outcome;
use crate::support::keys;

pub(crate) fn run(data: &[u8]) -> Outcome {
    let Ok(token) = std::str::from_utf8(data) else { return Outcome::Refused };
    let jws = match Jws::parse(token) {
        Ok(jws) => jws,
        Err(refused) => {
            assert!(danger::peek(token).is_err(), "a peek takes no more than the parser");
            assert!(!refused.code().is_empty() && refused.to_string().len() < LONGEST_MESSAGE);
            return Outcome::Refused;
        }
    };
    one_spelling(token, &jws);
    hints(token, &jws);
    let algorithm = jws.algorithm();
    for (keys, allowed) in SIGNERS.iter() {
        let payload = match HEADERS.parse(token).and_then(|jws| jws.verify(keys, allowed)) {
            Ok(payload) => payload,
            Err(refused) => {
                assert!(refused.to_string().len() < LONGEST_MESSAGE);
                continue;
            }
        };
        // The signing input, not the token: of an ECDSA signature (r, s) anybody makes (r, n - s).
        let signed = |good: &&&str| signing_input(good) == signing_input(token);
        let good = GOOD.iter().find(signed).expect("a token that no key has signed has passed");
        assert!(allowed.contains(algorithm), "an algorithm that is not allowed");
        assert_eq!(Some(payload.bytes()), decoded(good, 1).as_deref(), "another payload");
        assert_eq!(payload.algorithm(), algorithm);
        assert!(keys.holds(payload.signed_by()), "signed by a key of another set");
        assert_eq!(payload.object().ok(), danger::peek(token).ok());
    }
    Outcome::Accepted
}

/// What is read without a check is the same in all ways, and the quick look stays in its bounds.
fn hints(token: &str, jws: &Jws<'_>) {
    let document = danger::document(jws).map(|claims| claims.to_object());
    assert_eq!(document, danger::peek(token), "two readers, two payloads");
    for name in ["exp", "", "\""] {
        let hint = danger::number_hint(jws, name);
        assert!(hint.is_none() || decoded(token, 1).is_some(), "a number out of nothing");
    }
}

/// Whatever is read was written as anybody would write it again.
fn one_spelling(token: &str, jws: &Jws<'_>) {
    assert_eq!(token.matches('.').count(), 2);
    for part in [0, 2] {
        let bytes = decoded(token, part).expect("the parser has decoded it");
        assert_eq!(token.split('.').nth(part), Some(base64url::encode(&bytes).as_str()));
    }
    let header = decoded(token, 0).expect("the parser has decoded it");
    let header = json::object(&header).expect("the header is strict JSON");
    let named = |member: &str| header.get(member).and_then(|value| value.as_str());
    assert_eq!(named("alg"), Some(jws.algorithm().name()));
    assert_eq!((named("kid"), named("typ")), (jws.kid(), jws.typ()));
    for refused in ["crit", "b64", "zip"] {
        assert!(!header.contains_key(refused), "{refused} was read over");
    }
}

fn decoded(token: &str, part: usize) -> Option<Vec<u8>> {
    base64url::decode(token.split('.').nth(part)?).ok()
}

fn signing_input(token: &str) -> &str {
    token.rsplit_once('.').map_or("", |(signed, _)| signed)
}

/// Public keys under the asymmetric algorithms, a secret under the others; never across.
static SIGNERS: LazyLock<[(KeySet, Allowed); 3]> = LazyLock::new(|| {
    let public = [keys::ed25519(), keys::p256(), keys::rsa()].map(|key| key.public_jwk());
    let public = KeySet::from_jwks(public);
    let secret = KeySet::from_secret(keys::SECRET).expect("it has bytes");
    let macs = Allowed::new(Algorithm::MAC.iter().copied()).expect("there are some");
    [(public, Allowed::asymmetric()), (secret.clone(), macs), (secret, Allowed::asymmetric())]
});

/// The fuzzer's good tokens fill it; a forged one must not profit.
static HEADERS: LazyLock<HeaderCache> = LazyLock::new(HeaderCache::default);

/// The only tokens that were ever signed with those keys.
const GOOD: &[&str] = &[
    include_str!("../corpus/compact/good-ed25519"),
    include_str!("../corpus/compact/good-es256"),
    include_str!("../corpus/compact/good-rs256"),
    include_str!("../corpus/compact/good-ps256"),
    include_str!("../corpus/compact/good-hs256"),
];
const LONGEST_MESSAGE: usize = 400;
