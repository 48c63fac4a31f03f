//! The token answer: whatever it says, the one good ID token of this login is the only one that
//! passes. A byte 1 stands for that token.

use std::sync::LazyLock;

use countersign_jose::{Allowed, KeySet, Object};
use countersign_protocol::exchange::Exchange;
use countersign_protocol::id_token::{DEFAULT_CLOCK_SKEW, IdTokenRules};
use serde_json::Value;

use crate::Outcome;
use crate::support::answer::{CLIENT, NOW, good_claims, identity, json_response, redeem};
use crate::support::keys;

pub(crate) fn run(data: &[u8]) -> Outcome {
    let body = filled(data);
    let received = match redeem().answer(json_response(&body)) {
        Ok(received) => received,
        Err(refused) => {
            assert!(!refused.entry().code.is_empty());
            assert!(refused.to_string().len() < LONGEST_MESSAGE);
            return Outcome::Refused;
        }
    };
    let answer: Value = serde_json::from_slice(&body).expect("it was read before");
    let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    assert!(answer.get("error").is_none_or(|error| !error.is_string()), "an error was read over");
    for name in ["access_token", "refresh_token", "id_token"] {
        let token = text(name);
        let seen = token.len() >= LONG && format!("{received:?}").contains(token);
        assert!(!seen, "Debug shows {name}");
    }
    let (identity, allowed) = (identity(), Allowed::asymmetric());
    let rules = IdTokenRules {
        identity: &identity,
        client_id: CLIENT,
        allowed: &allowed,
        trusted_audiences: &[],
        clock_skew: DEFAULT_CLOCK_SKEW,
    };
    let Ok(verified) = received.verify(&rules, &KEYS, NOW) else { return Outcome::Refused };
    assert_eq!(text("id_token"), *GOOD, "a forged ID token");
    let tokens = received.into_tokens(&verified);
    assert!(!tokens.access_token.expose().is_empty());
    assert_eq!(tokens.access_token.expose(), text("access_token"));
    if let Some(until) = tokens.expires_at {
        assert!(until >= NOW && until.since(NOW).as_secs() <= TEN_YEARS);
    }
    Outcome::Accepted
}

fn filled(data: &[u8]) -> Vec<u8> {
    let mut filled = Vec::with_capacity(data.len());
    for byte in data {
        match byte {
            1 => filled.extend_from_slice(GOOD.as_bytes()),
            other => filled.push(*other),
        }
    }
    filled
}

/// Ed25519 signs the same bytes in the same way each time.
static GOOD: LazyLock<String> = LazyLock::new(|| {
    let claims = Value::Object(good_claims()).to_string();
    keys::ed25519().sign(&Object::new(), claims.as_bytes()).expect("the key signs")
});

static KEYS: LazyLock<KeySet> = LazyLock::new(|| KeySet::from_jwks([keys::ed25519().public_jwk()]));

const LONG: usize = 12;
const TEN_YEARS: u64 = 315_360_000;
const LONGEST_MESSAGE: usize = 4096;
