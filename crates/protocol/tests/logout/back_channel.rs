use std::time::Duration;

use countersign_protocol::id_token::IdTokenRules;
use countersign_protocol::jose::json::Object;
use countersign_protocol::jose::{Algorithm, Allowed, KeySet, SigningKey};
use countersign_protocol::logout::{LogoutToken, LogoutTokenError};
use countersign_protocol::value::issuer::IssuerIdentity;
use countersign_protocol::{IssuerTemplate, Verified};
use serde_json::{Value, json};

use crate::support::{ISSUER, KEY, NOW, issuer, key, object, secs};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// One logout token on its way, with everything a test may want to turn.
struct Way {
    identity: IssuerIdentity,
    allowed: Allowed,
    key: SigningKey,
    trusted: Vec<String>,
    typ: Option<&'static str>,
}

impl Way {
    fn new() -> Self {
        let (identity, allowed, key) = (issuer(), Allowed::asymmetric(), KEY.clone());
        Self { identity, allowed, key, trusted: Vec::new(), typ: Some("logout+jwt") }
    }

    fn typed(typ: Option<&'static str>) -> Self {
        Self { typ, ..Self::new() }
    }

    fn bring(self, claims: &Object) -> Result<Verified<LogoutToken>, LogoutTokenError> {
        let mut header = Object::new();
        if let Some(typ) = self.typ {
            header.insert("typ".into(), json!(typ));
        }
        let payload = Value::Object(claims.clone()).to_string();
        let token = self.key.sign(&header, payload.as_bytes()).unwrap();
        self.verify(&token)
    }

    fn verify(&self, token: &str) -> Result<Verified<LogoutToken>, LogoutTokenError> {
        let rules = IdTokenRules {
            identity: &self.identity,
            client_id: "web",
            allowed: &self.allowed,
            trusted_audiences: &self.trusted,
            clock_skew: Duration::from_secs(60),
        };
        LogoutToken::verify(token, &rules, &KeySet::from_jwks([KEY.public_jwk()]), NOW)
    }

    /// An honest token with these members changed.
    fn with(self, changes: Value) -> Result<Verified<LogoutToken>, LogoutTokenError> {
        let mut claims = honest();
        claims.extend(object(changes));
        self.bring(&claims)
    }

    fn without(self, member: &str) -> Result<Verified<LogoutToken>, LogoutTokenError> {
        let mut claims = honest();
        claims.remove(member).unwrap();
        self.bring(&claims)
    }
}

fn honest() -> Object {
    object(json!({
        "iss": ISSUER,
        "aud": "web",
        "sub": "alice",
        "sid": "s-1",
        "iat": NOW.as_secs(),
        "exp": NOW.as_secs() + 120,
        "jti": "j-1",
        "events": { EVENT: {} },
    }))
}

#[track_caller]
fn refused(result: Result<Verified<LogoutToken>, LogoutTokenError>, code: &str) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.entry().code, code, "{error}");
    error.to_string()
}

#[test]
fn an_honest_token_says_whose_session_is_over() {
    let token = Way::new().bring(&honest()).unwrap();
    assert_eq!(token.issuer(), ISSUER);
    assert_eq!(token.subject(), Some("alice"));
    assert_eq!(token.session_id(), Some("s-1"));
    assert_eq!(token.id(), "j-1");
    assert_eq!(token.expires_at(), secs(NOW.as_secs() + 120));
    assert_eq!(token.claims(), &honest());
    assert_eq!(Way::new().without("sid").unwrap().session_id(), None);
    assert_eq!(Way::new().without("sub").unwrap().subject(), None);
}

#[test]
fn the_type_may_be_absent_or_general() {
    for typ in [None, Some("JWT"), Some("Logout+JWT"), Some("application/logout+jwt")] {
        assert!(Way::typed(typ).bring(&honest()).is_ok(), "{typ:?}");
    }
}

#[test]
fn another_type_is_refused() {
    for typ in ["at+jwt", "dpop+jwt", "secevent+jwt", "logout", ""] {
        let message = refused(Way::typed(Some(typ)).bring(&honest()), "logout_token.kind");
        assert!(message.contains("logout+jwt"), "{message}");
    }
}

#[test]
fn an_unsigned_logout_token_is_refused() {
    use countersign_protocol::jose::base64url::encode;
    let claims = Value::Object(honest()).to_string();
    let header = encode(br#"{"alg":"none","typ":"logout+jwt"}"#);
    let token = format!("{header}.{}.", encode(claims.as_bytes()));
    refused(Way::new().verify(&token), "jws.algorithm");
}

#[test]
fn a_signature_by_another_key_is_refused() {
    let way = Way { key: key(Algorithm::Es256), ..Way::new() };
    let error = way.bring(&honest()).unwrap_err();
    assert!(error.entry().code == "jws.signature" || error.is_unknown_key(), "{error}");
}

#[test]
fn an_algorithm_that_is_not_expected_is_refused() {
    let way = Way { allowed: Allowed::new([Algorithm::Rs256]).unwrap(), ..Way::new() };
    refused(way.bring(&honest()), "jws.algorithm_not_allowed");
}

#[test]
fn another_issuer_is_refused() {
    for iss in ["https://op.example/", "https://other.example"] {
        refused(Way::new().with(json!({ "iss": iss })), "logout_token.issuer");
    }
    refused(Way::new().with(json!({ "iss": 1 })), "logout_token.claim");
    refused(Way::new().without("iss"), "logout_token.claim");
}

#[test]
fn only_listed_tenants_log_people_out() {
    let template = IssuerTemplate::new("https://op.example/{tid}", "tid", ["one", "two"]).unwrap();
    let way = || Way { identity: IssuerIdentity::Template(template.clone()), ..Way::new() };
    assert!(way().with(json!({ "iss": "https://op.example/two" })).is_ok());
    for iss in ["https://op.example/three", "https://op.example/{tid}", ISSUER] {
        refused(way().with(json!({ "iss": iss, "tid": "one" })), "logout_token.issuer");
    }
}

#[test]
fn another_audience_is_refused() {
    for aud in [json!("other"), json!(["web", "other"]), json!([])] {
        refused(Way::new().with(json!({ "aud": aud })), "logout_token.audience");
    }
    for aud in [json!(1), json!(["web", 1]), json!(null)] {
        refused(Way::new().with(json!({ "aud": aud })), "logout_token.claim");
    }
    refused(Way::new().without("aud"), "logout_token.claim");
    let trusting = Way { trusted: vec!["other".into()], ..Way::new() };
    assert!(trusting.with(json!({ "aud": ["web", "other"] })).is_ok());
}

#[test]
fn an_expired_token_is_refused() {
    let at = |by: i64| json!({ "exp": NOW.as_secs() - by, "iat": NOW.as_secs() - 200 });
    assert!(Way::new().with(at(59)).is_ok());
    refused(Way::new().with(at(60)), "logout_token.expired");
    refused(Way::new().with(json!({ "exp": "soon" })), "logout_token.claim");
    refused(Way::new().without("exp"), "logout_token.claim");
}

#[test]
fn a_token_of_the_future_is_refused() {
    assert!(Way::new().with(json!({ "iat": NOW.as_secs() + 60 })).is_ok());
    refused(Way::new().with(json!({ "iat": NOW.as_secs() + 61 })), "logout_token.time");
    refused(Way::new().with(json!({ "nbf": NOW.as_secs() + 61 })), "logout_token.time");
    refused(Way::new().without("iat"), "logout_token.claim");
}

#[test]
fn a_token_about_nobody_is_refused() {
    let mut claims = honest();
    claims.remove("sub");
    claims.remove("sid");
    refused(Way::new().bring(&claims), "logout_token.claim");
    for (name, value) in [("sub", json!("")), ("sub", json!(7)), ("sid", json!(["s-1"]))] {
        refused(Way::new().with(json!({ name: value })), "logout_token.claim");
    }
}

#[test]
fn a_token_without_the_logout_event_is_refused() {
    refused(Way::new().without("events"), "logout_token.kind");
    for events in [json!({}), json!([EVENT]), json!({ EVENT: true }), json!({ "x": {} })] {
        refused(Way::new().with(json!({ "events": events })), "logout_token.kind");
    }
}

#[test]
fn an_id_token_is_no_logout_token() {
    refused(Way::new().with(json!({ "nonce": "n-1" })), "logout_token.kind");
    refused(Way::new().with(json!({ "nonce": null })), "logout_token.kind");
}

#[test]
fn a_token_without_a_name_of_its_own_is_refused() {
    refused(Way::new().without("jti"), "logout_token.claim");
    refused(Way::new().with(json!({ "jti": "" })), "logout_token.claim");
}

#[test]
fn a_member_that_comes_twice_is_refused() {
    let claims = Value::Object(honest()).to_string();
    let twice = claims.replacen('{', r#"{"sid":"s-2","#, 1);
    let token = KEY.sign(&Object::new(), twice.as_bytes()).unwrap();
    refused(Way::new().verify(&token), "logout_token.malformed");
}
