//! Logouts: here and at the provider, from pages of ours alone; and what AuthMachine's clients do.

use bytes::Bytes;
use countersign::{LoginOptions, LogoutOptions};
use countersign_dev_provider::User;
use countersign_jose::Algorithm;
use http::Request;
use serde_json::{Value, json};

use crate::harness::app::{CLIENT, CLIENT_SECRET};
use crate::harness::secrets::Kind;
use crate::harness::{Settings, Step, World, log, wire};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logout_ends_both_sessions() {
    let world = World::small().await;
    let app = world.app().await;
    let start = log::length();
    let mut browser = app.logged_in().await;
    let end = browser.walk("/auth/logout").await;
    assert_eq!((end.status.as_u16(), end.step.url.path()), (200, "/auth/logged-out"));
    assert_eq!(browser.who().await, None);
    // The provider asks anew who it is.
    let away = browser.go("/profile").await;
    let page = browser.take(browser.next(&away).unwrap()).await;
    let page = browser.take(browser.next(&page).unwrap()).await;
    assert!(page.body.contains("name=\"interaction\""), "{}", page.name());
    let leaks = world.secrets.leaks(&browser.answers, &log::since(start));
    assert!(leaks.is_empty(), "{leaks:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logout_works_while_the_provider_is_down() {
    let world = World::small().await;
    let app = world.app().await;
    let mut browser = app.logged_in().await;
    let fresh = world.app().await;
    world.misbehave_as(&["discovery.status_503"]);
    browser.knows(&fresh.base, fresh.address);
    let end = browser.walk("/auth/logout").await;
    assert_eq!((end.status.as_u16(), end.step.url.path()), (200, "/auth/logged-out"));
    assert_eq!(browser.who().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_site_signs_nobody_out() {
    let world = World::small().await;
    let app = world.app().await;
    let mut browser = app.logged_in().await;
    let evil: url::Url = "https://evil.example/".parse().unwrap();
    let logout = browser.at("/auth/logout");
    let form = Step::post(logout.clone(), Vec::new(), evil.clone());
    let form = browser.take(form).await;
    assert_eq!((form.status.as_u16(), form.code().as_deref()), (403, Some("logout.foreign")));
    for dest in ["image", "iframe", "script", "empty"] {
        let mode = if dest == "iframe" { "navigate" } else { "no-cors" };
        let step = Step { from: Some(evil.clone()), ..Step::get(logout.clone()) };
        let step = step.with("sec-fetch-dest", dest).with("sec-fetch-mode", mode);
        let answer = browser.take(step).await;
        assert_eq!(answer.code().as_deref(), Some("logout.foreign"), "{dest}");
    }
    assert!(browser.who().await.is_some());
    let form = Step::post(logout, Vec::new(), browser.at("/profile"));
    assert_eq!(browser.take(form).await.status, 303);
    assert_eq!(browser.who().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_state_leads_nowhere_after_a_logout() {
    let world = World::small().await;
    let app = world.app().await;
    let mut browser = app.logged_in().await;
    let back = |step: &Step| step.url.path() == "/auth/logged-out";
    let logout = Step::get(browser.at("/auth/logout?return_to=/notes/1"));
    let step = browser.walk_until(logout, back).await.unwrap();
    let answer = browser.take(step.clone().set("state", Some("another"))).await;
    assert_eq!(answer.status, 200, "the page, and no redirect");
    let answer = app.browser().take(step).await;
    assert_eq!(answer.status, 200, "nor in another browser");
}

/// The client that seed 003 describes: it asks for permissions as claims, and a logout revokes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn authmachine_gives_permissions_and_a_logout_revokes_the_tokens() {
    let world = World::with(|provider| {
        let permissions = json!([{"object": "notes", "permissions": ["read", "write"]}]);
        provider
            .signing_algorithms([Algorithm::Es256])
            .user(User::new("alice").claim("authmachine_permissions", permissions))
    })
    .await;
    let claims = json!({
        "id_token": {"authmachine_permissions": null},
        "userinfo": {"authmachine_permissions": {"essential": true}},
    });
    let login = LoginOptions::new()
        .claims(claims.as_object().unwrap().clone())
        .extra("organization", "notes & more");
    let logout = LogoutOptions::new().extra("revoke_tokens", "1");
    let settings = Settings::default().site(|site| site.login(login).logout(logout));
    let app = world.app_with(settings).await;
    let mut browser = app.browser();
    let away = browser.go("/profile").await.location().unwrap();
    let sent = |name: &str| {
        let pair = away.query_pairs().into_owned().find(|(own, _)| own == name);
        pair.map(|(_, value)| value).unwrap()
    };
    assert_eq!(serde_json::from_str::<Value>(&sent("claims")).unwrap(), claims);
    assert_eq!(sent("organization"), "notes & more");

    let end = browser.walk_from(Step::get(away)).await;
    assert_eq!(end.status, 200, "{}", end.body);
    let me = browser.fetch("/me").await.json();
    for place in ["claims", "user_info"] {
        let given = &me[place]["authmachine_permissions"];
        assert_eq!(given[0]["object"], "notes", "in {place}");
    }
    let tokens = world.secrets.of(Kind::AccessToken);
    let token = tokens.iter().find(|token| token.matches('.').count() == 2).unwrap();
    assert_eq!(revoked(&world, token).await, json!({"revoked": false}));
    let end = browser.walk("/auth/logout").await;
    assert_eq!(end.step.url.path(), "/auth/logged-out");
    assert_eq!(revoked(&world, token).await, json!({"revoked": true}));
    assert_eq!(browser.who().await, None);
}

/// AuthMachine's question about a token.
async fn revoked(world: &World, token: &str) -> Value {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("grant_type", "check_token_revoked"), ("access_token", token)])
        .finish();
    let basic = base64_of(&format!("{CLIENT}:{CLIENT_SECRET}"));
    let request = Request::post("/oidc/token")
        .header("host", "127.0.0.1")
        .header("authorization", format!("Basic {basic}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(form))
        .unwrap();
    let answer = wire::send(world.provider.address(), request).await;
    serde_json::from_slice(answer.body()).unwrap()
}

/// Base64 with padding, out of base64url without.
fn base64_of(text: &str) -> String {
    let mut encoded = countersign_jose::base64url::encode(text.as_bytes());
    encoded = encoded.replace('-', "+").replace('_', "/");
    while !encoded.len().is_multiple_of(4) {
        encoded.push('=');
    }
    encoded
}
