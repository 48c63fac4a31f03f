//! Sessions: several tabs, old pages, copies, large ones, sealed values in wrong places.

use std::time::Duration;

use countersign::SessionPolicy;
use countersign_dev_provider::User;
use countersign_jose::{base64url, digest};

use crate::callback::touched;
use crate::harness::app::RING;
use crate::harness::{Browser, Problems, Settings, World, log};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tabs_each_come_back_to_their_own_page() {
    let world = World::small().await;
    let app = world.app().await;
    let mut browser = app.browser();
    let first = browser.until_callback("/notes/1").await;
    let second = browser.until_callback("/notes/2?x=y").await;
    let end = browser.walk_from(second).await;
    assert_eq!(end.step.url, browser.at("/notes/2?x=y"));
    let end = browser.walk_from(first).await;
    assert_eq!(end.step.url, browser.at("/notes/1"));
    assert!(browser.who().await.is_some());
    assert_eq!(browser.jar.named("_login_").count(), 0, "login cookies are left behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_page_left_open_past_its_life_still_leads_to_the_target() {
    let world = World::small().await;
    let app = world.app().await;
    let mut browser = app.browser();
    let step = browser.until_callback("/notes/1").await;
    world.wait(3700);
    let end = browser.walk_from(step).await;
    assert_eq!((end.status.as_u16(), end.step.url), (200, browser.at("/notes/1")));
    assert!(browser.who().await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn going_back_to_a_used_callback_goes_on_with_the_live_session() {
    let world = World::small().await;
    let app = world.app().await;
    let mut browser = app.browser();
    let step = browser.until_callback("/profile").await;
    let _ = browser.walk_from(step.clone()).await;
    let asked = world.tap.asked().len();
    let end = browser.walk_from(step).await;
    assert_eq!(end.status, 200, "{}", end.body);
    assert!(browser.who().await.is_some());
    assert_eq!(world.tap.asked().len(), asked, "the provider was asked again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copied_cookie_opens_nothing_after_a_logout() {
    let world = World::small().await;
    let app = world.app().await;
    let mut browser = app.logged_in().await;
    let mut copy = browser.clone();
    assert!(copy.who().await.is_some());
    let _ = browser.walk("/auth/logout").await;
    assert_eq!(browser.who().await, None);
    assert_eq!(copy.who().await, None, "the copy is still good");
    let page = copy.go("/profile").await;
    assert_eq!(page.status, 303, "{}", page.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_login_ends_the_session_before_it() {
    let world = World::small().await;
    let app = world.app().await;
    let mut browser = app.logged_in().await;
    let mut copy = browser.clone();
    let end = browser.walk("/auth/login?return_to=/profile").await;
    assert_eq!(end.status, 200);
    assert!(browser.who().await.is_some());
    assert_eq!(copy.who().await, None, "the session before is still good");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_cookie_that_was_touched_opens_nothing() {
    let world = World::small().await;
    let app = world.app().await;
    let start = log::length();
    let browser = app.logged_in().await;
    let cookie = browser.jar.named("countersign_session").next().unwrap().clone();
    let mut all = Vec::new();
    let mut values = touched(&cookie.value);
    for digit in ["0", "2", "8", "9", "x", "-"] {
        values.push(("of_another_count", format!("{digit}{}", &cookie.value[1..])));
    }
    for (how, value) in values {
        let mut problems = Problems::of(&format!("a_session_cookie_that_is_{how}"));
        let mut copy = browser.clone();
        set(&mut copy, &cookie.name, &value);
        problems.aftermath(&world, &app, copy, start).await;
        all.push(problems);
    }
    Problems::none(all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sealed_for_one_purpose_opens_for_no_other() {
    let world = World::small().await;
    let app = world.app().await;
    let start = log::length();
    let mut browser = app.logged_in().await;
    let step = browser.until_callback("/auth/login?return_to=/profile").await;
    let _ = browser.go("/auth/logout").await;
    let logout = browser.jar.named("_logout").next().unwrap().clone();
    let mut browser = app.logged_in().await;
    let own = browser.until_callback("/auth/login?return_to=/profile").await;
    let session = browser.jar.named("countersign_session").next().unwrap().clone();
    let trail = browser.jar.named("_trail").next().unwrap().clone();
    let login = browser.jar.named("_login_").next().unwrap().clone();
    let mut all = Vec::new();
    for (what, value) in [("login", &login), ("trail", &trail), ("logout", &logout)] {
        for front in ["", "1"] {
            let mut problems = Problems::of(&format!("a_{what}_cookie_as_session"));
            let mut copy = browser.clone();
            set(&mut copy, &session.name, &format!("{front}{}", value.value));
            problems.aftermath(&world, &app, copy, start).await;
            all.push(problems);
        }
    }
    for (what, value) in [
        ("session", session.value[1..].to_owned()),
        ("whole_session", session.value.clone()),
        ("trail", trail.value.clone()),
        ("logout", logout.value.clone()),
    ] {
        let mut problems = Problems::of(&format!("a_{what}_cookie_as_login"));
        let mut copy = browser.clone();
        set(&mut copy, &login.name, &value);
        copy.jar.0.retain(|cookie| cookie.name != session.name);
        let answer = copy.take(own.clone()).await;
        problems.starts_anew(&world, &answer);
        problems.aftermath(&world, &app, copy, start).await;
        all.push(problems);
    }
    // The cookie of one login under the name of another one.
    let mut problems = Problems::of("a_login_cookie_under_another_logins_name");
    let mut other = app.browser();
    let other_step = other.until_callback("/profile").await;
    let name = other.jar.named("_login_").next().unwrap().name.clone();
    set(&mut other, &name, &login.value);
    let answer = other.take(other_step).await;
    problems.starts_anew(&world, &answer);
    problems.aftermath(&world, &app, other, start).await;
    all.push(problems);
    Problems::none(all);
    drop(step);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twelve_kilobytes_of_claims_fit_into_several_cookies() {
    let world = World::with(|provider| {
        provider
            .signing_algorithms([countersign_jose::Algorithm::Es256])
            .big_user()
            .user(User::new("alice"))
            .user(User::new("large").claim("nickname", noise(12_000)))
            .user(User::new("endless").claim("nickname", noise(40_000)))
    })
    .await;
    let settings = Settings::default().party(|party| party.scope("openid profile email groups"));
    let app = world.app_with(settings).await;

    let mut browser = app.browser();
    browser.user = "big".to_owned();
    assert_eq!(browser.walk("/profile").await.status, 200);
    assert_eq!(browser.fetch("/me").await.json()["groups"].as_array().unwrap().len(), 300);

    let mut browser = app.browser();
    browser.user = "large".to_owned();
    assert_eq!(browser.walk("/profile").await.status, 200);
    let me = browser.fetch("/me").await.json();
    assert_eq!(me["user_info"]["nickname"].as_str().unwrap().len(), 12_000);
    let cookies = browser.jar.named("countersign_session").count();
    assert!(cookies >= 3, "12 kB in {cookies} cookies");

    // Any part that lacks, or stands at another's place, opens nothing.
    for part in 0..cookies {
        let mut copy = browser.clone();
        let name = copy.jar.named("countersign_session").nth(part).unwrap().name.clone();
        copy.jar.0.retain(|cookie| cookie.name != name);
        assert_eq!(copy.who().await, None, "without {name}");
    }
    let mut copy = browser.clone();
    let names: Vec<String> =
        copy.jar.named("countersign_session.").map(|c| c.name.clone()).collect();
    let values: Vec<String> =
        copy.jar.named("countersign_session.").map(|c| c.value.clone()).collect();
    set(&mut copy, &names[0], &values[1]);
    set(&mut copy, &names[1], &values[0]);
    assert_eq!(copy.who().await, None, "with parts exchanged");

    // A smaller session takes the left-overs away.
    let _ = browser.walk("/auth/logout").await;
    assert_eq!(browser.jar.named("countersign_session").count(), 0);
    browser.user = "alice".to_owned();
    assert_eq!(browser.walk("/profile").await.status, 200);
    assert_eq!(browser.who().await.as_deref(), Some("alice"));
    assert_eq!(browser.jar.named("countersign_session").count(), 1);

    let start = log::length();
    let mut problems = Problems::of("a_session_that_fits_nowhere_is_refused");
    let mut browser = app.browser();
    browser.user = "endless".to_owned();
    let end = browser.walk("/profile").await;
    problems.refusal(&end, 500, "session.too_large");
    world.provider.forget_sessions();
    browser.user = "alice".to_owned();
    problems.aftermath(&world, &app, browser, start).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_smaller_login_leaves_no_part_of_a_larger_one() {
    let world = World::with(|provider| {
        provider
            .signing_algorithms([countersign_jose::Algorithm::Es256])
            .user(User::new("alice"))
            .user(User::new("large").claim("nickname", noise(12_000)))
    })
    .await;
    let app = world.app().await;
    let mut browser = app.browser();
    browser.user = "large".to_owned();
    assert_eq!(browser.walk("/profile").await.status, 200);
    browser.user = "alice".to_owned();
    let end = browser.walk("/auth/login?prompt=login&return_to=/profile").await;
    assert_eq!(end.status, 200, "{}", end.body);
    assert_eq!(browser.who().await.as_deref(), Some("alice"));
    assert_eq!(browser.jar.named("countersign_session").count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotated_key_ring_keeps_sessions_until_the_old_secret_goes() {
    const NEW: &str = "cookie-secret-of-the-stories-number-two";
    let world = World::with(|provider| {
        provider
            .signing_algorithms([countersign_jose::Algorithm::Es256])
            .access_token_lifetime(Duration::from_secs(300))
    })
    .await;
    let old = world.app().await;
    let both = world.app_with(Settings::default().ring(&format!("{NEW}\n{RING}"))).await;
    let new = world.app_with(Settings::default().ring(NEW)).await;
    let mut browser = old.logged_in().await;
    let mut untouched = browser.clone();

    browser.knows(&both.base, both.address);
    assert!(browser.who().await.is_some(), "the old secret opens");
    world.wait(280);
    assert!(browser.who().await.is_some(), "a refresh seals anew");
    browser.knows(&new.base, new.address);
    assert!(browser.who().await.is_some(), "what the new secret sealed opens");

    untouched.knows(&new.base, new.address);
    assert_eq!(untouched.who().await, None, "the old secret is gone");
    let end = untouched.walk("/profile").await;
    assert_eq!(end.status, 200, "{}", end.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_under_way_survives_a_rotated_key_ring() {
    const NEW: &str = "cookie-secret-of-the-stories-number-two";
    let world = World::small().await;
    let old = world.app().await;
    let both = world.app_with(Settings::default().ring(&format!("{NEW}\n{RING}"))).await;
    let mut browser = old.browser();
    let step = browser.until_callback("/profile").await;
    browser.knows(&both.base, both.address);
    assert_eq!(browser.walk_from(step).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_session_reaches_its_absolute_end() {
    let world = World::small().await;
    let policy = SessionPolicy::new().lifetime(Duration::from_secs(600));
    let app = world.app_with(Settings::default().site(|site| site.policy(policy))).await;
    world.clock.stop();
    let mut browser = app.logged_in().await;
    // A browser that keeps the cookie beyond its age.
    let mut keeper = browser.clone();
    keeper.jar.0.iter_mut().for_each(|cookie| cookie.ends_at = None);
    world.wait(590);
    assert!(browser.who().await.is_some());
    world.wait(20);
    assert_eq!(browser.who().await, None);
    assert_eq!(keeper.who().await, None);
    let page = keeper.go("/profile").await;
    assert_eq!(page.status, 303, "{}", page.body);
    assert_eq!(browser.walk("/profile").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_sealed_for_this_host_alone() {
    let world = World::small().await;
    let app = world.app().await;
    let browser = app.logged_in().await;
    assert!(!browser.jar.named("countersign").collect::<Vec<_>>().is_empty());
    for cookie in browser.jar.named("countersign") {
        assert!(cookie.name.starts_with("__Host-"), "{cookie:?}");
        assert!(cookie.secure && cookie.http_only, "{cookie:?}");
        assert_eq!(cookie.path, "/");
    }
    let local = world.app_with(Settings::default().on_loopback()).await;
    let browser = local.logged_in().await;
    for cookie in browser.jar.named("countersign") {
        assert!(!cookie.secure && cookie.http_only, "{cookie:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_loses_the_session_cookie_is_not_sent_in_circles() {
    let world = World::small().await;
    let app = world.app().await;
    world.clock.stop();
    let start = log::length();
    let mut browser = app.browser();
    let mut answer = browser.go("/profile").await;
    let mut steps = 0;
    while let Some(next) = browser.next(&answer) {
        answer = browser.take(next).await;
        browser.jar.0.retain(|cookie| !cookie.name.contains("countersign_session"));
        steps += 1;
        assert!(steps < 40, "in circles, at last {}", answer.name());
    }
    let mut problems = Problems::of("a lost session cookie");
    problems.refusal(&answer, 400, "login.loop");
    world.wait(60);
    problems.aftermath(&world, &app, browser, start).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_cookies_is_survived() {
    let world = World::small().await;
    let app = world.app().await;
    let mut browser = app.logged_in().await;
    let own = browser.jar.header(
        &browser.at("/me"),
        crate::harness::cookies::Bringing { cross_site: false, top_level_read: true },
        world.clock.seconds(),
    );
    let mut many = own.unwrap();
    for number in 0..200 {
        many.push_str(&format!("; other{number}=x; =y; {number}; a=b=c"));
    }
    let me = browser.take(crate::harness::Step::fetch(browser.at("/me")).with("cookie", &many));
    assert_eq!(me.await.status, 200);
    let bad = "__Host-countersign_session; __Host-countersign_session=; \u{fffd}=\u{fffd}; ;;;=";
    let me = browser.take(crate::harness::Step::fetch(browser.at("/me")).with("cookie", bad));
    assert_eq!(me.await.status, 401);
    assert!(browser.who().await.is_some());
}

fn set(browser: &mut Browser, name: &str, value: &str) {
    let cookie = browser.jar.0.iter_mut().find(|cookie| cookie.name == name).unwrap();
    cookie.value = value.to_owned();
}

/// Text that no compression makes smaller by much; always the same.
fn noise(length: usize) -> String {
    let mut text = String::new();
    let mut block = digest::sha256(b"noise");
    while text.len() < length {
        text.push_str(&base64url::encode(&block));
        block = digest::sha256(&block);
    }
    text.truncate(length);
    text
}
