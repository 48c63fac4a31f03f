//! The claims of an ID token, signed as they should be: a provider's mistakes and another
//! client's tokens.

use std::sync::LazyLock;

use countersign_jose::{Algorithm, Allowed, KeySet, Object, base64url, digest};
use countersign_protocol::exchange::Exchange;
use countersign_protocol::id_token::{DEFAULT_CLOCK_SKEW, IdToken, IdTokenRules};
use countersign_protocol::token::{ClientProof, Refresh};
use countersign_protocol::value::issuer::IssuerIdentity;
use countersign_protocol::{Secret, UnixTime, Verified};
use serde_json::{Value, json};
use url::Url;

use crate::Outcome;
use crate::support::answer::{
    CLIENT, ISSUER, NOW, client, good_claims, identity, json_response, nonce, redeem,
};
use crate::support::keys;

pub(crate) fn run(data: &[u8]) -> Outcome {
    let token = signed(data);
    let answer = json_response(answer(&token).as_bytes());
    let received = redeem().answer(answer.clone()).expect("the answer itself is good");
    let verified = received.verify(&RULES.rules(), &KEYS, NOW);
    match &verified {
        Ok(token) => {
            let claims = serde_json::from_slice::<Value>(data).expect("it was read before");
            keeps_the_rules(&claims);
            let named = |name: &str| claims.get(name).and_then(Value::as_str) == Some(&nonce());
            assert!(named("nonce"), "the token of another login");
            assert_eq!(claims.get("sub").and_then(Value::as_str), Some(token.subject()));
        }
        Err(refused) => assert!(refused.to_string().len() < LONGEST_MESSAGE),
    }

    let renewed = refresh().answer(answer).expect("the answer itself is good");
    if let Ok(Some(token)) = renewed.verify(&RULES.rules(), &BEFORE, &KEYS, NOW) {
        keeps_the_rules(&Value::Object(token.claims().clone()));
        assert_eq!(token.subject(), BEFORE.subject(), "renewed for somebody else");
        assert_eq!(token.issuer(), BEFORE.issuer());
    }
    Outcome::of(verified.is_ok())
}

/// OpenID Connect Core 1.0 section 3.1.3.7, written down once more.
fn keeps_the_rules(claims: &Value) {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let number = |name: &str| claims.get(name).and_then(Value::as_f64);
    assert_eq!(text("iss"), Some(ISSUER));
    let ours = json!(CLIENT);
    match claims.get("aud") {
        Some(Value::Array(many)) => {
            assert!(!many.is_empty() && many.iter().all(|one| *one == ours));
            assert!(many.len() == 1 || text("azp").is_some(), "several audiences, no azp");
        }
        one => assert_eq!(one, Some(&ours)),
    }
    assert!(claims.get("azp").is_none_or(|azp| *azp == ours), "another authorized party");
    let (now, skew) = (seconds(NOW), DEFAULT_CLOCK_SKEW.as_secs_f64());
    assert!(number("exp").is_some_and(|exp| exp > now - skew - ROUNDED), "expired");
    assert!(number("iat").is_some_and(|iat| iat <= now + skew + ROUNDED), "from the future");
    if claims.get("nbf").is_some() {
        assert!(number("nbf").is_some_and(|nbf| nbf <= now + skew + ROUNDED), "not yet good");
    }
    let sub = text("sub").unwrap_or_default();
    assert!((1..=255).contains(&sub.len()) && sub.is_ascii());
    if let Some(hash) = claims.get("at_hash") {
        let digest = digest::sha256(ACCESS_TOKEN.as_bytes());
        let half = digest.get(..16).map(base64url::encode);
        assert_eq!(hash.as_str(), half.as_deref(), "the hash of another access token");
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
fn seconds(time: UnixTime) -> f64 {
    time.as_secs() as f64
}

fn signed(claims: &[u8]) -> String {
    keys::secret().sign(&Object::new(), claims).expect("a secret signs anything")
}

fn answer(id_token: &str) -> String {
    let answer = json!({
        "access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": id_token,
    });
    answer.to_string()
}

fn refresh() -> Refresh {
    let endpoint = Url::parse("https://op.example/token").expect("it is an address");
    let proof = ClientProof::new(NOW, [5; 16], ISSUER);
    let token = Secret::from("refresh");
    Refresh::new(&token, "openid", &endpoint, &client(), NOW, proof).expect("no key is needed")
}

struct Rules {
    identity: IssuerIdentity,
    allowed: Allowed,
}

impl Rules {
    fn rules(&self) -> IdTokenRules<'_> {
        IdTokenRules {
            identity: &self.identity,
            client_id: CLIENT,
            allowed: &self.allowed,
            trusted_audiences: &[],
            clock_skew: DEFAULT_CLOCK_SKEW,
        }
    }
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let allowed = Allowed::new([Algorithm::Hs256]).expect("it is one");
    Rules { identity: identity(), allowed }
});

static KEYS: LazyLock<KeySet> =
    LazyLock::new(|| KeySet::from_secret(keys::SECRET).expect("it has bytes"));

/// The ID token of the login that is renewed.
static BEFORE: LazyLock<Verified<IdToken>> = LazyLock::new(|| {
    let token = signed(Value::Object(good_claims()).to_string().as_bytes());
    let received = redeem().answer(json_response(answer(&token).as_bytes()));
    let received = received.expect("the answer is good");
    received.verify(&RULES.rules(), &KEYS, NOW).expect("the token is good")
});

const ACCESS_TOKEN: &str = "access-token-of-the-fuzz-targets";
/// Times are kept in milliseconds.
const ROUNDED: f64 = 0.002;
const LONGEST_MESSAGE: usize = 70_000;
