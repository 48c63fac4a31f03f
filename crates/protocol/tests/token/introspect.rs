use std::sync::Arc;
use std::time::Duration;

use countersign_protocol::jose::json::Object;
use countersign_protocol::jose::{Algorithm, Allowed, KeySet, SigningKey};
use countersign_protocol::token::{
    Introspect, IntrospectError, Introspected, Introspection, IntrospectionAuth,
};
use countersign_protocol::{Client, ClientAuthentication, Exchange, Response};
use serde_json::{Value, json};

use crate::support::{
    ISSUER, KEY, NOW, answer, issuer, key, object, pairs, proof, raw_answer, secret, url, value_of,
};

const TOKEN: &str = "at-hush-1234567890abcdef";
const JWT: &str = "application/token-introspection+jwt";

fn ask_as(client: &Client, auth: IntrospectionAuth, want_jwt: bool) -> Introspect {
    let endpoint = url("https://op.example/introspect");
    Introspect::new(
        &secret(TOKEN),
        &endpoint,
        client,
        auth,
        proof(),
        want_jwt,
        Some("access_token"),
    )
    .unwrap()
}

fn ask(want_jwt: bool) -> Introspect {
    ask_as(&Client::with_secret("api", secret("hush")), IntrospectionAuth::Client, want_jwt)
}

fn plain(response: Response) -> Result<Introspection, IntrospectError> {
    match ask(false).answer(response)? {
        Introspected::Plain(told) => Ok(told),
        Introspected::Signed(_) => panic!("nobody asked for a signature"),
    }
}

fn code(response: Response) -> &'static str {
    plain(response).unwrap_err().entry().code
}

#[test]
fn the_token_travels_in_the_form_and_the_client_authenticates() {
    let post = ClientAuthentication::SecretPost(secret("hush"));
    let private = ClientAuthentication::PrivateKeyJwt(Arc::new(KEY.clone()));
    let mac = ClientAuthentication::SecretJwt(secret(&"s".repeat(32)), Algorithm::Hs256);
    for (authentication, shown) in [
        (ClientAuthentication::SecretBasic(secret("hush")), None),
        (post, Some("client_secret")),
        (private, Some("client_assertion")),
        (mac, Some("client_assertion")),
    ] {
        let client = Client::new("api", authentication);
        let request = ask_as(&client, IntrospectionAuth::Client, false).request();
        assert_eq!((request.method().as_str(), request.url().path()), ("POST", "/introspect"));
        assert_eq!(request.headers()["accept"], "application/json");
        let form = pairs(std::str::from_utf8(request.body()).unwrap());
        assert_eq!(value_of(&form, "token").as_deref(), Some(TOKEN));
        assert_eq!(value_of(&form, "token_type_hint").as_deref(), Some("access_token"));
        assert_eq!(request.headers().contains_key("authorization"), shown.is_none());
        assert!(shown.is_none_or(|name| value_of(&form, name).is_some()));
        assert!(!format!("{request:?} {:?}", request.headers()).contains("hush"));
    }
}

#[test]
fn the_token_may_speak_for_itself() {
    let request = ask_as(&Client::public("api"), IntrospectionAuth::Bearer, true).request();
    assert_eq!(request.headers()["authorization"], format!("Bearer {TOKEN}"));
    assert!(request.headers()["authorization"].is_sensitive());
    assert_eq!(request.headers()["accept"], JWT);
    let form = pairs(std::str::from_utf8(request.body()).unwrap());
    assert_eq!(value_of(&form, "token").as_deref(), Some(TOKEN));
    assert_eq!(form.len(), 2);
}

#[test]
fn a_client_that_does_not_authenticate_is_refused() {
    let endpoint = url("https://op.example/introspect");
    let (client, auth) = (Client::public("api"), IntrospectionAuth::Client);
    let error = Introspect::new(&secret(TOKEN), &endpoint, &client, auth, proof(), false, None);
    assert_eq!(error.unwrap_err().entry().code, "setup.client_auth");
}

#[test]
fn an_active_token_is_told_with_all_that_is_known() {
    let body = json!({"active": true, "sub": "alice", "scope": "a b", "exp": 1_800_000_000});
    let Introspection::Active(document) = plain(answer(200, &body)).unwrap() else {
        panic!("it is active")
    };
    assert_eq!(document.get("sub").unwrap().as_str(), Some("alice"));
    assert!(!format!("{document:?}").contains("alice"));
}

#[test]
fn an_inactive_token_is_inactive_whatever_else_is_said() {
    for body in [json!({"active": false}), json!({"active": false, "sub": "alice", "exp": 9e9})] {
        assert!(matches!(plain(answer(200, &body)), Ok(Introspection::Inactive)));
    }
}

#[test]
fn an_answer_that_does_not_say_whether_it_is_active_is_refused() {
    for active in [json!("true"), json!(1), json!(null), json!("yes"), json!([true]), json!({})] {
        let body = json!({"active": active, "sub": "alice"});
        assert_eq!(code(answer(200, &body)), "introspection.member", "{active}");
    }
    assert_eq!(code(answer(200, &json!({"sub": "alice"}))), "introspection.member");
    assert_eq!(code(answer(200, &json!({"Active": true}))), "introspection.member");
}

#[test]
fn what_is_no_answer_is_refused() {
    let active = r#"{"active":true}"#;
    let json = ("content-type", "application/json");
    for (response, expected) in [
        (raw_answer(302, &[("location", "https://evil.example/?t=1")], ""), "provider.redirect"),
        (raw_answer(500, &[json], active), "provider.status"),
        (raw_answer(404, &[json], active), "provider.status"),
        (raw_answer(200, &[("content-type", "text/html")], active), "provider.not_json"),
        (raw_answer(200, &[("content-type", JWT)], "a.b.c"), "provider.not_json"),
        (raw_answer(200, &[json, ("content-encoding", "gzip")], active), "provider.encoding"),
        (raw_answer(200, &[json], r#"{"active":false,"active":true}"#), "provider.not_json"),
        (raw_answer(200, &[json], "true"), "provider.not_json"),
        (raw_answer(204, &[], ""), "provider.not_json"),
        (answer(503, &json!({"error": "x"})), "provider.refused"),
        (answer(429, &json!({"error": "x"})), "provider.refused"),
    ] {
        let shown = format!("{response:?}");
        assert_eq!(code(response), expected, "{shown}");
    }
}

#[test]
fn a_provider_that_refuses_us_is_an_error_of_the_setup() {
    let words = format!("bad {TOKEN}");
    for response in [
        answer(401, &json!({"error": "invalid_client", "error_description": words})),
        answer(400, &json!({"error": "invalid_request", "error_description": words})),
        raw_answer(401, &[("content-type", "text/html")], "<html>"),
        raw_answer(403, &[], ""),
    ] {
        let error = plain(response).unwrap_err();
        assert_eq!(error.entry().code, "introspection.refused");
        assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
    }
}

#[test]
fn a_token_that_may_not_ask_about_itself_is_inactive() {
    let bearer = || ask_as(&Client::public("api"), IntrospectionAuth::Bearer, false);
    for response in [raw_answer(401, &[], ""), answer(401, &json!({"error": "invalid_token"}))] {
        let told = bearer().answer(response).unwrap();
        assert!(matches!(told, Introspected::Plain(Introspection::Inactive)));
    }
    assert!(bearer().answer(raw_answer(403, &[], "")).is_err());
    assert!(bearer().answer(raw_answer(500, &[], "")).is_err());
}

/// An honest signed answer, to be changed.
fn claims() -> Object {
    object(json!({
        "iss": ISSUER,
        "aud": "api",
        "iat": NOW.as_secs(),
        "token_introspection": {"active": true, "sub": "alice"},
    }))
}

fn jwt(key: &SigningKey, typ: Option<&str>, claims: &Object) -> Response {
    let mut header = Object::new();
    header.extend(typ.map(|typ| ("typ".to_owned(), json!(typ))));
    let token = key.sign(&header, Value::Object(claims.clone()).to_string().as_bytes()).unwrap();
    raw_answer(200, &[("content-type", JWT)], &token)
}

fn signed(response: Response) -> Result<Introspection, IntrospectError> {
    let Introspected::Signed(answer) = ask(true).answer(response)? else {
        panic!("a signature was asked for")
    };
    assert_eq!(format!("{answer:?}"), "SignedIntrospection(…)");
    let keys = KeySet::from_jwks([KEY.public_jwk()]);
    let skew = Duration::from_secs(60);
    answer.verify(&keys, &Allowed::asymmetric(), &issuer(), "api", NOW, skew)
}

/// The code for an honest answer with these members changed; null takes one away.
fn changed(changes: Value) -> Result<Introspection, &'static str> {
    let mut claims = claims();
    for (name, value) in object(changes) {
        match value {
            Value::Null => claims.remove(&name).map(drop).unwrap(),
            value => drop(claims.insert(name, value)),
        }
    }
    signed(jwt(&KEY, Some("token-introspection+jwt"), &claims)).map_err(|error| error.entry().code)
}

#[test]
fn an_honest_signed_answer_is_taken() {
    let about = |active: bool| json!({"token_introspection": {"active": active, "sub": "alice"}});
    let Introspection::Active(document) = changed(about(true)).unwrap() else {
        panic!("it is active")
    };
    assert_eq!(document.get("sub").unwrap().as_str(), Some("alice"));
    assert!(document.get("iss").is_none(), "what stands around it is not about the token");
    assert!(matches!(changed(about(false)), Ok(Introspection::Inactive)));
    assert!(changed(json!({"aud": ["other", "api"]})).is_ok());
    assert!(changed(json!({"iat": NOW.as_secs() + 60})).is_ok());
    assert!(changed(json!({"iat": NOW.as_secs() - 120})).is_ok());
}

#[test]
fn a_signed_answer_for_or_from_somebody_else_or_of_another_time_is_refused() {
    for changes in [
        json!({"iss": null}),
        json!({"iss": "https://evil.example"}),
        json!({"iss": [ISSUER]}),
        json!({"aud": null}),
        json!({"aud": "other"}),
        json!({"aud": []}),
        json!({"aud": [["api"]]}),
        json!({"aud": {"api": true}}),
        json!({"iat": null}),
        json!({"iat": NOW.as_secs() + 61}),
        json!({"iat": NOW.as_secs() - 121}),
        json!({"iat": NOW.as_secs().to_string()}),
        json!({"iat": 1e300}),
        json!({"token_introspection": null}),
        json!({"token_introspection": true}),
        json!({"token_introspection": [{"active": true}]}),
        json!({"token_introspection": {"sub": "alice"}}),
        json!({"token_introspection": {"active": "true"}}),
        json!({"token_introspection": null, "active": true}),
    ] {
        assert_eq!(changed(changes.clone()).unwrap_err(), "introspection.member", "{changes}");
    }
}

#[test]
fn another_jwt_of_the_provider_is_no_introspection_answer() {
    for typ in [None, Some("JWT"), Some("at+jwt"), Some("token-introspection"), Some("")] {
        let error = signed(jwt(&KEY, typ, &claims())).unwrap_err();
        assert_eq!(error.entry().code, "introspection.member", "{typ:?}");
    }
    assert!(signed(jwt(&KEY, Some("application/Token-Introspection+JWT"), &claims())).is_ok());
}

#[test]
fn an_answer_signed_by_somebody_else_is_refused() {
    let typ = Some("token-introspection+jwt");
    let other = key(Algorithm::Es256);
    assert!(signed(jwt(&other, typ, &claims())).unwrap_err().is_unknown_key());
    let disguised = other.with_kid(KEY.kid().unwrap());
    let error = signed(jwt(&disguised, typ, &claims())).unwrap_err();
    assert_eq!(error.entry().code, "jws.signature");
    let public = Value::Object(KEY.public_jwk()).to_string();
    let mac = SigningKey::from_secret(public.as_bytes(), Algorithm::Hs256).unwrap();
    let error = signed(jwt(&mac, typ, &claims())).unwrap_err();
    assert_eq!(error.entry().code, "jws.algorithm_not_allowed");
}

#[test]
fn what_only_looks_signed_is_refused() {
    for token in ["", "a.b", "{\"active\":true}", "eyJhbGciOiJub25lIn0.eyJhY3RpdmUiOnRydWV9.", "ü"]
    {
        let error = signed(raw_answer(200, &[("content-type", JWT)], token)).unwrap_err();
        assert!(error.entry().code.starts_with("jws."), "{token}: {error}");
    }
}

#[test]
fn a_plain_answer_where_a_signed_one_was_asked_for_is_refused() {
    let active = r#"{"active":true}"#;
    for response in [
        answer(200, &json!({"active": true})),
        answer(200, &json!({"active": false})),
        raw_answer(200, &[], active),
        raw_answer(200, &[("content-type", "application/jwt")], "a.b.c"),
        raw_answer(200, &[("content-type", "text/html")], "<html>"),
    ] {
        let error = ask(true).answer(response).unwrap_err();
        assert_eq!(error, IntrospectError::NotSigned);
        assert_eq!(error.entry().code, "introspection.not_signed");
    }
}

#[test]
fn a_refusal_does_not_repeat_the_secret_of_the_client() {
    let client = Client::with_secret("api", secret("api-hush-0987654321"));
    let body = json!({"error": "invalid_client", "error_description": "not api-hush-0987654321"});
    let asked = ask_as(&client, IntrospectionAuth::Client, false);
    let error = asked.answer(answer(401, &body)).unwrap_err();
    assert_eq!(error.says().unwrap().error, "invalid_client");
    assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
}
