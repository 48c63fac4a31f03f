use serde_json::json;

use crate::support::Scene;

#[test]
fn the_claims_are_read() {
    let token = Scene::new()
        .with(json!({"sid": "s1", "auth_time": 0.5, "groups": ["a"], "email": "a@b"}))
        .unwrap();
    assert_eq!(token.subject(), "alice");
    assert_eq!(token.issuer(), "https://op.example");
    assert_eq!(token.session_id(), Some("s1"));
    assert_eq!(token.auth_time().unwrap().as_millis(), 500);
    assert_eq!(token.claims()["groups"], json!(["a"]));
    assert_eq!(token.raw().expose().split('.').count(), 3);
}

#[test]
fn an_id_token_shows_neither_itself_nor_its_claims() {
    let token = Scene::new().with(json!({"email": "a@b"})).unwrap();
    let shown = format!("{token:?}");
    assert!(!shown.contains("a@b") && !shown.contains(token.raw().expose()), "{shown}");
}

#[test]
fn a_subject_that_is_none_is_refused() {
    let long = "a".repeat(256);
    for subject in [json!(null), json!(""), json!(1), json!(["alice"]), json!("älice"), json!(long)]
    {
        let error = Scene::new().with(json!({"sub": subject})).unwrap_err();
        assert_eq!(error.entry().code, "id_token.claim", "{subject}");
    }
    assert_eq!(Scene::new().without("sub").unwrap_err().entry().code, "id_token.claim");
    assert!(Scene::new().with(json!({"sub": "a".repeat(255)})).is_ok());
}

#[test]
fn duplicate_members_are_refused_at_any_depth() {
    let claims = serde_json::Value::Object(Scene::claims()).to_string();
    for doubled in [
        claims.replacen('{', r#"{"sub":"root","#, 1),
        claims.replacen('{', r#"{"s\u0075b":"root","#, 1),
        claims.replacen('{', r#"{"a":{"b":1,"b":2},"#, 1),
    ] {
        let error = Scene::new().claiming(&doubled).unwrap_err();
        assert_eq!(error.entry().code, "id_token.malformed", "{doubled}");
    }
}

#[test]
fn deep_nesting_is_refused() {
    let claims = serde_json::Value::Object(Scene::claims()).to_string();
    for depth in [33, 1000, 50_000] {
        let nested = format!(r#"{{"a":{}{},"#, "[".repeat(depth), "]".repeat(depth));
        let error = Scene::new().claiming(&claims.replacen('{', &nested, 1)).unwrap_err();
        assert_eq!(error.entry().code, "id_token.malformed", "{depth}");
    }
}

#[test]
fn a_megabyte_is_refused() {
    let error = Scene::new().with(json!({"a": "x".repeat(1024 * 1024)})).unwrap_err();
    assert_eq!(error.entry().code, "jws.too_large");
}

#[test]
fn a_payload_that_is_no_object_is_refused() {
    for payload in ["", "[]", "null", "\"x\"", "{", "{}x", "\u{feff}{}"] {
        let error = Scene::new().claiming(payload).unwrap_err();
        assert_eq!(error.entry().code, "id_token.malformed", "{payload:?}");
    }
    assert_eq!(Scene::new().claiming("{}").unwrap_err().entry().code, "id_token.claim");
}
