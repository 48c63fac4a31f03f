//! The claims of a proof of possession, signed as they should be: another request's proof, and
//! whatever a client can think of.

use std::sync::LazyLock;

use countersign_jose::{Object, base64url, digest, thumbprint};
use countersign_protocol::bearer::dpop::{DEFAULT_MAX_AGE, DpopRules, UncheckedProof};
use countersign_protocol::error::CODES;
use serde_json::{Value, json};
use url::Url;

use crate::Outcome;
use crate::support::answer::NOW;
use crate::support::keys;

pub(crate) fn run(data: &[u8]) -> Outcome {
    // As a header, unsigned: read or refused, but never taken for a proof.
    let rules = DpopRules::new(METHOD, &ADDRESS, TOKEN, &JKT);
    if let Ok(unsigned) = UncheckedProof::from_bytes(data) {
        assert!(unsigned.verify(&rules, NOW).is_err(), "nobody has signed this");
    }
    let proof = keys::ed25519().sign(&HEADER, data).expect("a key signs anything");
    let Ok(proof) = UncheckedProof::from_bytes(proof.as_bytes()) else { return Outcome::Refused };
    let proof = match proof.verify(&rules, NOW) {
        Ok(proof) => proof,
        Err(refused) => {
            assert!(CODES.contains(&refused.entry()) && !refused.wants_nonce());
            assert!(refused.to_string().len() < LONGEST_MESSAGE);
            return Outcome::Refused;
        }
    };
    let claims: Value = serde_json::from_slice(data).expect("it was read before");
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    assert_eq!(text("htm"), METHOD, "the proof of another method");
    same_address(&Url::parse(text("htu")).expect("an address"));
    assert_eq!(text("ath"), base64url::encode(&digest::sha256(TOKEN.as_bytes())));
    assert_eq!(text("jti"), proof.jti());
    assert!((1..=256).contains(&proof.jti().len()));
    assert!(proof.issued_at() <= NOW + DEFAULT_MAX_AGE, "a proof from the future");
    assert!(proof.usable_until() >= NOW, "a proof from the past");
    Outcome::Accepted
}

/// Scheme, host, port and the segments of the path, each decoded by itself.
fn same_address(htu: &Url) {
    let parts = |url: &Url| {
        let segments = url.path().split('/').map(decoded).collect::<Vec<_>>();
        (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port(), segments)
    };
    assert_eq!(parts(htu), parts(&ADDRESS), "the proof of another address");
    assert!(htu.username().is_empty() && htu.password().is_none());
}

fn decoded(segment: &str) -> Vec<u8> {
    // As a form's value, where a plus sign would be a blank, so there is none left.
    let query = format!("x={}", segment.replace('+', "%2B").replace('&', "%26"));
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.next().map(|(_, value)| value.into_owned().into_bytes()).unwrap_or_default()
}

static ADDRESS: LazyLock<Url> = LazyLock::new(|| {
    Url::parse("https://api.example/a%2Fb/n%C3%B6tes?page=1").expect("it is an address")
});

static JKT: LazyLock<String> =
    LazyLock::new(|| thumbprint(&keys::ed25519().public_jwk()).expect("it is a key"));

static HEADER: LazyLock<Object> = LazyLock::new(|| {
    let header = json!({ "typ": "dpop+jwt", "jwk": keys::ed25519().public_jwk() });
    header.as_object().cloned().expect("it is an object")
});

const METHOD: &str = "POST";
const TOKEN: &str = "access-token-of-the-fuzz-targets";
const LONGEST_MESSAGE: usize = 4000;
