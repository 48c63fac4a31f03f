//! The end of a session at the provider.

use crate::support::{Browser, encode, provider, verified};
use countersign_dev_provider::DevProvider;
use http::StatusCode;
use serde_json::Value;

const RETURN: &str = "http://127.0.0.1:3000/auth/logged-out";

async fn logged_in(provider: &DevProvider) -> (Browser, Value) {
    let mut browser = Browser::new(provider);
    let tokens = browser.tokens("web", "alice", &[]).await;
    (browser, tokens)
}

fn path(form: &[(&str, &str)]) -> String {
    format!("/logout?{}", encode(form))
}

async fn is_logged_in(browser: &mut Browser) -> bool {
    browser.authorize("web", &[("prompt", "none")]).await.query().contains_key("code")
}

#[tokio::test]
async fn with_its_id_token_an_application_logs_out_at_once_and_gets_the_browser_back() {
    let provider = provider();
    let (mut browser, tokens) = logged_in(&provider).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let form = [("id_token_hint", hint), ("post_logout_redirect_uri", RETURN), ("state", "a&b")];
    let answer = browser.get(&path(&form)).await;
    assert_eq!(answer.location().as_str(), format!("{RETURN}?state=a%26b"));
    assert!(!is_logged_in(&mut browser).await);
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(browser.user_info(token).await.status, StatusCode::OK, "tokens stay");
}

#[tokio::test]
async fn without_a_hint_the_person_is_asked() {
    let provider = provider();
    let (mut browser, _) = logged_in(&provider).await;
    let form = [("post_logout_redirect_uri", RETURN), ("state", "s"), ("revoke_tokens", "1")];
    let page = browser.get(&path(&form)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Log out?"));
    assert!(is_logged_in(&mut browser).await, "the question alone ends nothing");

    let text = page.text();
    let proof = text.split("name=\"confirm\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut forged = form.to_vec();
    forged.push(("confirm", "forged"));
    let answer = browser.post("/logout", &forged).await;
    assert_eq!(answer.location().path(), "/logout", "asks again");
    assert!(is_logged_in(&mut browser).await);

    let mut stay = form.to_vec();
    stay.extend([("confirm", proof), ("stay", "1")]);
    assert!(browser.post("/logout", &stay).await.text().contains("Still logged in"));
    assert!(is_logged_in(&mut browser).await);

    let mut leave = form.to_vec();
    leave.push(("confirm", proof));
    let answer = browser.post("/logout", &leave).await;
    assert_eq!(answer.location().as_str(), format!("{RETURN}?state=s"));
    assert!(!is_logged_in(&mut browser).await);
}

#[tokio::test]
async fn revoke_tokens_ends_what_the_session_handed_out() {
    let provider = provider();
    let (mut browser, tokens) = logged_in(&provider).await;
    let hint = tokens["id_token"].as_str().unwrap();
    browser.get(&path(&[("id_token_hint", hint), ("revoke_tokens", "1")])).await;
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(browser.user_info(token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_unregistered_return_address_is_refused() {
    let provider = provider();
    let (mut browser, tokens) = logged_in(&provider).await;
    let hint = tokens["id_token"].as_str().unwrap();
    for form in [
        vec![("id_token_hint", hint), ("post_logout_redirect_uri", "https://evil.example/")],
        vec![("post_logout_redirect_uri", "https://evil.example/")],
        vec![("client_id", "app"), ("post_logout_redirect_uri", RETURN)],
        vec![("client_id", "app"), ("id_token_hint", hint)],
        vec![("id_token_hint", "a.b.c")],
    ] {
        let answer = browser.get(&path(&form)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{form:?}");
        assert_eq!(answer.header("location"), "");
    }
    assert!(is_logged_in(&mut browser).await);
}

#[tokio::test]
async fn an_old_id_token_is_still_a_hint() {
    let provider = provider();
    let (mut browser, tokens) = logged_in(&provider).await;
    provider.advance_clock(std::time::Duration::from_secs(7200));
    let hint = tokens["id_token"].as_str().unwrap();
    let answer = browser.get(&path(&[("id_token_hint", hint)])).await;
    assert!(answer.text().contains("Logged out"));
    assert!(!is_logged_in(&mut browser).await);
}

#[tokio::test]
async fn logout_tokens_name_session_and_event() {
    let provider = provider();
    let token = provider.logout_token("web", Some("alice"), Some("the-sid")).unwrap();
    let claims = verified(&provider, &token);
    assert_eq!((claims["sub"].as_str(), claims["sid"].as_str()), (Some("alice"), Some("the-sid")));
    assert!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());
    assert_eq!(claims.get("nonce"), None);
    assert_eq!(provider.logout_token("web", None, None), None);
    assert_eq!(provider.logout_token("nobody", Some("alice"), None), None);
}
