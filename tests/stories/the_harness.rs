//! Whether the harness would notice: a test that can't fail shows nothing.

use countersign_dev_provider::Mischief;
use url::Url;

use crate::harness::cookies::{Bringing, Jar};
use crate::harness::secrets::Kind;
use crate::harness::{World, log};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_login_gives_a_session_and_every_kind_of_secret_was_seen() {
    let world = World::new().await;
    let app = world.app().await;
    let start = log::length();
    let mut browser = app.logged_in().await;
    assert_eq!(browser.who().await.as_deref(), Some("alice"));
    for kind in [
        Kind::ClientSecret,
        Kind::CookieSecret,
        Kind::Cookie,
        Kind::Code,
        Kind::Verifier,
        Kind::AccessToken,
        Kind::RefreshToken,
        Kind::IdToken,
    ] {
        assert!(!world.secrets.of(kind).is_empty(), "no {kind:?} was learned");
    }
    let leaks = world.secrets.leaks(&browser.answers, &log::since(start));
    assert!(leaks.is_empty(), "{leaks:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leak_would_be_found_in_pages_headers_and_log() {
    let world = World::small().await;
    let app = world.app().await;
    let start = log::length();
    let mut browser = app.logged_in().await;
    let token = world.secrets.of(Kind::AccessToken).remove(0);
    tracing::trace!(target: "countersign", "{}", token.as_str());
    assert_eq!(world.secrets.leaks(&[], &log::since(start)).len(), 1);
    let mut page = browser.go("/").await;
    page.body.push_str(&token);
    page.headers.insert("x-token", token.parse().unwrap());
    assert_eq!(world.secrets.leaks(&[page], "").len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_names_the_code_of_a_refusal() {
    let world = World::small().await;
    let app = world.app().await;
    let start = log::length();
    world.misbehave([Mischief::claim("nonce", "another")]);
    let _ = app.browser().walk("/profile").await;
    assert!(log::since(start).contains("id_token.nonce"));
}

#[test]
fn the_jar_keeps_to_the_rules_of_cookies() {
    let (https, http) = (url("https://app.example/"), url("http://app.example/"));
    let own = Bringing { cross_site: false, top_level_read: true };
    let mut jar = Jar::default();
    jar.keep(&https, "__Host-a=1; Path=/; Secure; SameSite=Lax; Max-Age=10", 100);
    assert_eq!(jar.header(&https, own, 105).as_deref(), Some("__Host-a=1"));
    assert_eq!(jar.header(&http, own, 105), None, "Secure");
    assert_eq!(jar.header(&https, own, 110), None, "Max-Age");
    assert_eq!(jar.header(&url("https://other.example/"), own, 105), None, "host");
    let form = Bringing { cross_site: true, top_level_read: false };
    assert_eq!(jar.header(&https, form, 105), None, "SameSite");
    let link = Bringing { cross_site: true, top_level_read: true };
    assert!(jar.header(&https, link, 105).is_some(), "a link brings Lax cookies");
    jar.keep(&https, "__Host-a=; Path=/; Secure; Max-Age=0", 105);
    assert!(jar.0.is_empty(), "Max-Age=0");
    jar.keep(&http, "__Host-a=1; Path=/; Secure", 100);
    jar.keep(&https, "__Host-a=1; Path=/", 100);
    jar.keep(&https, &format!("b={}", "x".repeat(4096)), 100);
    assert!(jar.0.is_empty(), "{:?}", jar.0);
    jar.keep(&https, "c=1; Path=/notes", 100);
    assert_eq!(jar.header(&url("https://app.example/notes/1"), own, 0).as_deref(), Some("c=1"));
    assert_eq!(jar.header(&url("https://app.example/notesx"), own, 0), None, "Path");
}

fn url(text: &str) -> Url {
    text.parse().unwrap()
}
