//! The token endpoint: codes, refreshes, and the ways in which clients prove themselves.

use std::time::Duration;

use crate::support::{
    Answer, Browser, CALLBACK, SECRET, VERIFIER, basic, encode, provider, verified, with,
};
use countersign_dev_provider::{AccessTokens, Client, ClientAuth, DevProvider};
use countersign_jose::{Algorithm, Allowed, Jws, KeySet, Object, SigningKey};
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

fn error(answer: &Answer) -> String {
    answer.json()["error"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_code_is_good_once_and_its_reuse_revokes_the_tokens() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let code = browser.log_in("web", "alice", &[]).await["code"].clone();
    let tokens = browser.redeem("web", &code).await.json();
    let access_token = tokens["access_token"].as_str().unwrap();
    assert_eq!(browser.user_info(access_token).await.status, StatusCode::OK);

    let again = browser.redeem("web", &code).await;
    assert_eq!((again.status, error(&again).as_str()), (StatusCode::BAD_REQUEST, "invalid_grant"));
    assert_eq!(again.header("cache-control"), "no-store");
    assert_eq!(browser.user_info(access_token).await.status, StatusCode::UNAUTHORIZED);
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    assert_eq!(error(&browser.token("web", &form).await), "invalid_grant");
}

#[tokio::test]
async fn a_code_must_fit_its_client_redirect_uri_verifier_and_minute() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    for (name, value) in [
        ("redirect_uri", "http://127.0.0.1:3000/other"),
        ("redirect_uri", ""),
        ("code_verifier", "another-verifier-that-is-also-long-enough-to-pass"),
        ("code_verifier", ""),
        ("code", "unknown"),
    ] {
        let code = browser.log_in("web", "alice", &[("prompt", "login")]).await["code"].clone();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        form.retain(|(known, _)| *known != name);
        form.push((name, value));
        assert_eq!(error(&browser.token("web", &form).await), "invalid_grant", "{name}={value}");
    }
    let code = browser.authorize("web", &[]).await.query()["code"].clone();
    assert_eq!(error(&browser.redeem("app", &code).await), "invalid_grant", "another client's");
    let code = browser.authorize("web", &[]).await.query()["code"].clone();
    provider.advance_clock(Duration::from_secs(61));
    assert_eq!(error(&browser.redeem("web", &code).await), "invalid_grant", "too late");
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let none = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = browser.log_in("web", "alice", &none).await["code"].clone();
    assert_eq!(error(&browser.redeem("web", &code).await), "invalid_grant");
}

#[tokio::test]
async fn a_refresh_rotates_the_token_and_reuse_ends_the_family() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let tokens = browser.tokens("web", "alice", &[]).await;
    let first = tokens["refresh_token"].as_str().unwrap();
    let form = |token| [("grant_type", "refresh_token"), ("refresh_token", token)];
    let answer = browser.token("web", &form(first)).await.json();
    let second = answer["refresh_token"].as_str().unwrap();
    assert_ne!(first, second);
    let claims = verified(&provider, answer["id_token"].as_str().unwrap());
    assert_eq!(claims["sub"], "alice");
    assert_eq!(claims.get("nonce"), None, "a refreshed ID token has no nonce");

    assert_eq!(error(&browser.token("web", &form(first)).await), "invalid_grant");
    assert_eq!(error(&browser.token("web", &form(second)).await), "invalid_grant");
    let access_token = answer["access_token"].as_str().unwrap();
    assert_eq!(browser.user_info(access_token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_rotation_a_refresh_token_stays_good() {
    let provider = with(|builder| builder.rotate_refresh_tokens(false));
    let mut browser = Browser::new(&provider);
    let tokens = browser.tokens("web", "alice", &[]).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    for _ in 0..2 {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        let answer = browser.token("web", &form).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.json().get("refresh_token"), None);
    }
}

#[tokio::test]
async fn a_refresh_may_narrow_the_scope_but_not_widen_it() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let tokens = browser.tokens("web", "alice", &[("scope", "openid email")]).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let form =
        |scope| [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
    assert_eq!(error(&browser.token("web", &form("openid profile")).await), "invalid_scope");
    let narrow = browser.token("web", &form("openid")).await.json();
    assert_eq!(narrow["scope"], "openid");
    let person = browser.user_info(narrow["access_token"].as_str().unwrap()).await.json();
    assert_eq!(person.get("email"), None);
}

#[tokio::test]
async fn a_refresh_token_of_another_client_or_past_its_end_is_refused() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let tokens = browser.tokens("web", "alice", &[]).await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    assert_eq!(error(&browser.token("app", &form).await), "invalid_grant");
    provider.advance_clock(Duration::from_secs(31 * 24 * 3600));
    assert_eq!(error(&browser.token("web", &form).await), "invalid_grant");
}

#[tokio::test]
async fn access_tokens_are_jwts_or_opaque_as_the_client_is_set() {
    let provider = with(|builder| {
        builder.client(
            Client::public("opaque")
                .redirect_uri(CALLBACK)
                .id_token_algorithm(Algorithm::Es256)
                .access_tokens(AccessTokens::Opaque),
        )
    });
    let mut browser = Browser::new(&provider);
    let tokens = browser.tokens("web", "alice", &[("scope", "openid notes:read")]).await;
    let token = tokens["access_token"].as_str().unwrap();
    assert!(Jws::parse(token).unwrap().typ_is("at+jwt"));
    let claims = verified(&provider, token);
    assert_eq!(claims["aud"], "api");
    assert_eq!(claims["client_id"], "web");
    assert_eq!(claims["scope"], "openid notes:read");
    assert_eq!(claims["realm_access"]["roles"][0], "editor");

    let resource = [("resource", "https://api.example/v1")];
    let tokens = browser.log_in("web", "alice", &[resource[0], ("prompt", "login")]).await;
    let tokens = browser.redeem("web", &tokens["code"]).await.json();
    let claims = verified(&provider, tokens["access_token"].as_str().unwrap());
    assert_eq!(claims["aud"], "https://api.example/v1");

    let tokens = Browser::new(&provider).tokens("opaque", "alice", &[]).await;
    assert!(!tokens["access_token"].as_str().unwrap().contains('.'));
}

#[tokio::test]
async fn an_id_token_can_be_signed_with_the_client_secret() {
    let provider = with(|builder| {
        let client = Client::confidential("web", SECRET)
            .redirect_uri(CALLBACK)
            .id_token_algorithm(Algorithm::Hs256)
            .extra_audience("another");
        builder.client(client)
    });
    let mut browser = Browser::new(&provider);
    let tokens = browser.tokens("web", "alice", &[]).await;
    let token = tokens["id_token"].as_str().unwrap();
    let keys = KeySet::from_secret(SECRET.as_bytes()).unwrap();
    let allowed = Allowed::new([Algorithm::Hs256]).unwrap();
    let claims = Jws::parse(token).unwrap().verify(&keys, &allowed).unwrap().object().unwrap();
    assert_eq!(claims["aud"], json!(["web", "another"]));
    assert_eq!(claims["azp"], "web");
    let hint = browser.authorize("web", &[("id_token_hint", token)]).await;
    assert!(hint.query().contains_key("code"), "its own ID token is a good hint");
}

/// A provider with one client for each way.
fn ways() -> (DevProvider, SigningKey) {
    let key = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let jwks = json!({"keys": [key.public_jwk()]}).as_object().unwrap().clone();
    let provider = with(|builder| {
        let post =
            Client::confidential("post", SECRET).authentication(ClientAuth::ClientSecretPost);
        let jwt = Client::confidential("jwt", SECRET).authentication(ClientAuth::ClientSecretJwt);
        builder.client(post).client(jwt).client(Client::with_keys("key", jwks))
    });
    (provider, key)
}

fn assertion(key: &SigningKey, claims: &Value) -> String {
    key.sign(&Object::new(), claims.to_string().as_bytes()).unwrap()
}

async fn with_assertion(provider: &DevProvider, jwt: &str) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", jwt),
    ];
    Browser::new(provider).post("/token", &form).await
}

#[tokio::test]
async fn each_client_comes_in_by_its_registered_way_and_no_other() {
    let (provider, key) = ways();
    let mut browser = Browser::new(&provider);
    let ask = [("grant_type", "client_credentials")];
    assert_eq!(browser.token("web", &ask).await.status, StatusCode::OK);
    let post = |id| [ask[0], ("client_id", id), ("client_secret", SECRET)];
    assert_eq!(browser.post("/token", &post("post")).await.status, StatusCode::OK);
    let now = provider.now();
    for (id, key) in [
        ("jwt", SigningKey::from_secret(SECRET.as_bytes(), Algorithm::Hs256).unwrap()),
        ("key", key),
    ] {
        let claims = json!({
            "iss": id, "sub": id, "aud": provider.issuer(), "exp": now + 60, "jti": "one",
        });
        let answer = with_assertion(&provider, &assertion(&key, &claims)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }

    for id in ["web", "jwt", "key"] {
        let answer = browser.post("/token", &post(id)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{id} by client_secret_post");
        assert_eq!(error(&answer), "invalid_client");
        assert!(answer.header("www-authenticate").starts_with("Basic "));
    }
    let builder = Request::post("/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, basic("post", SECRET));
    let answer = browser.send(builder, encode(&ask)).await;
    assert_eq!(error(&answer), "invalid_client", "post by client_secret_basic");
    for id in ["web", "post", "nobody"] {
        let bare = browser.post("/token", &[ask[0], ("client_id", id)]).await;
        assert_eq!(error(&bare), "invalid_client", "{id} without a secret");
    }
    let public = browser.post("/token", &[ask[0], ("client_id", "app")]).await;
    assert_eq!(error(&public), "unauthorized_client");
}

#[tokio::test]
async fn a_wrong_secret_and_two_ways_at_once_are_refused() {
    let (provider, _) = ways();
    let mut browser = Browser::new(&provider);
    for value in [basic("web", "wrong"), "Basic !!!".to_owned(), "Bearer x".to_owned()] {
        let builder = Request::post("/token")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::AUTHORIZATION, &value);
        let answer = browser.send(builder, encode(&[("grant_type", "client_credentials")])).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{value}");
        assert!(!answer.text().contains(SECRET));
    }
    let form = [("grant_type", "client_credentials"), ("client_secret", SECRET)];
    assert_eq!(error(&browser.token("web", &form).await), "invalid_request");
}

#[tokio::test]
async fn a_client_assertion_is_checked_in_every_claim() {
    let (provider, key) = ways();
    let now = provider.now();
    let good = json!({
        "iss": "key", "sub": "key", "aud": format!("{}/token", provider.issuer()),
        "exp": now + 60, "jti": "fresh",
    });
    let bent = |name: &str, value: Value| {
        let mut claims = good.clone();
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value,
        }
        assertion(&key, &claims)
    };
    for (name, value) in [
        ("iss", json!("web")),
        ("iss", Value::Null),
        ("aud", json!("https://elsewhere.example")),
        ("aud", Value::Null),
        ("exp", json!(now - 60)),
        ("exp", Value::Null),
        ("exp", json!("soon")),
        ("nbf", json!(now + 600)),
        ("jti", Value::Null),
        ("sub", json!("web")),
    ] {
        let answer = with_assertion(&provider, &bent(name, value.clone())).await;
        assert_eq!(error(&answer), "invalid_client", "{name}={value}");
    }
    let other = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let answer = with_assertion(&provider, &assertion(&other, &good)).await;
    assert_eq!(error(&answer), "invalid_client", "another key");

    let jwt = assertion(&key, &good);
    assert_eq!(with_assertion(&provider, &jwt).await.status, StatusCode::OK);
    assert_eq!(error(&with_assertion(&provider, &jwt).await), "invalid_client", "jti again");
}

#[tokio::test]
async fn unknown_grants_bodies_and_repeated_parameters_are_refused() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let unknown = browser.token("web", &[("grant_type", "password")]).await;
    assert_eq!(error(&unknown), "unsupported_grant_type");
    assert_eq!(error(&browser.token("web", &[]).await), "invalid_request");
    let twice = [("grant_type", "client_credentials"), ("grant_type", "client_credentials")];
    assert_eq!(error(&browser.token("web", &twice).await), "invalid_request");
    let builder = Request::post("/token").header(header::CONTENT_TYPE, "application/json");
    let answer = browser.send(builder, "{}".to_owned()).await;
    assert_eq!(error(&answer), "invalid_request");
}

#[tokio::test]
async fn authmachine_clients_can_ask_whether_a_token_was_revoked() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let tokens = browser.tokens("web", "alice", &[]).await;
    let token = tokens["access_token"].as_str().unwrap();
    let ask = [("grant_type", "check_token_revoked"), ("access_token", token)];
    for path in ["/token", "/oidc/token"] {
        assert_eq!(browser.as_client(path, "web", &ask).await.json(), json!({"revoked": false}));
    }
    browser.as_client("/revoke", "web", &[("token", token)]).await;
    assert_eq!(browser.token("web", &ask).await.json(), json!({"revoked": true}));
}

#[tokio::test]
async fn user_info_wants_one_good_token_with_openid() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let tokens = browser.tokens("web", "alice", &[]).await;
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(browser.post("/userinfo", &[("access_token", token)]).await.status, StatusCode::OK);
    let none = browser.get("/userinfo").await;
    assert_eq!(none.status, StatusCode::UNAUTHORIZED);
    assert!(none.header("www-authenticate").starts_with("Bearer"));
    let ask = [("grant_type", "client_credentials"), ("scope", "notes:read")];
    let own = browser.token("web", &ask).await.json();
    assert_eq!(own["scope"], "notes:read");
    let own = browser.user_info(own["access_token"].as_str().unwrap()).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    provider.advance_clock(Duration::from_secs(3601));
    assert_eq!(browser.user_info(token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn user_info_is_signed_where_the_client_wants_it() {
    let provider = with(|builder| {
        let client = Client::confidential("web", SECRET)
            .redirect_uri(CALLBACK)
            .id_token_algorithm(Algorithm::Es256)
            .user_info_algorithm(Algorithm::EdDsa);
        builder.client(client)
    });
    let mut browser = Browser::new(&provider);
    let tokens = browser.tokens("web", "alice", &[]).await;
    let answer = browser.user_info(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(answer.header("content-type"), "application/jwt");
    let claims = verified(&provider, &answer.text());
    assert_eq!((&claims["sub"], &claims["aud"]), (&json!("alice"), &json!("web")));
    assert_eq!(claims["iss"], provider.issuer());
}

#[tokio::test]
async fn introspection_tells_clients_about_live_tokens_only() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let tokens = browser.tokens("web", "alice", &[]).await;
    let token = tokens["access_token"].as_str().unwrap();
    let answer = browser.as_client("/introspect", "web", &[("token", token)]).await.json();
    assert_eq!(answer["active"], true);
    assert_eq!((&answer["sub"], &answer["username"]), (&json!("alice"), &json!("alice")));
    assert_eq!(answer["aud"], "api");
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let answer = browser.as_client("/introspect", "web", &[("token", refresh)]).await.json();
    assert_eq!(answer["token_type"], "refresh_token");
    let unknown = browser.as_client("/introspect", "web", &[("token", "unknown")]).await.json();
    assert_eq!(unknown, json!({"active": false}));
    let public = browser.as_client("/introspect", "app", &[("token", token)]).await;
    assert_eq!(public.status, StatusCode::UNAUTHORIZED);

    browser.as_client("/revoke", "web", &[("token", refresh)]).await;
    let answer = browser.as_client("/introspect", "web", &[("token", token)]).await.json();
    assert_eq!(answer, json!({"active": false}), "the grant went with its refresh token");
}

#[tokio::test]
async fn a_client_cannot_revoke_what_another_was_given() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let tokens = browser.tokens("web", "alice", &[]).await;
    for name in ["access_token", "refresh_token"] {
        let token = tokens[name].as_str().unwrap();
        let answer = browser.as_client("/revoke", "app", &[("token", token)]).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(browser.user_info(token).await.status, StatusCode::OK);
}
