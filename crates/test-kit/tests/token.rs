use std::time::Duration;

use countersign_jose::{Allowed, Jws, base64url, digest};
use countersign_test_kit::{DpopKey, TestIssuer, TestToken, UnixTime};
use serde_json::{Value, json};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

fn claims(issuer: &TestIssuer, token: &TestToken<'_>) -> Value {
    let token = token.sign();
    let payload = Jws::parse(&token).unwrap().verify(&issuer.keys(), &Allowed::asymmetric());
    Value::Object(payload.unwrap().object().unwrap())
}

#[test]
fn a_token_has_everything_that_the_profile_demands() {
    let issuer = TestIssuer::new("https://issuer.test").at(NOW);
    let token = issuer.token("alice");
    let claims = claims(&issuer, &token);
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!("https://issuer.test"), &json!("alice")));
    assert_eq!((&claims["aud"], &claims["client_id"]), (&json!("api"), &json!("app")));
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(1_800_000_000), &json!(1_800_003_600)));
    assert!(claims["jti"].is_string());
    assert!(Jws::parse(&token.sign()).unwrap().typ_is("at+jwt"));
}

#[test]
fn no_two_tokens_have_the_same_jti() {
    let issuer = TestIssuer::new("https://issuer.test").at(NOW);
    let token = issuer.token("alice");
    assert_ne!(claims(&issuer, &token)["jti"], claims(&issuer, &token)["jti"]);
}

#[test]
fn scopes_audiences_and_roles_add_up() {
    let issuer = TestIssuer::new("https://issuer.test");
    let token = issuer
        .token("alice")
        .audience("notes")
        .audience("bills")
        .scope("notes:read notes:write")
        .scope("bills:read")
        .role("editor")
        .role("reader")
        .roles_at("/resource_access/my~1notes/roles", ["owner"])
        .roles_at("/groups", Vec::<String>::new());
    let claims = claims(&issuer, &token);
    assert_eq!(claims["aud"], json!(["notes", "bills"]));
    assert_eq!(claims["scope"], "notes:read notes:write bills:read");
    assert_eq!(claims["realm_access"]["roles"], json!(["editor", "reader"]));
    assert_eq!(claims["resource_access"]["my/notes"]["roles"], json!(["owner"]));
    assert_eq!(claims["groups"], json!([]));
}

#[test]
fn any_claim_and_header_can_be_set_or_taken_out() {
    let issuer = TestIssuer::new("https://issuer.test").at(NOW);
    let token = issuer
        .token("alice")
        .claim("exp", 7)
        .claim("email", "alice@issuer.test")
        .without("jti")
        .header("typ", "JWT")
        .without_header("kid");
    let found = claims(&issuer, &token);
    assert_eq!((&found["exp"], &found["email"]), (&json!(7), &json!("alice@issuer.test")));
    assert_eq!(found.get("jti"), None);
    let signed = token.sign();
    let jws = Jws::parse(&signed).unwrap();
    assert_eq!((jws.typ(), jws.kid()), (Some("JWT"), None));
}

#[test]
fn a_token_may_be_of_another_time_than_its_issuer() {
    let issuer = TestIssuer::new("https://issuer.test").at(NOW);
    let before = NOW - Duration::from_secs(7200);
    let token = issuer.token("alice").at(before).lives(Duration::from_secs(60));
    let token = token.authenticated("mfa", before);
    let claims = claims(&issuer, &token);
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(1_799_992_800), &json!(1_799_992_860)));
    assert_eq!((&claims["acr"], &claims["auth_time"]), (&json!("mfa"), &json!(1_799_992_800)));
}

#[test]
fn a_token_is_bound_to_what_it_is_said_to_be_bound_to() {
    let issuer = TestIssuer::new("https://issuer.test");
    let key = DpopKey::generate();
    let token = issuer.token("alice").bound_to(&key);
    assert_eq!(claims(&issuer, &token)["cnf"], json!({"jkt": key.thumbprint()}));
    let token = issuer.token("alice").bound_to_certificate(b"certificate");
    let digest = base64url::encode(&digest::sha256(b"certificate"));
    assert_eq!(claims(&issuer, &token)["cnf"], json!({"x5t#S256": digest}));
}
