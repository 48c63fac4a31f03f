//! The metadata, the key set and the pages beside the protocol.

use countersign_dev_provider::DevProvider;
use countersign_jose::{Algorithm, KeySet};
use http::StatusCode;

use crate::support::{Browser, provider, with};

#[tokio::test]
async fn the_metadata_names_every_endpoint_and_they_are_there() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let document = browser.get("/.well-known/openid-configuration").await;
    assert_eq!(document.header("content-type"), "application/json");
    let document = document.json();
    assert_eq!(document["issuer"], provider.issuer());
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "registration_endpoint",
        "introspection_endpoint",
        "revocation_endpoint",
        "end_session_endpoint",
    ] {
        let address = document[name].as_str().unwrap();
        let path = address.strip_prefix(provider.issuer()).unwrap();
        assert_ne!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{name}");
    }
    assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    assert_eq!(document["claims_parameter_supported"], true);
    assert_eq!(document["token_endpoint_auth_methods_supported"].as_array().unwrap().len(), 5);
    assert_eq!(
        document["id_token_signing_alg_values_supported"],
        serde_json::json!(["ES256", "EdDSA", "HS256", "HS384", "HS512"])
    );
    assert_eq!(browser.get("/healthz").await.text(), "ok\n");
    assert_eq!(browser.get("/nothing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_key_set_holds_public_halves_only_and_one_rsa_key_for_all_its_algorithms() {
    let provider = DevProvider::builder().build().unwrap();
    let served = Browser::new(&provider).get("/jwks").await;
    let keys = KeySet::parse(&served.body).unwrap();
    assert_eq!((keys.len(), keys.skipped().len()), (5, 0));
    for algorithm in Algorithm::ASYMMETRIC {
        assert!(keys.holds_key(None, *algorithm), "{algorithm}");
    }
    for key in served.json()["keys"].as_array().unwrap() {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(key.get(private), None);
        }
    }
}

#[tokio::test]
async fn the_front_page_says_who_can_log_in() {
    let provider = provider();
    let page = Browser::new(&provider).get("/").await.text();
    assert!(page.contains(provider.issuer()) && page.contains("carol"));
}

#[tokio::test]
async fn cookies_are_out_of_reach_of_scripts_and_secure_behind_https() {
    for (issuer, secure) in [("http://127.0.0.1:9000", false), ("https://login.example", true)] {
        let provider = with(|builder| builder.issuer(Some(issuer.to_owned())));
        let mut browser = Browser::new(&provider);
        let page = browser.authorize("web", &[]).await;
        let back = browser.click(&page, "alice").await;
        for answer in [page, back] {
            let cookie = answer.header("set-cookie");
            assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
            assert_eq!(cookie.ends_with("; Secure"), secure, "{cookie}");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
}
