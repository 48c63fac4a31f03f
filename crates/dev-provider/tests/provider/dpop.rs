//! Tokens that are bound to a key.

use crate::support::{Answer, Browser, SECRET, basic, encode, provider, verified};
use countersign_dev_provider::DevProvider;
use countersign_test_kit::{BrokenProof, DpopKey, TestProof, UnixTime};
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

fn proof<'k>(provider: &DevProvider, key: &'k DpopKey) -> TestProof<'k> {
    let url = format!("{}/token", provider.issuer());
    key.proof("POST", url).at(UnixTime::from_secs(provider.now()))
}

async fn ask(provider: &DevProvider, proofs: &[String]) -> Answer {
    let mut builder = Request::post("/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, basic("web", SECRET));
    for proof in proofs {
        builder = builder.header("dpop", proof);
    }
    let form = encode(&[("grant_type", "client_credentials"), ("scope", "notes:read")]);
    Browser::new(provider).send(builder, form).await
}

async fn user_info(provider: &DevProvider, scheme: &str, token: &str, proof: &str) -> Answer {
    let builder = Request::get("/userinfo")
        .header(header::AUTHORIZATION, format!("{scheme} {token}"))
        .header("dpop", proof);
    Browser::new(provider).send(builder, String::new()).await
}

#[tokio::test]
async fn a_proof_at_the_token_endpoint_binds_the_token() {
    let provider = provider();
    let key = DpopKey::generate();
    let answer = ask(&provider, &[proof(&provider, &key).sign()]).await.json();
    assert_eq!(answer["token_type"], "DPoP");
    let token = answer["access_token"].as_str().unwrap();
    assert_eq!(verified(&provider, token)["cnf"], json!({"jkt": key.thumbprint()}));
    let found = Browser::new(&provider).as_client("/introspect", "web", &[("token", token)]).await;
    let found = found.json();
    assert_eq!(
        (&found["token_type"], &found["cnf"]["jkt"]),
        (&json!("DPoP"), &json!(key.thumbprint()))
    );
    assert_eq!(ask(&provider, &[]).await.json()["token_type"], "Bearer");
}

#[tokio::test]
async fn a_wrong_proof_gets_no_token() {
    let provider = provider();
    let key = DpopKey::generate();
    for broken in BrokenProof::ALL {
        let about_the_token =
            [BrokenProof::WrongToken, BrokenProof::NoToken, BrokenProof::OtherKey];
        if about_the_token.contains(&broken) {
            continue; // There is no token yet, nor a key to compare with.
        }
        let answer = ask(&provider, &[proof(&provider, &key).broken(broken).sign()]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{broken}");
        assert_eq!(answer.json()["error"], "invalid_dpop_proof", "{broken}");
    }
    let two = [proof(&provider, &key).sign(), proof(&provider, &key).sign()];
    assert_eq!(ask(&provider, &two).await.json()["error"], "invalid_dpop_proof");
}

#[tokio::test]
async fn a_proof_is_good_once() {
    let provider = provider();
    let key = DpopKey::generate();
    let proof = [proof(&provider, &key).sign()];
    assert_eq!(ask(&provider, &proof).await.status, StatusCode::OK);
    assert_eq!(ask(&provider, &proof).await.json()["error"], "invalid_dpop_proof");
}

#[tokio::test]
async fn a_bound_token_opens_user_info_with_its_key_alone() {
    let provider = provider();
    let key = DpopKey::generate();
    let order = json!({"user": "alice", "scope": "openid", "jkt": key.thumbprint()});
    let builder = Request::post("/dev/mint").header(header::CONTENT_TYPE, "application/json");
    let minted: Value = Browser::new(&provider).send(builder, order.to_string()).await.json();
    assert_eq!(minted["token_type"], "DPoP");
    let token = minted["access_token"].as_str().unwrap();
    let url = format!("{}/userinfo", provider.issuer());
    let by = |key: &DpopKey| {
        key.proof("GET", url.as_str())
            .for_token(token)
            .at(UnixTime::from_secs(provider.now()))
            .sign()
    };
    assert_eq!(user_info(&provider, "DPoP", token, &by(&key)).await.json()["sub"], "alice");
    let other = DpopKey::generate();
    for (scheme, proof) in [("Bearer", by(&key)), ("DPoP", by(&other)), ("DPoP", String::new())] {
        let answer = user_info(&provider, scheme, token, &proof).await;
        assert!(answer.status.is_client_error(), "{scheme}: {}", answer.text());
        assert_eq!(answer.json().get("sub"), None);
    }
    assert_eq!(Browser::new(&provider).user_info(token).await.status, StatusCode::UNAUTHORIZED);
}
