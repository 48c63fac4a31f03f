//! Access tokens on order.

use crate::support::{Answer, Browser, provider, verified, with};
use countersign_dev_provider::{AccessTokens, DevProvider};
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

async fn order(provider: &DevProvider, order: &Value) -> Answer {
    let builder = Request::post("/dev/mint").header(header::CONTENT_TYPE, "application/json");
    Browser::new(provider).send(builder, order.to_string()).await
}

async fn minted(provider: &DevProvider, what: &Value) -> (String, Value) {
    let answer = order(provider, what).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let body = answer.json();
    (body["access_token"].as_str().unwrap().to_owned(), body)
}

async fn introspected(provider: &DevProvider, token: &str) -> Value {
    Browser::new(provider).as_client("/introspect", "web", &[("token", token)]).await.json()
}

#[tokio::test]
async fn a_minted_token_is_the_persons_with_roles_and_scope() {
    let provider = provider();
    let (token, body) =
        minted(&provider, &json!({"user": "alice", "scope": "openid notes:read"})).await;
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(3600)));
    let claims = verified(&provider, &token);
    assert_eq!((&claims["sub"], &claims["aud"]), (&json!("alice"), &json!("api")));
    assert_eq!(claims["scope"], "openid notes:read");
    assert_eq!(claims["realm_access"]["roles"], json!(["editor", "reader"]));
    assert_eq!(introspected(&provider, &token).await["sub"], "alice");
    assert_eq!(Browser::new(&provider).user_info(&token).await.json()["sub"], "alice");
}

#[tokio::test]
async fn every_claim_can_be_ordered() {
    let provider = provider();
    let what = json!({
        "sub": "robot-7", "client_id": "shop", "aud": ["notes", "bills"], "roles": ["admin"],
        "expires_in": -60, "typ": "JWT", "alg": "EdDSA",
        "claims": {"acr": "mfa", "jti": null, "iss": "https://evil.example"},
    });
    let (token, _) = minted(&provider, &what).await;
    let claims = verified(&provider, &token);
    assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("robot-7"), &json!("shop")));
    assert_eq!(claims["aud"], json!(["notes", "bills"]));
    assert_eq!((&claims["roles"], &claims["acr"]), (&json!(["admin"]), &json!("mfa")));
    assert_eq!(claims["iss"], "https://evil.example");
    assert_eq!(claims.get("jti"), None, "null takes a claim out");
    assert_eq!(claims["exp"], provider.now() - 60);
    assert_eq!(introspected(&provider, &token).await, json!({"active": false}), "it has ended");
}

#[tokio::test]
async fn an_opaque_token_means_something_at_introspection_alone() {
    let provider = provider();
    let what = json!({"user": "bob", "opaque": true, "scope": "notes:read", "roles": ["boss"]});
    let (token, _) = minted(&provider, &what).await;
    assert!(!token.contains('.'), "{token}");
    let found = introspected(&provider, &token).await;
    assert_eq!((&found["active"], &found["aud"]), (&json!(true), &json!("api")));
    assert_eq!((&found["roles"], &found["scope"]), (&json!(["boss"]), &json!("notes:read")));
}

#[tokio::test]
async fn a_token_is_signed_even_where_others_are_opaque() {
    let provider = with(|builder| builder.access_tokens(AccessTokens::Opaque));
    let (token, _) = minted(&provider, &json!({"user": "alice"})).await;
    assert_eq!(verified(&provider, &token)["aud"], "api");
}

#[tokio::test]
async fn what_cannot_be_minted_is_told_with_what_could_be() {
    let provider = provider();
    for (what, part) in [
        (json!({"user": "nobody"}), "known: alice, bob, carol"),
        (json!({"alg": "none"}), "RS256"),
        (json!({"alg": "RS256"}), "signing_algorithms"),
        (json!({"colour": "red"}), "colour"),
        (json!({"aud": 7}), "aud must be"),
        (json!({"aud": ["a", 7]}), "aud must be"),
    ] {
        let answer = order(&provider, &what).await;
        assert!(answer.status.is_client_error() || answer.status.is_server_error(), "{what}");
        assert!(answer.text().contains(part), "{what}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_page_of_another_origin_cannot_mint() {
    let provider = provider();
    let builder = Request::post("/dev/mint").header(header::CONTENT_TYPE, "text/plain");
    let answer = Browser::new(&provider).send(builder, "{}".to_owned()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_mint_is_announced_where_it_is_and_nowhere_else() {
    let open = provider();
    let found = Browser::new(&open).get("/.well-known/openid-configuration").await.json();
    let address = format!("{}/dev/mint", open.issuer());
    assert_eq!(found["countersign_dev_mint_endpoint"], address);

    let closed = with(|builder| builder.remote_control(false));
    let found = Browser::new(&closed).get("/.well-known/openid-configuration").await.json();
    assert_eq!(found.get("countersign_dev_mint_endpoint"), None);
    assert_eq!(order(&closed, &json!({})).await.status, StatusCode::NOT_FOUND);
}
