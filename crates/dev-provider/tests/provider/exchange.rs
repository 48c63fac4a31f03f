//! Token exchange.

use crate::support::{Answer, Browser, provider, verified};
use countersign_dev_provider::DevProvider;
use http::StatusCode;
use serde_json::json;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

async fn exchange(provider: &DevProvider, token: &str, more: &[(&str, &str)]) -> Answer {
    let mut form =
        vec![("grant_type", GRANT), ("subject_token", token), ("subject_token_type", ACCESS_TOKEN)];
    form.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    form.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    Browser::new(provider).token("web", &form).await
}

async fn alices(provider: &DevProvider) -> String {
    let scope = [("scope", "openid notes:read notes:write")];
    let tokens = Browser::new(provider).tokens("web", "alice", &scope).await;
    tokens["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_exchanged_token_is_the_same_persons_for_another_api() {
    let provider = provider();
    let token = alices(&provider).await;
    let more = [("audience", "bills"), ("audience", "mail"), ("scope", "notes:read")];
    let answer = exchange(&provider, &token, &more).await.json();
    assert_eq!(answer["issued_token_type"], ACCESS_TOKEN);
    assert_eq!((&answer["token_type"], &answer["scope"]), (&json!("Bearer"), &json!("notes:read")));
    assert_eq!(answer.get("refresh_token"), None);
    let claims = verified(&provider, answer["access_token"].as_str().unwrap());
    assert_eq!((&claims["sub"], &claims["scope"]), (&json!("alice"), &json!("notes:read")));
    assert_eq!(claims["aud"], json!(["bills", "mail"]));
    assert_eq!(claims.get("act"), None);
}

#[tokio::test]
async fn who_acts_stands_in_the_token_and_so_does_who_acted_before() {
    let provider = provider();
    let token = alices(&provider).await;
    let own = [("grant_type", "client_credentials")];
    let own = Browser::new(&provider).token("web", &own).await.json();
    let actor = own["access_token"].as_str().unwrap();
    let more = [("actor_token", actor), ("actor_token_type", ACCESS_TOKEN)];
    let first = exchange(&provider, &token, &more).await.json();
    let first = first["access_token"].as_str().unwrap();
    assert_eq!(verified(&provider, first)["act"], json!({"sub": "web"}));
    let second = exchange(&provider, first, &more).await.json();
    let second = second["access_token"].as_str().unwrap();
    assert_eq!(verified(&provider, second)["act"], json!({"sub": "web", "act": {"sub": "web"}}));
    let found = Browser::new(&provider).as_client("/introspect", "web", &[("token", second)]).await;
    assert_eq!(found.json()["act"]["sub"], "web");
}

#[tokio::test]
async fn what_may_not_be_exchanged_is_refused() {
    let provider = provider();
    let token = alices(&provider).await;
    for (more, error) in [
        (&[("scope", "notes:read admin")][..], "invalid_scope"),
        (&[("subject_token", "unknown")], "invalid_request"),
        (&[("subject_token", "")], "invalid_request"),
        (&[("subject_token_type", "")], "invalid_request"),
        (&[("subject_token_type", "urn:x:saml2")], "invalid_request"),
        (&[("requested_token_type", "urn:x:saml2")], "invalid_request"),
        (&[("actor_token_type", ACCESS_TOKEN)], "invalid_request"),
        (&[("actor_token", "unknown"), ("actor_token_type", ACCESS_TOKEN)], "invalid_request"),
    ] {
        let answer = exchange(&provider, &token, more).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{more:?}");
        assert_eq!(answer.json()["error"], error, "{more:?}");
    }
    let form =
        [("grant_type", GRANT), ("subject_token", &token), ("subject_token_type", ACCESS_TOKEN)];
    let public = Browser::new(&provider).token("app", &form).await;
    assert_eq!(public.json()["error"], "unauthorized_client");
}
