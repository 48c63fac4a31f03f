//! The end of a session at the provider.

use crate::support::{Browser, CALLBACK, encode, provider, verified, with};
use countersign_dev_provider::{Client, DevProvider};
use countersign_jose::Algorithm;
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

#[tokio::test]
async fn back_channel_logout_reaches_the_clients_of_the_session() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let provider = with(|builder| {
        let told = Client::public("told")
            .redirect_uri(CALLBACK)
            .id_token_algorithm(Algorithm::Es256)
            .back_channel_logout_uri(format!("http://{address}/bye?x=1"));
        builder.client(told)
    });
    let mut browser = Browser::new(&provider);
    let tokens = browser.tokens("told", "alice", &[]).await;
    let sid = verified(&provider, tokens["id_token"].as_str().unwrap())["sid"].clone();
    assert_eq!(provider.end_sessions("bob"), 0);
    assert_eq!(provider.end_sessions("alice"), 1);
    assert!(!is_logged_in(&mut browser).await);

    let (mut stream, _) = listener.accept().await.unwrap();
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains("logout_token=") {
        let length = stream.read(&mut buffer).await.unwrap();
        assert_ne!(length, 0, "{text}");
        text.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    assert!(text.starts_with("POST /bye?x=1 HTTP/1.1"), "{text}");
    let token = text.split("logout_token=").nth(1).unwrap();
    let claims = verified(&provider, token);
    assert_eq!((&claims["aud"], &claims["sub"]), (&"told".into(), &"alice".into()));
    assert_eq!(claims["sid"], sid);
}

#[tokio::test]
async fn front_channel_logout_loads_the_clients_in_frames_and_goes_on() {
    let provider = with(|builder| {
        let told = Client::confidential("web", crate::support::SECRET)
            .redirect_uri(CALLBACK)
            .post_logout_redirect_uri(RETURN)
            .id_token_algorithm(Algorithm::Es256)
            .front_channel_logout_uri("http://127.0.0.1:3000/auth/frontchannel-logout");
        builder.client(told)
    });
    let (mut browser, tokens) = logged_in(&provider).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let page =
        browser.get(&path(&[("id_token_hint", hint), ("post_logout_redirect_uri", RETURN)])).await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("frame-src http://127.0.0.1:3000;"), "{policy}");
    let text = page.text();
    assert!(text.contains("src=\"http://127.0.0.1:3000/auth/frontchannel-logout?iss="), "{text}");
    assert!(text.contains("&amp;sid=") && text.contains("1; url=http://127.0.0.1:3000/auth/"));
}

#[test]
fn sessions_can_be_ended_outside_of_a_runtime() {
    let provider = with(|builder| {
        let told = Client::public("told")
            .redirect_uri(CALLBACK)
            .id_token_algorithm(Algorithm::Es256)
            .back_channel_logout_uri("http://127.0.0.1:1/");
        builder.client(told)
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { Browser::new(&provider).tokens("told", "alice", &[]).await });
    assert_eq!(provider.end_sessions("alice"), 1);
}
