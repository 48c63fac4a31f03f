//! Logouts that the provider tells behind the browser's back.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use countersign_web::Event;
use http::Request;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::harness::app::CLIENT;
use crate::harness::{Settings, Step, World, log, wire};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_whose_sessions_the_provider_ends_is_logged_out_here() {
    let world = World::small().await;
    let (settings, mut told) = watched();
    let app = world.app_with(settings).await;
    let start = log::length();
    let (mut one, mut other) = (app.logged_in().await, app.logged_in().await);
    let mut bob = app.browser();
    bob.user = "bob".to_owned();
    assert_eq!(bob.walk("/profile").await.status, 200);

    assert_eq!(world.provider.end_sessions("alice"), 2);
    for _ in 0..2 {
        heard(&mut told).await;
    }
    for browser in [&mut one, &mut other] {
        assert_eq!(browser.who().await, None);
        let page = browser.take(Step::fetch(browser.at("/profile"))).await;
        assert_eq!(page.json()["reason"], "session_ended");
        let leaks = world.secrets.leaks(&browser.answers, &log::since(start));
        assert!(leaks.is_empty(), "{leaks:?}");
    }
    assert!(bob.who().await.is_some());
    // Nothing stands between the person and a new login.
    assert_eq!(one.walk("/profile").await.status, 200);
    assert!(one.who().await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logout_at_the_provider_itself_ends_the_session_here() {
    let world = World::small().await;
    let (settings, mut told) = watched();
    let app = world.app_with(settings.registers()).await;
    let mut browser = app.logged_in().await;
    let mut other = app.logged_in().await;
    // The person goes there without the application, and confirms.
    let issuer = world.provider.issuer().to_owned();
    let page = browser.take(Step::get(format!("{issuer}/logout").parse().unwrap())).await;
    let page = browser.take(browser.next(&page).unwrap()).await;
    assert_eq!(page.status, 200, "{}", page.body);
    heard(&mut told).await;
    assert_eq!(browser.who().await, None);
    // Another browser has another session there.
    assert!(other.who().await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_session_is_still_found_by_its_name() {
    let world = World::with(|provider| {
        provider
            .signing_algorithms([countersign_jose::Algorithm::Es256])
            .access_token_lifetime(Duration::from_secs(300))
    })
    .await;
    let app = world.app().await;
    let mut browser = app.logged_in().await;
    let sid = browser.fetch("/me").await.json()["claims"]["sid"].as_str().unwrap().to_owned();
    world.misbehave([countersign_dev_provider::Mischief::remove(
        countersign_dev_provider::Part::RefreshedIdToken,
        "sid",
    )]);
    world.wait(250);
    let me = browser.fetch("/me").await.json();
    assert_eq!((&me["refreshed"], &me["claims"]["sid"]), (&json!(1), &Value::Null));
    let token = world.provider.logout_token(CLIENT, None, Some(&sid)).unwrap();
    assert_eq!(post(app.address, &token).await.0, 200);
    assert_eq!(browser.who().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_logout_token_ends_nothing() {
    let world = World::small().await;
    let app = world.app().await;
    let mut browser = app.logged_in().await;
    for (case, code) in [
        ("logout_token.with_nonce", "logout_token.kind"),
        ("logout_token.no_events", "logout_token.kind"),
        ("logout_token.other_event", "logout_token.kind"),
        ("logout_token.wrong_iss", "logout_token.issuer"),
        ("logout_token.wrong_aud", "logout_token.audience"),
        ("logout_token.no_jti", "logout_token.claim"),
        ("logout_token.no_iat", "logout_token.claim"),
        ("logout_token.nobody", "logout_token.claim"),
        ("logout_token.expired", "logout_token.expired"),
    ] {
        world.misbehave_as(&[case]);
        let token = world.provider.logout_token(CLIENT, Some("alice"), None).unwrap();
        let (status, body) = post(app.address, &token).await;
        assert_eq!((status, &body["code"]), (400, &json!(code)), "{case}");
        assert!(browser.who().await.is_some(), "{case}");
    }
    world.behave();
    let token = world.provider.logout_token(CLIENT, Some("nobody"), None).unwrap();
    assert_eq!(post(app.address, &token).await.0, 200, "nobody of that name is here");
    assert!(browser.who().await.is_some());
    assert_eq!(post(app.address, &token).await.1["code"], "logout_token.replay");
}

/// Settings of an application that says when it has heard of a logout.
fn watched() -> (Settings, UnboundedReceiver<()>) {
    let (tell, told) = unbounded_channel();
    let settings = Settings::default().site(move |site| {
        site.watch(move |event| {
            if event == Event::LoggedOutByProvider {
                let _ = tell.send(());
            }
        })
    });
    (settings, told)
}

async fn heard(told: &mut UnboundedReceiver<()>) {
    let heard = tokio::time::timeout(Duration::from_secs(30), told.recv()).await;
    assert_eq!(heard, Ok(Some(())), "the provider told nothing");
}

/// What the provider sends, without the provider.
async fn post(to: SocketAddr, token: &str) -> (u16, Value) {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("logout_token", token)
        .finish();
    let request = Request::post("/auth/backchannel-logout")
        .header("host", "app.example")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(form))
        .unwrap();
    let answer = wire::send(to, request).await;
    let body = serde_json::from_slice(answer.body()).unwrap_or_default();
    (answer.status().as_u16(), body)
}
