//! In which order the rules come, and what a quick look at a token may decide.

use countersign_protocol::access_token::AccessTokenError;
use countersign_protocol::jose::json::Object;
use countersign_protocol::jose::{Algorithm, Allowed, Jws, KeySet, base64url};
use serde_json::{Value, json};

use super::scene::{Scene, T, code};
use crate::support::{KEY, NOW, key};

fn expired() -> Value {
    let mut claims = Scene::claims();
    claims.insert("exp".to_owned(), json!(T - 100));
    claims.into()
}

fn unsigned(error: &AccessTokenError) -> bool {
    matches!(error, AccessTokenError::Expired { signed: false, .. })
}

#[test]
fn an_expired_token_is_refused_before_its_signature_is_looked_at() {
    let scene = Scene { keys: KeySet::from_jwks([]), ..Scene::new() };
    assert!(unsigned(&scene.of(expired()).unwrap_err()), "no key is there at all");
    let forged = KEY.sign(&Object::new(), expired().to_string().as_bytes()).unwrap();
    let forged = format!("{}.AAAA", forged.rsplit_once('.').unwrap().0);
    assert!(unsigned(&Scene::new().verify(&forged).unwrap_err()), "the signature is wrong");
}

/// All else that can be wrong waits for the signature, so that nothing can be learned without one.
#[test]
fn nothing_else_is_said_of_a_token_before_its_signature() {
    let other = key(Algorithm::Es256);
    for changes in [
        json!({}),
        json!({"iss": "https://other.example"}),
        json!({"aud": "web"}),
        json!({"nbf": T + 1000}),
        json!({"exp": "soon"}),
        json!({"nonce": "n"}),
        json!({"sub": 1}),
    ] {
        let scene = Scene { key: other.clone(), ..Scene::new() };
        let error = scene.with(changes.clone()).unwrap_err();
        assert!(matches!(error, AccessTokenError::Signature(_)), "{changes}: {error}");
    }
}

#[test]
fn claims_that_cannot_be_read_are_told_only_to_whoever_can_sign() {
    for payload in [format!("{{\"exp\":{},", T - 100), format!("{{\"exp\":{},\"a\":01}}", T - 100)]
    {
        assert_eq!(code(Scene::new().claiming(&payload)), "access_token.malformed");
        let other = Scene { key: key(Algorithm::Es256), ..Scene::new() };
        assert!(other.claiming(&payload).unwrap_err().is_unknown_key(), "{payload}");
    }
}

/// What looks like an `exp` that is over, and is none, changes nothing.
#[test]
fn a_nested_or_quoted_exp_misleads_nobody() {
    let over = T - 100_000;
    for (member, what) in [
        (json!({"x": {"exp": over}}), "deeper"),
        (json!({"x": [{"exp": over}]}), "in a list"),
        (json!({"x": format!("\"exp\":{over}")}), "in a text"),
        (json!({"x": format!("\",\"exp\":{over},\"y\":\"")}), "in a text that seems to end"),
        (json!({"\"exp\":0": over}), "in a name"),
        (json!({"exp ": over}), "in another name"),
    ] {
        assert_eq!(code(Scene::new().with(member.clone())), "", "{what}");
        let mut claims = Scene::claims();
        claims.remove("exp");
        claims.extend(crate::support::object(member));
        let judged = Scene::new().of(claims.into());
        assert_eq!(code(judged), "access_token.claim", "{what}, without an own one");
    }
}

/// The other way round: an honest look hides nothing that is over.
#[test]
fn an_end_in_the_future_elsewhere_lets_no_expired_token_pass() {
    let ahead = T + 100_000;
    for member in [
        json!({"a": {"exp": ahead}}),
        json!({"a": format!("\"exp\":{ahead}")}),
        json!({"\"exp\":": ahead}),
    ] {
        let mut claims = crate::support::object(expired());
        claims.extend(crate::support::object(member.clone()));
        let judged = Scene::new().of(claims.into());
        assert_eq!(code(judged), "access_token.expired", "{member}");
    }
    for exp in ["1699999900", " 1699999900 ", "1.6999999e9", "1699999900.0", "16999999e2"] {
        for name in ["\"exp\"", "\"\\u0065xp\"", "\"ex\\u0070\" "] {
            let claims = Value::Object(Scene::claims()).to_string().replace("\"exp\"", "\"was\"");
            let claims = claims.replacen('{', &format!("{{{name}:{exp},"), 1);
            assert_eq!(code(Scene::new().claiming(&claims)), "access_token.expired", "{name}{exp}");
        }
    }
}

#[test]
fn two_ends_are_no_end() {
    for (first, second) in [(T - 100, T + 100), (T + 100, T - 100), (T - 100, T - 100)] {
        let claims = Value::Object(Scene::claims()).to_string().replace("\"exp\"", "\"was\"");
        let claims = claims.replacen('{', &format!("{{\"exp\":{first},\"exp\":{second},"), 1);
        let judged = Scene::new().claiming(&claims);
        assert_eq!(code(judged), "access_token.malformed", "{first} {second}");
    }
}

#[test]
fn the_look_at_sight_keeps_to_the_skew() {
    for (exp, refused) in [(T - 59, false), (T - 60, true)] {
        let scene = Scene { keys: KeySet::from_jwks([]), ..Scene::new() };
        let error = scene.with(json!({ "exp": exp })).unwrap_err();
        assert_eq!(unsigned(&error), refused, "{exp}");
    }
}

#[test]
fn an_algorithm_that_is_not_allowed_is_refused() {
    let allowed = Allowed::new([Algorithm::Rs256]).unwrap();
    let scene = Scene { allowed, ..Scene::new() };
    assert_eq!(code(scene.with(json!({}))), "jws.algorithm_not_allowed");
    let claims = Value::Object(Scene::claims()).to_string();
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let header = base64url::encode(format!("{{\"alg\":\"{alg}\"}}").as_bytes());
        let token = format!("{header}.{}.", base64url::encode(claims.as_bytes()));
        // Some never get beyond their form.
        if let Ok(token) = Jws::parse(&token) {
            let scene = Scene::new();
            let judged = scene.rules().verify(token, &scene.keys, NOW);
            assert!(matches!(judged, Err(AccessTokenError::Signature(_))), "{alg}");
        }
    }
}

#[test]
fn the_key_that_signed_is_named() {
    let scene = Scene::new();
    let claims = Value::Object(Scene::claims()).to_string();
    let token = scene.key.sign(&Object::new(), claims.as_bytes()).unwrap();
    let (_, by) = scene.rules().verify(Jws::parse(&token).unwrap(), &scene.keys, NOW).unwrap();
    assert!(scene.keys.holds(by));
    assert!(!KeySet::from_jwks([key(Algorithm::Es256).public_jwk()]).holds(by));
}

#[test]
fn a_key_that_is_not_there_is_told_from_all_else() {
    let unknown = Scene { keys: KeySet::from_jwks([]), ..Scene::new() };
    assert!(unknown.with(json!({})).unwrap_err().is_unknown_key());
    for wrong in [json!({"aud": "web"}), json!({"exp": T - 100}), json!({"nonce": "n"})] {
        assert!(!Scene::new().with(wrong.clone()).unwrap_err().is_unknown_key(), "{wrong}");
    }
}
