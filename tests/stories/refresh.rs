//! Sessions that are renewed: by refresh token, and unseen with `prompt=none`.

use std::time::Duration;

use countersign::SessionPolicy;
use countersign_dev_provider::Endpoint::{Authorize, Token};
use countersign_dev_provider::{Mischief, Part};
use countersign_jose::Algorithm;
use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{App, Problems, Settings, Step, World, log};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_requests_at_once_refresh_once() {
    let world = short_lived().await;
    let app = world.app().await;
    let mut browser = app.logged_in().await;
    let before = world.provider.requests().count(Token);
    world.wait(250);
    let many = (0..50).map(async |number| {
        let mut copy = browser.clone();
        let answer =
            if number % 2 == 0 { copy.fetch("/me").await } else { copy.go("/profile").await };
        (answer.status.as_u16(), answer.set_cookies().len(), copy)
    });
    let many = join_all(many).await;
    for (status, cookies, _) in &many {
        assert_eq!((*status, *cookies), (200, 1));
    }
    assert_eq!(world.provider.requests().count(Token), before + 1);
    // Whoever comes with the old cookie a moment later gets the same, and every copy goes on.
    assert!(browser.who().await.is_some());
    assert_eq!(world.provider.requests().count(Token), before + 1);
    for (_, _, mut copy) in many {
        assert_eq!(copy.fetch("/me").await.json()["refreshed"], 1);
    }
    assert_eq!(world.provider.requests().count(Token), before + 1);
    world.wait(250);
    assert_eq!(browser.fetch("/me").await.json()["refreshed"], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_refresh_ends_the_session() {
    let world = short_lived().await;
    let app = world.app().await;
    let start = log::length();
    let browser = app.logged_in().await;
    world.provider.forget_sessions();
    world.wait(250);
    let mut problems = Problems::of("a_refused_refresh_ends_the_session");
    problems.aftermath(&world, &app, browser.clone(), start).await;
    let mut other = browser;
    let page = other.take(Step::fetch(other.at("/profile"))).await;
    problems.refusal(&page, 401, "session.required");
    problems.expect(page.json()["reason"] == "session_ended", "the reason is not told");
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_that_brings_somebody_else_ends_the_session() {
    let renewed = |name: &str, value| vec![Mischief::set(Part::RefreshedIdToken, name, value)];
    for (steps, status, code) in [
        (Mischief::named("refresh.other_sub").unwrap(), 401, None),
        (renewed("auth_time", json!(1)), 401, None),
        (renewed("nonce", json!("another")), 401, None),
        (renewed("iss", json!("https://evil.example")), 502, Some("id_token.issuer")),
        (renewed("aud", json!("somebody-else")), 502, Some("id_token.audience")),
        (renewed("exp", json!(1)), 502, Some("id_token.expired")),
        (
            vec![Mischief::set(Part::RefreshAnswer, "id_token", "this is no token")],
            502,
            Some("jws.malformed"),
        ),
    ] {
        let world = short_lived().await;
        let app = world.app().await;
        let start = log::length();
        let mut browser = app.logged_in().await;
        world.misbehave(steps.clone());
        // Past the end of the access token, when nothing but a good refresh could help.
        world.wait(310);
        let mut problems = Problems::of(&format!("a refresh with {steps:?}"));
        let me = browser.fetch("/me").await;
        let got = (me.status.as_u16(), me.code());
        problems.expect(got == (status, code.map(str::to_owned)), format!("/me answered {got:?}"));
        world.behave();
        problems.aftermath(&world, &app, browser, start).await;
        problems.done();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_down_ends_no_session_before_its_access_token() {
    // A refresh token that may be used again, since the provider spends it before it fails.
    let world = World::with(|provider| {
        provider
            .signing_algorithms([Algorithm::Es256])
            .access_token_lifetime(Duration::from_secs(300))
            .rotate_refresh_tokens(false)
    })
    .await;
    let app = world.app().await;
    let mut browser = app.logged_in().await;
    world.misbehave_as(&["token.status_503"]);
    world.wait(250);
    assert!(browser.who().await.is_some(), "the access token is still good");
    world.wait(60);
    let page = browser.go("/profile").await;
    assert_eq!((page.status.as_u16(), page.code().as_deref()), (503, Some("provider.refused")));
    assert!(browser.jar.named("countersign_session").next().is_some(), "the cookie was taken away");
    world.behave();
    assert!(browser.who().await.is_some(), "the session goes on once the provider is back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_does_not_prolong_the_absolute_end() {
    let world = short_lived().await;
    let policy = SessionPolicy::new().lifetime(Duration::from_secs(900));
    world.clock.stop();
    let app = world.app_with(Settings::default().site(|site| site.policy(policy))).await;
    let mut browser = app.logged_in().await;
    for _ in 0..3 {
        world.wait(250);
        assert!(browser.who().await.is_some());
    }
    world.wait(200);
    assert_eq!(browser.who().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_renewal_happens_on_navigation_only() {
    let world = World::small().await;
    let app = silent(&world).await;
    let mut browser = app.logged_in().await;
    let authorized = || world.provider.requests().count(Authorize);
    let before = authorized();
    let page = browser.go("/profile").await;
    assert_eq!(page.status, 200, "nothing is due yet");
    world.wait(61);

    let answer = browser.fetch("/profile").await;
    assert_eq!(answer.status, 200, "a script is never sent to the provider");
    let form = Step::post(browser.at("/form"), Vec::new(), browser.at("/profile"));
    assert_eq!(browser.take(form).await.status, 200, "a form is never sent to the provider");
    let prefetch = Step::get(browser.at("/profile")).with("sec-purpose", "prefetch");
    assert_eq!(browser.take(prefetch).await.status, 200, "nor is a prefetch");
    let frame = Step { from: Some(evil()), ..Step::get(browser.at("/profile")) };
    let frame = frame.with("sec-fetch-dest", "iframe");
    assert_ne!(browser.take(frame).await.status, 303, "nor is a frame of another site");
    assert_eq!(authorized(), before);

    let away = browser.go("/notes/7?x=1").await;
    assert_eq!(away.status, 303);
    assert_eq!(parameter(&away.location().unwrap(), "prompt").as_deref(), Some("none"));
    let end = browser.walk_from(browser.next(&away).unwrap()).await;
    assert_eq!((end.status.as_u16(), end.step.url), (200, browser.at("/notes/7?x=1")));
    assert_eq!(authorized(), before + 1);
    assert_eq!(browser.fetch("/me").await.json()["refreshed"], 1);
    assert_eq!(browser.go("/profile").await.status, 200, "it is renewed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn login_required_ends_in_one_interactive_login_that_keeps_the_target() {
    let world = World::small().await;
    let app = silent(&world).await;
    let mut browser = app.logged_in().await;
    world.provider.forget_sessions();
    world.wait(61);
    let start = log::length();
    browser.answers.clear();
    let end = browser.walk("/notes/7?x=1").await;
    assert_eq!((end.status.as_u16(), end.step.url), (200, browser.at("/notes/7?x=1")));
    assert!(browser.who().await.is_some());
    let prompts: Vec<Option<String>> = browser
        .answers
        .iter()
        .filter_map(|answer| answer.location())
        .filter(|to| to.as_str().starts_with(world.provider.issuer()))
        .map(|to| parameter(&to, "prompt"))
        .collect();
    assert_eq!(prompts, [Some("none".to_owned()), None]);
    let leaks = world.secrets.leaks(&browser.answers, &log::since(start));
    assert!(leaks.is_empty(), "{leaks:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_renewal_never_makes_somebody_else_of_a_person() {
    let world = World::small().await;
    let app = silent(&world).await;
    let mut alice = app.logged_in().await;
    // Meanwhile bob logs in at the provider, in the same browser.
    let mut elsewhere = app.browser();
    elsewhere.user = "bob".to_owned();
    let _ = elsewhere.walk("/profile").await;
    alice.jar.0.retain(|cookie| cookie.name.contains("countersign"));
    let bobs = elsewhere.jar.0.iter().filter(|cookie| cookie.name.contains("dev_provider"));
    alice.jar.0.extend(bobs.cloned());
    world.wait(61);
    let away = alice.go("/profile").await;
    let step = alice.until_callback_from(alice.next(&away).unwrap()).await;
    let answer = alice.take(step).await;
    assert_eq!(answer.status, 303, "{:?}", answer.code());
    assert_ne!(alice.who().await.as_deref(), Some("bob"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_renewal_that_comes_after_a_logout_makes_no_session() {
    let world = World::small().await;
    let app = silent(&world).await;
    let mut browser = app.logged_in().await;
    world.wait(61);
    let step = browser.until_callback("/profile").await;
    let _ = browser.go("/auth/logout").await;
    let _ = browser.take(step).await;
    assert_eq!(browser.who().await, None);
}

async fn short_lived() -> World {
    World::with(|provider| {
        provider
            .signing_algorithms([Algorithm::Es256])
            .access_token_lifetime(Duration::from_secs(300))
    })
    .await
}

async fn silent(world: &World) -> App {
    world.clock.stop();
    let policy = SessionPolicy::new().refresh_interval(Some(Duration::from_secs(60)));
    world.app_with(Settings::default().site(|site| site.policy(policy))).await
}

fn parameter(url: &url::Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs().into_owned();
    pairs.find(|(own, _)| own == name).map(|(_, value)| value)
}

fn evil() -> url::Url {
    "https://evil.example/".parse().unwrap()
}
