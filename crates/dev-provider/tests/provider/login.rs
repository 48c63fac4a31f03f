//! The code flow from the first request to userinfo.

use crate::support::{Browser, provider, verified};
use countersign_jose::digest;
use http::StatusCode;

#[tokio::test]
async fn a_login_brings_an_id_token_and_user_info_about_the_same_person() {
    let provider = provider();
    for client in ["web", "app"] {
        let mut browser = Browser::new(&provider);
        let back = browser.log_in(client, "alice", &[]).await;
        assert_eq!(back["state"], "the-state");
        assert_eq!(back["iss"], provider.issuer());

        let tokens = browser.redeem(client, &back["code"]).await.json();
        assert_eq!(tokens["token_type"], "Bearer");
        let access_token = tokens["access_token"].as_str().unwrap();
        let id_token = tokens["id_token"].as_str().unwrap();
        let claims = verified(&provider, id_token);
        assert_eq!(claims["iss"], provider.issuer());
        assert_eq!(claims["sub"], "alice");
        assert_eq!(claims["aud"], client);
        assert_eq!(claims["nonce"], "the-nonce");
        let algorithm = countersign_jose::Jws::parse(id_token).unwrap().algorithm();
        assert_eq!(claims["at_hash"], digest::half(algorithm, access_token).unwrap());
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);

        let person = browser.user_info(access_token).await.json();
        assert_eq!(person["sub"], "alice");
        assert_eq!(person["email"], "alice@example.org");
        assert_eq!(person["roles"][0], "editor");
        assert_eq!(person.get("address"), None, "nobody asked for the scope address");
    }
}

#[tokio::test]
async fn a_password_logs_in_and_a_wrong_one_says_so() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let page = browser.authorize("web", &[]).await;
    let interaction = page.query()["interaction"].clone();
    let form = |password| [("interaction", interaction.as_str()), ("username", "bob"), password];

    let wrong = browser.post("/login", &form(("password", "guess"))).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.text().contains("role=\"alert\""));
    assert!(wrong.text().contains("value=\"bob\""), "the name stays in its field");

    let right = browser.post("/login", &form(("password", "password"))).await;
    assert!(right.query().contains_key("code"));
}
