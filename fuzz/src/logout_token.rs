//! The claims of a logout token, signed as they should be: what a provider posts, or somebody who
//! has another token of it.

use std::sync::LazyLock;

use countersign_jose::{Algorithm, Allowed, KeySet, Object};
use countersign_protocol::UnixTime;
use countersign_protocol::id_token::{DEFAULT_CLOCK_SKEW, IdTokenRules};
use countersign_protocol::logout::LogoutToken;
use countersign_protocol::value::issuer::IssuerIdentity;
use serde_json::{Value, json};

use crate::Outcome;
use crate::support::answer::{CLIENT, ISSUER, NOW, identity};
use crate::support::keys;

pub(crate) fn run(data: &[u8]) -> Outcome {
    let token = keys::secret().sign(&Object::new(), data).expect("a secret signs anything");
    let (identity, allowed) = &*PROVIDER;
    let rules = IdTokenRules {
        identity,
        client_id: CLIENT,
        allowed,
        trusted_audiences: &[],
        clock_skew: DEFAULT_CLOCK_SKEW,
    };
    let verified = LogoutToken::verify(&token, &rules, &KEYS, NOW);
    match &verified {
        Ok(token) => {
            let claims = serde_json::from_slice::<Value>(data).expect("it was read before");
            keeps_the_rules(&claims);
            let text = |name: &str| claims.get(name).and_then(Value::as_str);
            assert_eq!(token.subject(), text("sub"));
            assert_eq!(token.session_id(), text("sid"));
            assert_eq!(Some(token.id()), text("jti"));
        }
        Err(refused) => assert!(refused.to_string().len() < LONGEST_MESSAGE),
    }
    Outcome::of(verified.is_ok())
}

/// OpenID Connect Back-Channel Logout 1.0 section 2.6, written down once more.
fn keeps_the_rules(claims: &Value) {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let number = |name: &str| claims.get(name).and_then(Value::as_f64);
    assert_eq!(text("iss"), Some(ISSUER));
    let ours = json!(CLIENT);
    match claims.get("aud") {
        Some(Value::Array(many)) => {
            assert!(!many.is_empty() && many.iter().all(|one| *one == ours));
        }
        one => assert_eq!(one, Some(&ours)),
    }
    let (now, skew) = (seconds(NOW), DEFAULT_CLOCK_SKEW.as_secs_f64());
    assert!(number("exp").is_some_and(|exp| exp > now - skew - ROUNDED), "expired");
    assert!(number("iat").is_some_and(|iat| iat <= now + skew + ROUNDED), "from the future");
    assert!(text("sub").or(text("sid")).is_some_and(|name| !name.is_empty()), "about nobody");
    let event = claims.get("events").and_then(|events| events.get(EVENT));
    assert!(event.is_some_and(Value::is_object), "no logout");
    assert!(claims.get("nonce").is_none(), "an ID token");
    assert!(text("jti").is_some_and(|id| !id.is_empty()), "nothing to know it by");
}

#[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
fn seconds(time: UnixTime) -> f64 {
    time.as_secs() as f64
}

static PROVIDER: LazyLock<(IssuerIdentity, Allowed)> = LazyLock::new(|| {
    let allowed = Allowed::new([Algorithm::Hs256]).expect("it is one");
    (identity(), allowed)
});

static KEYS: LazyLock<KeySet> =
    LazyLock::new(|| KeySet::from_secret(keys::SECRET).expect("it has bytes"));

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Times are kept in milliseconds.
const ROUNDED: f64 = 0.002;
const LONGEST_MESSAGE: usize = 70_000;
