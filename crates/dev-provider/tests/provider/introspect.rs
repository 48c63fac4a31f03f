//! Introspection: signed answers, and tokens that speak for themselves.

use crate::support::{Answer, Browser, SECRET, basic, encode, provider, verified, with};
use countersign_dev_provider::{Client, DevProvider, Who};
use countersign_jose::{Jws, danger};
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

async fn ask(provider: &DevProvider, authorization: &str, token: &str, accept: &str) -> Answer {
    let builder = Request::post("/introspect")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, authorization)
        .header(header::ACCEPT, accept);
    Browser::new(provider).send(builder, encode(&[("token", token)])).await
}

async fn token(provider: &DevProvider) -> String {
    let tokens = Browser::new(provider).tokens("web", "alice", &[]).await;
    tokens["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_answer_is_signed_for_whoever_asks_for_that() {
    let provider = provider();
    let token = token(&provider).await;
    let web = basic("web", SECRET);
    let answer = ask(&provider, &web, &token, SIGNED).await;
    assert_eq!(answer.header("content-type"), SIGNED);
    assert!(Jws::parse(&answer.text()).unwrap().typ_is("token-introspection+jwt"));
    let claims = verified(&provider, &answer.text());
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(provider.issuer()), &json!("web")));
    assert_eq!(claims["token_introspection"]["active"], true);
    assert_eq!(claims["token_introspection"]["sub"], "alice");
    assert_eq!(claims.get("sub"), None, "section 5: it must not pass for a token itself");
    assert_eq!(claims.get("exp"), None);

    let plain = ask(&provider, &web, &token, "application/json").await;
    assert_eq!(plain.header("content-type"), "application/json");
    let dead = ask(&provider, &web, "unknown", SIGNED).await;
    let dead = verified(&provider, &dead.text());
    assert_eq!(dead["token_introspection"], json!({"active": false}));
}

#[tokio::test]
async fn a_token_can_be_asked_about_with_itself() {
    let provider = provider();
    let token = token(&provider).await;
    let bearer = format!("Bearer {token}");
    let answer = ask(&provider, &bearer, &token, "*/*").await;
    assert_eq!((answer.status, &answer.json()["sub"]), (StatusCode::OK, &json!("alice")));

    Browser::new(&provider).as_client("/revoke", "web", &[("token", &token)]).await;
    assert_eq!(ask(&provider, &bearer, &token, "*/*").await.json(), json!({"active": false}));
    let other = ask(&provider, &bearer, "another", "*/*").await;
    assert_eq!(other.status, StatusCode::UNAUTHORIZED, "a dead token opens nothing");
    assert!(other.header("www-authenticate").starts_with("Bearer"));
}

#[tokio::test]
async fn introspection_can_be_bent() {
    let provider = provider();
    let token = token(&provider).await;
    let web = basic("web", SECRET);
    for (case, name, bent) in [
        ("introspection.active_text", "active", json!("true")),
        ("introspection.no_active", "active", Value::Null),
        ("introspection.wrong_aud", "aud", json!("another-api")),
        ("introspection.expired", "exp", json!(provider.now() - 3600)),
    ] {
        provider.mischief().set_case(Who::All, case).unwrap();
        let answer = ask(&provider, &web, &token, "*/*").await.json();
        assert_eq!(answer[name], bent, "{case}");
        let answer = ask(&provider, &web, &token, SIGNED).await;
        let inside = verified(&provider, &answer.text())["token_introspection"].clone();
        assert_eq!(inside[name], bent, "{case}, signed");
    }
}

#[tokio::test]
async fn the_client_chooses_the_algorithm_of_signed_answers() {
    let provider = with(|builder| builder.client(Client::confidential("other", SECRET)));
    let body = json!({
        "redirect_uris": ["http://127.0.0.1:3000/auth/callback"],
        "introspection_signed_response_alg": "EdDSA",
    });
    let builder = Request::post("/register").header(header::CONTENT_TYPE, "application/json");
    let client = Browser::new(&provider).send(builder, body.to_string()).await.json();
    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    let as_client = basic(&text("client_id"), &text("client_secret"));
    let token = token(&provider).await;
    let answer = ask(&provider, &as_client, &token, SIGNED).await;
    assert_eq!(Jws::parse(&answer.text()).unwrap().algorithm().name(), "EdDSA");
    assert_eq!(danger::peek(&answer.text()).unwrap()["aud"], client["client_id"]);
}

const SIGNED: &str = "application/token-introspection+jwt";
