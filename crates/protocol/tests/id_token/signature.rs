use countersign_protocol::jose::json::Object;
use countersign_protocol::jose::{Algorithm, Allowed, KeySet, SigningKey, base64url};
use serde_json::{Value, json};

use crate::support::{KEY, Scene, key};

const SECRET: &[u8] = b"a secret that both sides know, of 64 bytes or so, for every HMAC";

fn claims() -> String {
    Value::Object(Scene::claims()).to_string()
}

fn mac(secret: &[u8], alg: Algorithm) -> String {
    SigningKey::from_secret(secret, alg).unwrap().sign(&Object::new(), claims().as_bytes()).unwrap()
}

fn code(scene: Scene, token: &str) -> &'static str {
    match scene.verify(token) {
        Ok(_) => "",
        Err(error) => error.entry().code,
    }
}

#[test]
fn an_unsigned_token_is_refused() {
    let payload = base64url::encode(claims().as_bytes());
    for alg in ["none", "None", "NONE", "nOnE", "", "XY1"] {
        let header = base64url::encode(json!({ "alg": alg }).to_string().as_bytes());
        for signature in ["", "AAAA"] {
            let token = format!("{header}.{payload}.{signature}");
            assert_eq!(code(Scene::new(), &token), "jws.algorithm", "{alg}");
        }
    }
    let header = base64url::encode(b"{}");
    assert_eq!(code(Scene::new(), &format!("{header}.{payload}.")), "jws.malformed");
}

#[test]
fn a_secret_signs_only_where_the_client_is_registered_for_it() {
    let registered = |alg| Scene {
        allowed: Allowed::new([alg]).unwrap(),
        keys: KeySet::from_secret(SECRET).unwrap(),
        ..Scene::new()
    };
    for alg in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        assert_eq!(code(registered(alg), &mac(SECRET, alg)), "");
        assert_eq!(code(Scene::new(), &mac(SECRET, alg)), "jws.algorithm_not_allowed");
    }
    assert_eq!(
        code(registered(Algorithm::Hs256), &mac(SECRET, Algorithm::Hs512)),
        "jws.algorithm_not_allowed"
    );
    assert_eq!(
        code(registered(Algorithm::Hs256), &mac(b"other", Algorithm::Hs256)),
        "jws.signature"
    );
    // And then nothing else does.
    let signed = KEY.sign(&Object::new(), claims().as_bytes()).unwrap();
    assert_eq!(code(registered(Algorithm::Hs256), &signed), "jws.algorithm_not_allowed");
}

#[test]
fn a_public_key_is_never_taken_for_a_secret() {
    let jwk = KEY.public_jwk();
    let forms = [
        Value::Object(jwk.clone()).to_string(),
        jwk["x"].as_str().unwrap().to_owned(),
        json!({"keys": [jwk]}).to_string(),
    ];
    for form in forms {
        let forged = SigningKey::from_secret(form.as_bytes(), Algorithm::Hs256).unwrap();
        let forged = forged.with_kid(KEY.kid().unwrap());
        let token = forged.sign(&Object::new(), claims().as_bytes()).unwrap();
        assert_eq!(code(Scene::new(), &token), "jws.algorithm_not_allowed");
        let tricked = Scene { allowed: Allowed::new([Algorithm::Hs256]).unwrap(), ..Scene::new() };
        assert_eq!(code(tricked, &token), "keys.unknown");
    }
}

#[test]
fn a_key_that_the_token_brings_along_is_not_used() {
    let own = key(Algorithm::Es256);
    for (name, value) in [
        ("jwk", json!(own.public_jwk())),
        ("jku", json!("https://evil.example/jwks")),
        ("x5u", json!("https://evil.example/chain")),
    ] {
        let mut header = Object::new();
        header.insert(name.into(), value);
        let token = own.sign(&header, claims().as_bytes()).unwrap();
        assert_eq!(code(Scene::new(), &token), "keys.unknown", "{name}");
    }
}

#[test]
fn a_changed_token_is_refused() {
    let token = KEY.sign(&Object::new(), claims().as_bytes()).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let root = base64url::encode(claims().replace("alice", "root!").as_bytes());
    assert_eq!(code(Scene::new(), &format!("{}.{root}.{}", parts[0], parts[2])), "jws.signature");
    for (place, part) in parts.iter().enumerate() {
        let mut changed: Vec<String> = parts.iter().map(|&part| part.to_owned()).collect();
        changed[place] = part[..part.len() - 4].to_owned();
        assert_ne!(code(Scene::new(), &changed.join(".")), "", "part {place}");
    }
}

#[test]
fn what_is_no_token_is_refused() {
    for token in ["", ".", "..", "...", "a.b.c", "ü.ü.ü", "{}", "null", " "] {
        let error = Scene::new().verify(token).unwrap_err();
        assert_eq!(error.entry().code, "jws.malformed", "{token}");
    }
    assert_eq!(code(Scene::new(), "a.b.c.d.e"), "jws.encrypted");
    let doubled = base64url::encode(br#"{"alg":"ES256","kid":"one","kid":"two"}"#);
    assert_eq!(code(Scene::new(), &format!("{doubled}.e30.AAAA")), "jws.duplicate_member");
}

#[test]
fn an_unknown_crit_is_refused() {
    let header = json!({"alg": "ES256", "kid": KEY.kid(), "crit": ["exp"], "exp": 1});
    let input = format!(
        "{}.{}",
        base64url::encode(header.to_string().as_bytes()),
        base64url::encode(claims().as_bytes())
    );
    let signature = base64url::encode(&KEY.sign_bytes(input.as_bytes()));
    assert_eq!(code(Scene::new(), &format!("{input}.{signature}")), "jws.critical");
}

#[test]
fn an_algorithm_that_the_client_did_not_register_is_refused() {
    let scene = Scene { allowed: Allowed::new([Algorithm::Rs256]).unwrap(), ..Scene::new() };
    let error = scene.with(json!({})).unwrap_err();
    assert_eq!(error.entry().code, "jws.algorithm_not_allowed");
    assert!(error.to_string().contains("ES256"), "{error}");
    assert!(!error.is_unknown_key());
}

#[test]
fn a_rotated_key_is_unknown_until_the_new_set_is_there() {
    let new = key(Algorithm::Es256);
    let scene = |keys| Scene { key: new.clone(), keys, ..Scene::new() };
    let error = scene(KeySet::from_jwks([KEY.public_jwk()])).with(json!({})).unwrap_err();
    assert!(error.is_unknown_key());
    assert_eq!(error.entry().code, "keys.unknown");
    let both = KeySet::from_jwks([KEY.public_jwk(), new.public_jwk()]);
    assert!(scene(both).with(json!({})).is_ok());
    assert!(scene(KeySet::from_jwks([])).with(json!({})).unwrap_err().is_unknown_key());
}

#[test]
fn a_rotated_key_without_name_is_unknown_too() {
    let (old, new) = (key(Algorithm::Es256).without_kid(), key(Algorithm::Es256).without_kid());
    let scene = |keys| Scene { key: new.clone(), keys, ..Scene::new() };
    let error = scene(KeySet::from_jwks([old.public_jwk()])).with(json!({})).unwrap_err();
    assert!(error.is_unknown_key(), "{error}");
    assert!(scene(KeySet::from_jwks([old.public_jwk(), new.public_jwk()])).with(json!({})).is_ok());
}
