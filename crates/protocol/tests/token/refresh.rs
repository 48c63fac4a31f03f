use std::time::Duration;

use countersign_protocol::danger::kept_renewed_identity;
use countersign_protocol::id_token::{IdToken, IdTokenError, IdTokenRules};
use countersign_protocol::jose::json::Object;
use countersign_protocol::jose::{Algorithm, Allowed, KeySet};
use countersign_protocol::token::{Refresh, Refreshed, TokenError};
use countersign_protocol::{Client, Exchange, Response, Verified};
use serde_json::{Value, json};

use crate::support::{
    ISSUER, KEY, NOW, Scene, answer, issuer, key, nonce, object, pairs, proof, secret, secs, url,
    value_of,
};

fn refresh() -> Refresh {
    let endpoint = url("https://op.example/token");
    let client = Client::public("web");
    Refresh::new(&secret("rt-1"), "openid email", &endpoint, &client, NOW, proof()).unwrap()
}

fn judged(response: Response) -> Result<Refreshed, TokenError> {
    refresh().answer(response)
}

fn before() -> Verified<IdToken> {
    Scene::new().with(json!({"auth_time": 1_699_999_990, "azp": "web"})).unwrap()
}

/// Refreshes a login and gets an ID token with these changes.
fn renewed(changes: Value) -> Result<Option<Verified<IdToken>>, IdTokenError> {
    renewed_from(&before(), changes)
}

fn renewed_from(
    before: &Verified<IdToken>,
    changes: Value,
) -> Result<Option<Verified<IdToken>>, IdTokenError> {
    let mut claims = Scene::claims();
    claims.remove("nonce");
    claims.extend(object(changes));
    let payload = Value::Object(claims).to_string();
    verified(before, &KEY.sign(&Object::new(), payload.as_bytes()).unwrap())
}

fn verified(
    before: &Verified<IdToken>,
    id_token: &str,
) -> Result<Option<Verified<IdToken>>, IdTokenError> {
    let body = json!({"access_token": "access-1", "token_type": "Bearer", "id_token": id_token});
    let (identity, allowed) = (issuer(), Allowed::asymmetric());
    let rules = IdTokenRules {
        identity: &identity,
        client_id: "web",
        allowed: &allowed,
        trusted_audiences: &["api".to_owned()],
        clock_skew: Duration::from_secs(60),
    };
    let keys = KeySet::from_jwks([KEY.public_jwk()]);
    judged(answer(200, &body)).unwrap().verify(&rules, before, &keys, NOW)
}

#[test]
fn the_refresh_token_is_sent_alone() {
    let form = pairs(std::str::from_utf8(refresh().request().body()).unwrap());
    assert_eq!(value_of(&form, "grant_type").as_deref(), Some("refresh_token"));
    assert_eq!(value_of(&form, "refresh_token").as_deref(), Some("rt-1"));
    assert_eq!(form.len(), 3);
    assert!(!format!("{:?}", refresh()).contains("rt-1"));
}

#[test]
fn an_answer_without_id_token_is_fine() {
    let body = json!({"access_token": "at", "token_type": "Bearer"});
    let refreshed = judged(answer(200, &body)).unwrap();
    let (identity, allowed) = (issuer(), Allowed::asymmetric());
    let rules = IdTokenRules {
        identity: &identity,
        client_id: "web",
        allowed: &allowed,
        trusted_audiences: &[],
        clock_skew: Duration::ZERO,
    };
    let keys = KeySet::from_jwks([]);
    assert!(refreshed.verify(&rules, &before(), &keys, NOW).unwrap().is_none());
    let tokens = refreshed.into_tokens(&before());
    assert_eq!(tokens.refresh_token.unwrap().expose(), "rt-1");
    assert_eq!(tokens.scope, "openid email");
}

#[test]
fn a_new_refresh_token_replaces_the_old_one() {
    let body = json!({"access_token": "at", "token_type": "Bearer", "refresh_token": "rt-2"});
    let tokens = judged(answer(200, &body)).unwrap().into_tokens(&before());
    assert_eq!(tokens.refresh_token.unwrap().expose(), "rt-2");
}

#[test]
fn an_honest_new_id_token_is_taken() {
    for changes in [
        json!({}),
        json!({"auth_time": 1_699_999_990}),
        json!({"auth_time": 1_699_999_990.0}),
        json!({"nonce": nonce()}),
        json!({"aud": ["web"]}),
        json!({"azp": "web"}),
    ] {
        assert!(renewed(changes.clone()).unwrap().is_some(), "{changes}");
    }
    let two = Scene { trusted: vec!["api".into()], ..Scene::new() };
    let before = two.with(json!({"aud": ["web", "api"], "azp": "web"})).unwrap();
    assert!(renewed_from(&before, json!({"aud": ["api", "web"], "azp": "web"})).is_ok());
}

#[test]
fn what_a_new_id_token_leaves_out_stays_true() {
    let before = Scene::new().with(json!({"auth_time": 1_699_999_990, "sid": "s-1"})).unwrap();
    let first = renewed_from(&before, json!({})).unwrap().unwrap();
    let second = renewed_from(&first, json!({})).unwrap().unwrap();
    for token in [&first, &second] {
        assert_eq!(token.session_id(), Some("s-1"));
        assert_eq!(token.auth_time(), Some(secs(1_699_999_990)));
        assert!(!token.claims().contains_key("sid"));
    }
    let error = renewed_from(&second, json!({"auth_time": 1_699_999_991})).unwrap_err();
    assert_eq!(error, IdTokenError::Changed { claim: "auth_time" });
    let newer = renewed_from(&second, json!({"sid": "s-2"})).unwrap().unwrap();
    assert_eq!(newer.session_id(), Some("s-2"));
    let kept = kept_renewed_identity(second.raw(), second.earlier().clone(), NOW).unwrap();
    assert_eq!(kept.session_id(), Some("s-1"));
    assert_eq!(kept.auth_time(), Some(secs(1_699_999_990)));
}

#[test]
fn a_new_id_token_about_somebody_else_is_refused() {
    for (changes, claim) in [
        (json!({"sub": "bob"}), "sub"),
        (json!({"sub": "Alice"}), "sub"),
        (json!({"aud": ["web", "api"], "azp": "web"}), "aud"),
        (json!({"auth_time": 1_699_999_991}), "auth_time"),
        (json!({"auth_time": 0}), "auth_time"),
        (json!({"nonce": "another"}), "nonce"),
    ] {
        let error = renewed(changes.clone()).unwrap_err();
        assert_eq!(error, IdTokenError::Changed { claim }, "{changes}");
        assert_eq!(error.entry().code, "refresh.subject");
    }
}

#[test]
fn a_new_id_token_breaks_no_rule_of_the_first() {
    for (changes, code) in [
        (json!({"iss": "https://evil.example"}), "id_token.issuer"),
        (json!({"iss": format!("{ISSUER}/")}), "id_token.issuer"),
        (json!({"aud": "other"}), "id_token.audience"),
        (json!({"azp": "other"}), "id_token.azp"),
        (json!({"exp": NOW.as_secs() - 60}), "id_token.expired"),
        (json!({"exp": null}), "id_token.claim"),
        (json!({"iat": NOW.as_secs() + 61}), "id_token.issued_at"),
        (json!({"auth_time": "1699999990"}), "id_token.claim"),
        (json!({"at_hash": "AAAA"}), "id_token.hash"),
    ] {
        assert_eq!(renewed(changes.clone()).unwrap_err().entry().code, code, "{changes}");
    }
}

#[test]
fn a_new_id_token_is_signed_by_the_provider() {
    let claims = Value::Object(Scene::claims()).to_string();
    let forged = key(Algorithm::Es256).sign(&Object::new(), claims.as_bytes()).unwrap();
    assert!(verified(&before(), &forged).unwrap_err().is_unknown_key());
    assert!(verified(&before(), "").is_err());
}

#[test]
fn only_invalid_grant_ends_a_sign_in() {
    let refused = |status, error: &str| {
        judged(answer(status, &json!({"error": error}))).unwrap_err().entry().code
    };
    assert_eq!(refused(400, "invalid_grant"), "refresh.refused");
    assert_eq!(refused(401, "invalid_grant"), "refresh.refused");
    assert_eq!(refused(400, "invalid_client"), "token.refused");
    assert_eq!(refused(400, "temporarily_unavailable"), "token.refused");
    for status in [429, 500, 503] {
        assert_eq!(refused(status, "invalid_grant"), "provider.refused");
    }
}

#[test]
fn words_that_repeat_the_refresh_token_are_left_out() {
    for status in [200, 400, 503] {
        let words = json!({"error": "invalid_grant", "error_description": "unknown token rt-1"});
        let error = judged(answer(status, &words)).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("rt-1"), "{error}");
        assert_eq!(error.says().unwrap().error, "invalid_grant");
    }
}
