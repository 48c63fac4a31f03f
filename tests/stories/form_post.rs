//! `response_mode=form_post`: the provider's page posts across sites, which brings no cookie.

use countersign::{LoginOptions, ResponseMode};
use http::{Method, header};

use crate::harness::secrets::Kind;
use crate::harness::{App, Browser, Problems, Settings, World, log};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_from_the_provider_ends_in_a_session_and_no_code_in_an_address() {
    let world = World::small().await;
    let app = posting(&world).await;
    let mut browser = app.browser();
    let start = log::length();
    let end = browser.walk("/notes/7?page=2").await;
    assert_eq!(end.status, 200, "{}", end.body);
    assert_eq!(end.step.url, browser.at("/notes/7?page=2"));
    assert_eq!(browser.who().await.as_deref(), Some("alice"));

    let codes = world.secrets.of(Kind::Code);
    assert!(!codes.is_empty());
    for answer in &browser.answers {
        for code in &codes {
            assert!(!answer.step.url.as_str().contains(code), "a code in {}", answer.step.url);
        }
    }
    let posts: Vec<_> =
        browser.answers.iter().filter(|answer| answer.step.method == Method::POST).collect();
    assert_eq!(posts.len(), 2, "the provider's form, and ours");
    assert!(posts[0].is_bridge(), "{}", posts[0].body);
    assert!(posts[0].set_cookies().is_empty(), "{:?}", posts[0].set_cookies());
    assert_eq!(posts[0].headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(posts[0].headers[header::REFERRER_POLICY], "no-referrer");
    assert_eq!(posts[1].status, 303);
    let leaks = world.secrets.leaks(&browser.answers, &log::since(start));
    assert!(leaks.is_empty(), "{leaks:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bridge_is_crossed_once() {
    let world = World::small().await;
    let app = posting(&world).await;
    let start = log::length();
    let mut browser = app.browser();
    let step = browser.until_callback("/profile").await;
    let bridge = browser.take(step).await;
    assert!(bridge.is_bridge(), "{}", bridge.body);
    let again = browser.next(&bridge).unwrap();
    browser.jar.0.retain(|cookie| !cookie.name.contains("_login_"));
    let answer = browser.take(again).await;
    let mut problems = Problems::of("the_bridge_is_crossed_once");
    problems.starts_anew(&world, &answer);
    problems.aftermath(&world, &app, browser, start).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_of_another_site_opens_no_session() {
    let world = World::small().await;
    let app = posting(&world).await;
    let start = log::length();
    let mut attacker = app.browser();
    attacker.user = "bob".to_owned();
    let stolen = attacker.until_callback("/profile").await;
    let mut victim = app.browser();
    let bridge = victim.take(stolen).await;
    assert!(bridge.is_bridge());
    let answer = victim.take(victim.next(&bridge).unwrap()).await;
    let mut problems = Problems::of("a_form_of_another_site_opens_no_session");
    problems.starts_anew(&world, &answer);
    problems.aftermath(&world, &app, victim, start).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_form_brings_is_escaped_on_the_bridge() {
    let world = World::small().await;
    let app = posting(&world).await;
    let mut browser = app.browser();
    let step = browser.until_callback("/profile").await;
    let script = "\"><script>alert(1)</script>";
    let step = step.set("state", Some(script)).set("more\"><b>", Some(script));
    let bridge = browser.take(step).await;
    assert!(bridge.is_bridge());
    assert!(!bridge.body.contains("<script>alert"), "{}", bridge.body);
    assert!(!bridge.body.contains("<b>"), "{}", bridge.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_form_or_too_large_is_refused() {
    let world = World::small().await;
    let app = posting(&world).await;
    let mut browser = app.browser();
    let step = browser.until_callback("/profile").await;
    let json = browser.take(step.clone().with("content-type", "application/json")).await;
    assert_eq!((json.status.as_u16(), json.code().as_deref()), (415, Some("request.form")));
    let large = step.clone().set("more", Some(&"x".repeat(100_000)));
    let large = browser.take(large).await;
    assert_eq!((large.status.as_u16(), large.code().as_deref()), (413, Some("request.too_large")));
    still_good(&mut browser, step).await;
}

/// The login is not used up by what was refused.
async fn still_good(browser: &mut Browser, step: crate::harness::Step) {
    let end = browser.walk_from(step).await;
    assert_eq!(end.status, 200, "{}", end.body);
    assert!(browser.who().await.is_some());
}

async fn posting(world: &World) -> App {
    let options = LoginOptions::new().response_mode(ResponseMode::FormPost);
    world.app_with(Settings::default().site(|site| site.login(options))).await
}
