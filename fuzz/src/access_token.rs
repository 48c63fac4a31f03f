//! The claims of an access token, signed as they should be: tokens of other issuers and for other
//! APIs, tokens of another kind, and a provider's mistakes.

use std::sync::LazyLock;

use countersign_jose::{Algorithm, Allowed, Jws, KeySet, Object};
use countersign_protocol::access_token::{AccessToken, AccessTokenRules, AudienceRule, Profile};
use countersign_protocol::bearer::{Requirement, Roles};
use countersign_protocol::error::CODES;
use countersign_protocol::id_token::DEFAULT_CLOCK_SKEW;
use countersign_protocol::value::issuer::IssuerIdentity;
use serde_json::{Value, json};

use crate::Outcome;
use crate::support::answer::{ISSUER, NOW, identity};
use crate::support::keys;

pub(crate) fn run(data: &[u8]) -> Outcome {
    let token = keys::secret().sign(&Object::new(), data).expect("a secret signs anything");
    let token = Jws::parse(&token).expect("it was just signed");
    let token = match RULES.rules().verify(token, &KEYS, NOW) {
        Ok((token, _)) => token,
        Err(refused) => {
            assert!(CODES.contains(&refused.entry()));
            assert!(refused.to_string().len() < LONGEST_MESSAGE);
            return Outcome::Refused;
        }
    };
    let claims: Value = serde_json::from_slice(data).expect("it was read before");
    keeps_the_rules(&claims);
    assert_eq!(Value::Object(token.claims().clone()), claims, "two readers, two tokens");
    requires(&token, &claims);
    Outcome::Accepted
}

/// RFC 9068 section 4, written down once more, but for what only its own profile demands.
fn keeps_the_rules(claims: &Value) {
    assert_eq!(claims.get("iss"), Some(&json!(ISSUER)));
    let ours = json!(API);
    match claims.get("aud") {
        Some(Value::Array(many)) => assert!(many.contains(&ours), "for another API"),
        one => assert_eq!(one, Some(&ours), "for another API"),
    }
    let number = |name: &str| claims.get(name).and_then(Value::as_f64);
    let (now, skew) = (1_800_000_000.0, DEFAULT_CLOCK_SKEW.as_secs_f64());
    assert!(number("exp").is_some_and(|exp| exp > now - skew - ROUNDED), "expired");
    for name in ["iat", "nbf"].iter().filter(|name| claims.get(name).is_some()) {
        assert!(number(name).is_some_and(|at| at <= now + skew + ROUNDED), "{name} lies ahead");
    }
    let named = claims.get("typ").and_then(Value::as_str);
    assert!(
        !matches!(named, Some("ID" | "Refresh" | "Offline" | "Logout")),
        "a token of another kind"
    );
}

/// What is asked of it is asked of the claims as everybody reads them.
fn requires(token: &AccessToken, claims: &Value) {
    let words = |name: &str| match claims.get(name) {
        Some(Value::String(text)) => text.split(' ').map(str::to_owned).collect::<Vec<_>>(),
        Some(Value::Array(many)) => {
            let texts = many.iter().filter_map(Value::as_str);
            texts.flat_map(|text| text.split(' ')).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    };
    let has_scope = ["scope", "scp"].iter().any(|name| words(name).iter().any(|one| one == SCOPE));
    let met = |requirement: Requirement| {
        requirement.met_by(token, &ROLES, DEFAULT_CLOCK_SKEW, NOW).is_ok()
    };
    assert_eq!(met(Requirement::new().scope(SCOPE)), has_scope, "a scope out of nowhere");
    let role = claims.pointer("/realm_access/roles");
    let listed = role.and_then(Value::as_array).is_some_and(|all| all.contains(&json!(ROLE)));
    let has_role = listed || role == Some(&json!(ROLE));
    // Something else than strings in the list is refused as a whole.
    assert!(has_role || !met(Requirement::new().role(ROLE)), "a role out of nowhere");
}

struct Rules {
    identity: IssuerIdentity,
    allowed: Allowed,
    audiences: [String; 1],
}

impl Rules {
    fn rules(&self) -> AccessTokenRules<'_> {
        AccessTokenRules {
            audience: AudienceRule::Ours,
            needs_kid: false,
            identity: &self.identity,
            audiences: &self.audiences,
            clients: &[],
            allowed: &self.allowed,
            profile: Profile::Any,
            clock_skew: DEFAULT_CLOCK_SKEW,
        }
    }
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let allowed = Allowed::new([Algorithm::Hs256]).expect("it is one");
    Rules { identity: identity(), allowed, audiences: [API.to_owned()] }
});

static KEYS: LazyLock<KeySet> =
    LazyLock::new(|| KeySet::from_secret(keys::SECRET).expect("it has bytes"));

static ROLES: LazyLock<Roles> = LazyLock::new(Roles::keycloak_realm);

const API: &str = "notes-api";
const SCOPE: &str = "notes:read";
const ROLE: &str = "editor";
/// Times are kept in milliseconds.
const ROUNDED: f64 = 0.002;
const LONGEST_MESSAGE: usize = 70_000;
