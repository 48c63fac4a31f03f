//! Dynamic registration and the management of what came of it.

use std::time::Duration;

use crate::support::{Answer, Browser, CALLBACK, provider, with};
use countersign_dev_provider::{DevProvider, Registration};
use countersign_jose::{Algorithm, SigningKey};
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

async fn register(provider: &DevProvider, metadata: &Value, token: Option<&str>) -> Answer {
    let mut builder = Request::post("/register").header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        builder = builder.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    Browser::new(provider).send(builder, metadata.to_string()).await
}

#[tokio::test]
async fn a_registered_client_can_log_people_in() {
    let provider = provider();
    let metadata = json!({
        "redirect_uris": [CALLBACK],
        "client_name": "Shop",
        "token_endpoint_auth_method": "client_secret_post",
        "id_token_signed_response_alg": "ES256",
        "contacts": ["dora@example.org"],
    });
    let answer = register(&provider, &metadata, None).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    let client = answer.json();
    assert_eq!(client["client_secret_expires_at"], 0);
    assert_eq!(client["contacts"][0], "dora@example.org", "unknown metadata is given back");
    assert_eq!(client["grant_types"], json!(["authorization_code"]));

    let id = client["client_id"].as_str().unwrap();
    let mut browser = Browser::new(&provider);
    let back = browser.log_in(id, "carol", &[]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &back["code"]),
        ("redirect_uri", CALLBACK),
        ("code_verifier", crate::support::VERIFIER),
        ("client_secret", client["client_secret"].as_str().unwrap()),
    ];
    let tokens = browser.token(id, &form).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text());
    assert_eq!(tokens.json().get("refresh_token"), None, "nobody registered or asked for one");
}

#[tokio::test]
async fn metadata_that_cannot_be_had_is_refused() {
    let provider = provider();
    let keys = json!({"keys": [{"kty": "oct", "k": "AAAA"}]});
    for (metadata, expected) in [
        (json!({}), "invalid_redirect_uri"),
        (json!({"redirect_uris": ["/relative"]}), "invalid_redirect_uri"),
        (json!({"redirect_uris": ["https://a.example/#part"]}), "invalid_redirect_uri"),
        (json!({"redirect_uris": ["javascript:alert(1)"]}), "invalid_redirect_uri"),
        (json!({"redirect_uris": "not a list"}), "invalid_client_metadata"),
        (json!([]), "invalid_client_metadata"),
        (
            json!({"redirect_uris": [CALLBACK], "response_types": ["magic"]}),
            "invalid_client_metadata",
        ),
        (
            json!({"redirect_uris": [CALLBACK], "id_token_signed_response_alg": "none"}),
            "invalid_client_metadata",
        ),
        (
            json!({"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "private_key_jwt"}),
            "invalid_client_metadata",
        ),
        (
            json!({
                "redirect_uris": [CALLBACK],
                "token_endpoint_auth_method": "private_key_jwt",
                "jwks": keys,
            }),
            "invalid_client_metadata",
        ),
        (
            json!({"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "magic"}),
            "invalid_client_metadata",
        ),
    ] {
        let answer = register(&provider, &metadata, None).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{metadata}");
        assert_eq!(answer.json()["error"], expected, "{metadata}");
    }
}

#[tokio::test]
async fn a_client_with_keys_gets_no_secret() {
    let provider = provider();
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let metadata = json!({
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [key.public_jwk()]},
    });
    let answer = register(&provider, &metadata, None).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.json().get("client_secret"), None);
}

#[tokio::test]
async fn registration_can_want_a_token_or_be_closed() {
    let metadata = json!({"redirect_uris": [CALLBACK]});
    let provider = with(|builder| builder.registration(Registration::Token("initial".into())));
    assert_eq!(register(&provider, &metadata, None).await.status, StatusCode::UNAUTHORIZED);
    let wrong = register(&provider, &metadata, Some("wrong")).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let right = register(&provider, &metadata, Some("initial")).await;
    assert_eq!(right.status, StatusCode::CREATED);

    let closed = with(|builder| builder.registration(Registration::Closed));
    assert_eq!(register(&closed, &metadata, None).await.status, StatusCode::FORBIDDEN);
    let document = Browser::new(&closed).get("/.well-known/openid-configuration").await.json();
    assert_eq!(document.get("registration_endpoint"), None);
}

#[tokio::test]
async fn a_secret_ends_when_its_time_is_over() {
    let provider = with(|builder| builder.registered_secret_lifetime(Duration::from_secs(100)));
    let metadata =
        json!({"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "client_secret_post"});
    let client = register(&provider, &metadata, None).await.json();
    let ends = client["client_secret_expires_at"].as_i64().unwrap();
    assert!((ends - provider.now() - 100).abs() <= 5);
    let form =
        [("token", "anything"), ("client_secret", client["client_secret"].as_str().unwrap())];
    let id = client["client_id"].as_str().unwrap();
    let mut browser = Browser::new(&provider);
    assert_eq!(browser.as_client("/introspect", id, &form).await.status, StatusCode::OK);
    provider.advance_clock(Duration::from_secs(101));
    let late = browser.as_client("/introspect", id, &form).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_registration_can_be_read_and_deleted_by_its_owner_only() {
    let provider = provider();
    let client = register(&provider, &json!({"redirect_uris": [CALLBACK]}), None).await.json();
    let address = client["registration_client_uri"].as_str().unwrap();
    let path = url::Url::parse(address).unwrap().path().to_owned();
    let token = client["registration_access_token"].as_str().unwrap();
    let mut browser = Browser::new(&provider);
    let with = |builder: http::request::Builder, token: &str| {
        builder.header(header::AUTHORIZATION, format!("Bearer {token}"))
    };
    let read = browser.send(with(Request::get(&path), token), String::new()).await;
    assert_eq!(read.json()["client_id"], client["client_id"]);
    for request in [Request::get(&path), Request::delete(&path)] {
        let answer = browser.send(with(request, "wrong"), String::new()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let gone = browser.send(with(Request::delete(&path), token), String::new()).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let read = browser.send(with(Request::get(&path), token), String::new()).await;
    assert_eq!(read.status, StatusCode::UNAUTHORIZED);
}
