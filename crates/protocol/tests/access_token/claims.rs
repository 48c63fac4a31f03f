use countersign_protocol::access_token::Confirmation;
use serde_json::{Value, json};

use super::scene::{Judged, Scene, T, code};

fn scopes(claims: Value) -> Vec<String> {
    let token = Scene::new().with(claims).unwrap();
    token.scopes().map(str::to_owned).collect()
}

fn confirmation(cnf: Value) -> Option<Confirmation> {
    Scene::new().with(json!({ "cnf": cnf })).unwrap().confirmation().cloned()
}

#[test]
fn registered_claims_are_typed() {
    let token = Scene::new().with(json!({"acr": "high", "aud": ["a", "api"]})).unwrap();
    assert_eq!(token.issuer(), Some("https://op.example"));
    assert_eq!(token.subject(), Some("alice"));
    assert_eq!(token.client_id(), Some("web"));
    assert_eq!(token.id(), Some("1"));
    assert_eq!(token.acr(), Some("high"));
    assert!(token.audience().eq(["a", "api"]));
    assert_eq!(token.expires_at().unwrap().as_secs(), T + 300);
}

#[test]
fn a_text_of_a_wrong_type_is_refused_and_never_taken_as_absent() {
    for claim in ["sub", "jti", "azp", "acr", "client_id"] {
        for wrong in [json!(null), json!(1), json!(true), json!([]), json!(["alice"]), json!({})] {
            let judged = Scene::new().with(json!({ claim: wrong }));
            assert_eq!(code(judged), "access_token.claim", "{claim} {wrong}");
        }
    }
}

#[test]
fn scopes_come_as_a_text_or_as_a_list_under_either_name() {
    assert_eq!(scopes(json!({})), [""; 0]);
    for name in ["scope", "scp"] {
        assert_eq!(scopes(json!({name: "a b"})), ["a", "b"]);
        assert_eq!(scopes(json!({name: ["a", "b"]})), ["a", "b"]);
        assert_eq!(scopes(json!({name: ["a b", "c"]})), ["a", "b", "c"]);
        assert_eq!(scopes(json!({name: "  a   b "})), ["a", "b"]);
        assert_eq!(scopes(json!({name: ""})), [""; 0]);
        assert_eq!(scopes(json!({name: []})), [""; 0]);
        assert_eq!(scopes(json!({name: [""]})), [""; 0]);
    }
    assert_eq!(scopes(json!({"scope": "a", "scp": ["b"]})), ["a", "b"]);
}

#[test]
fn a_scope_of_a_wrong_type_is_refused() {
    for name in ["scope", "scp"] {
        for wrong in [json!(null), json!(1), json!({}), json!(["a", 1]), json!([["a"]])] {
            let judged = Scene::new().with(json!({ name: wrong }));
            assert_eq!(code(judged), "access_token.claim", "{name} {wrong}");
        }
    }
}

#[test]
fn a_scope_is_held_as_a_whole() {
    let token = Scene::new().with(json!({"scope": "notes:read notes\tx"})).unwrap();
    assert!(token.has_scope("notes:read"));
    for other in ["notes", "read", "notes:rea", "NOTES:READ", "", " ", "notes:read notes", "x"] {
        assert!(!token.has_scope(other), "{other:?}");
    }
}

#[test]
fn a_confirmation_is_understood_or_never_met() {
    assert_eq!(confirmation(json!({"jkt": "abc"})), Some(Confirmation::Jkt("abc".to_owned())));
    let certificate = Confirmation::X5tS256("abc".to_owned());
    assert_eq!(confirmation(json!({"x5t#S256": "abc"})), Some(certificate));
    for unknown in [
        json!(null),
        json!({}),
        json!("abc"),
        json!([]),
        json!({"jkt": null}),
        json!({"jkt": 1}),
        json!({"jkt": ["abc"]}),
        json!({"JKT": "abc"}),
        json!({"jwk": {"kty": "EC"}}),
        json!({"kid": "abc"}),
        json!({"jkt": "abc", "x5t#S256": "abc"}),
        json!({"jkt": "abc", "kid": "abc"}),
    ] {
        assert_eq!(confirmation(unknown.clone()), Some(Confirmation::Unknown), "{unknown}");
    }
    assert_eq!(Scene::new().with(json!({})).unwrap().confirmation(), None);
}

#[test]
fn every_other_claim_is_found_by_name_and_by_pointer() {
    let token = Scene::new().with(json!({"a": {"b/c": [1, {"~": "x"}]}, "": 7})).unwrap();
    assert_eq!(token.pointer("/a/b~1c/1/~0").and_then(|item| item.as_str()), Some("x"));
    assert_eq!(token.pointer("/").and_then(|item| item.as_f64()), Some(7.0));
    assert!(token.pointer("").is_some_and(|all| all.get("iss").is_some()));
    for nothing in ["a", "/a/b", "/a/b~1c/2", "/a/b~1c/01", "/a/b~1c/-", "/a/b~1c/+1", "/x"] {
        assert!(token.pointer(nothing).is_none(), "{nothing}");
    }
    assert_eq!(token.claim("a").unwrap().to_value(), json!({"b/c": [1, {"~": "x"}]}));
    assert_eq!(token.claims()["sub"], "alice");
    assert!(token.claim("b/c").is_none());
}

fn doubled(member: &str) -> Judged {
    let claims = Value::Object(Scene::claims()).to_string();
    Scene::new().claiming(&claims.replacen('{', &format!("{{{member},"), 1))
}

#[test]
fn a_doubled_member_is_refused_however_it_is_spelled_and_wherever_it_stands() {
    for member in [
        r#""sub":"bob""#,
        r#""s\u0075b":"bob""#,
        r#""aud":"api""#,
        r#""\u0061ud":["api"]"#,
        r#""exp":1900000000"#,
        r#""x":1,"x":1"#,
        r#""x":{"y":1,"\u0079":1}"#,
        r#""x":[{"y":1,"y":1}]"#,
    ] {
        assert_eq!(code(doubled(member)), "access_token.malformed", "{member}");
    }
    assert_eq!(code(doubled(r#""x":{"sub":1},"y":[{"sub":1},{"sub":1}]"#)), "", "none is doubled");
}

#[test]
fn claims_that_are_no_object_are_refused() {
    for payload in ["", " ", "null", "[]", "\"x\"", "1", "{", "{}}", "{} {}", "\u{feff}{}", "a"] {
        let judged = Scene::new().claiming(payload);
        assert_eq!(code(judged), "access_token.malformed", "{payload:?}");
    }
}

#[test]
fn neither_the_token_nor_its_claims_are_shown_in_debug() {
    let token = Scene::new().with(json!({"email": "a@example.com", "secret": "hush"})).unwrap();
    let shown = format!("{token:?}");
    assert!(!shown.contains("hush") && !shown.contains("a@example.com"), "{shown}");
}

#[test]
fn its_size_grows_with_its_claims() {
    let small = Scene::new().with(json!({})).unwrap().size();
    let large = Scene::new().with(json!({"x": "a".repeat(10_000)})).unwrap().size();
    assert!((10_000..40_000).contains(&(large - small)), "{small} {large}");
}
