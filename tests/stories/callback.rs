//! Authorization responses that must not open a session, and cookies that don't fit them.

use countersign_dev_provider::{Endpoint, Mischief, Transfer};
use http::Method;

use crate::harness::browser::Way;
use crate::harness::secrets::Kind;
use crate::harness::{Answer, Problems, Step, Story, World, log};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_answer_opens_no_session() {
    let world = World::new().await;
    let mut all = Vec::new();
    for story in [
        Story::new("no_state_is_refused", 400, "login.no_state").case("callback.no_state"),
        Story::new("code_and_error_together_are_refused", 400, "login.malformed")
            .case("callback.code_and_error"),
        Story::new("neither_code_nor_error_is_refused", 400, "login.malformed")
            .case("callback.no_code"),
        Story::new("a_doubled_state_is_refused", 400, "login.malformed")
            .case("callback.double_state"),
        Story::new("a_doubled_code_is_refused", 400, "login.malformed")
            .case("callback.double_code"),
        Story::new("a_doubled_issuer_is_refused", 400, "login.malformed")
            .step(callback("iss", &["$", "$"])),
        Story::new("a_doubled_error_is_refused", 400, "login.malformed")
            .step(callback("code", &[]))
            .step(callback("error", &["access_denied", "server_error"])),
        Story::new("a_signed_answer_that_nobody_asked_for_is_refused", 400, "login.malformed")
            .step(callback("response", &["eyJhbGciOiJub25lIn0.e30."])),
        Story::new("another_issuer_is_refused", 502, "login.issuer").case("callback.wrong_iss"),
        Story::new("an_announced_issuer_that_lacks_is_refused", 502, "login.issuer")
            .case("callback.no_iss"),
        Story::new("an_unknown_error_ends_the_login", 400, "login.refused")
            .case("callback.unknown_error"),
        Story::new("a_script_in_the_description_ends_the_login", 400, "login.refused")
            .case("callback.script"),
        Story::new("another_code_is_refused", 502, "token.refused")
            .step(callback("code", &["a-code-that-nobody-gave"])),
    ] {
        all.push(story.tell(&world).await);
    }
    Problems::none(all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_provider_says_is_escaped() {
    let world = World::small().await;
    let app = world.app().await;
    world.misbehave_as(&["callback.script"]);
    let end = app.browser().walk("/profile").await;
    assert_eq!(end.code().as_deref(), Some("login.refused"));
    assert!(end.body.contains("&lt;script&gt;"), "{}", end.body);
    for unescaped in ["<script", "<img", "onerror=alert(1)>"] {
        assert!(!end.body.contains(unescaped), "{unescaped} in {}", end.body);
    }
    let policy = end.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_state_starts_a_login_of_ones_own() {
    let world = World::small().await;
    let app = world.app().await;
    let mut problems = Problems::of("a_foreign_state_starts_a_login_of_ones_own");
    let start = log::length();
    let mut browser = app.browser();
    let step = browser.until_callback("/profile").await;
    let answer = browser.take(step.set("state", Some("a-state-of-nobody"))).await;
    problems.starts_anew(&world, &answer);
    problems.aftermath(&world, &app, browser, start).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_changes_every_state_ends_in_an_explanation() {
    let world = World::small().await;
    let app = world.app().await;
    let start = log::length();
    world.misbehave_as(&["callback.wrong_state"]);
    let mut browser = app.browser();
    let end = browser.walk("/profile").await;
    let mut problems = Problems::of("a_provider_that_changes_every_state_ends_in_an_explanation");
    problems.refusal(&end, 400, "login.unknown_state");
    problems.aftermath(&world, &app, browser, start).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_state_of_another_browser_gives_nobody_its_session() {
    let world = World::small().await;
    let app = world.app().await;
    let start = log::length();
    let mut attacker = app.browser();
    attacker.user = "bob".to_owned();
    let step = attacker.until_callback("/profile").await;
    let mut problems = Problems::of("the_state_of_another_browser_gives_nobody_its_session");

    let mut victim = app.browser();
    let answer = victim.take(step.clone()).await;
    problems.starts_anew(&world, &answer);
    problems.aftermath(&world, &app, victim, start).await;

    // Somebody who has a login under way, or a session, is not moved into another one either.
    let mut victim = app.browser();
    let own = victim.until_callback("/profile").await;
    let answer = victim.take(step.clone()).await;
    problems.starts_anew(&world, &answer);
    let _ = victim.take(own).await;
    let answer = victim.take(step).await;
    problems.expect(answer.status == 303, format!("{} is no redirect", answer.name()));
    let who = victim.who().await;
    problems.expect(who.as_deref() == Some("alice"), format!("{who:?} is logged in"));
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_state_opens_nothing_a_second_time() {
    let world = World::small().await;
    let app = world.app().await;
    let start = log::length();
    let mut browser = app.browser();
    let step = browser.until_callback("/profile").await;
    let before = browser.clone();
    let _ = browser.take(step.clone()).await;
    assert!(browser.who().await.is_some());
    let mut problems = Problems::of("a_used_state_opens_nothing_a_second_time");

    // Without the cookie, as it was used up.
    browser.jar.0.retain(|cookie| !cookie.name.contains("countersign_session"));
    let answer = browser.take(step.clone()).await;
    problems.starts_anew(&world, &answer);
    problems.aftermath(&world, &app, browser, start).await;

    // With a copy of the cookie: the provider knows the code is spent, and a new login begins once.
    let mut copy = before;
    let answer = copy.take(step).await;
    problems.starts_anew(&world, &answer);
    problems.aftermath(&world, &app, copy, start).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_cookie_that_was_touched_completes_no_login() {
    let world = World::small().await;
    let app = world.app().await;
    let start = log::length();
    let mut browser = app.browser();
    let step = browser.until_callback("/profile").await;
    let cookie = browser.jar.named("_login_").next().unwrap().clone();
    let mut all = Vec::new();
    for (how, value) in touched(&cookie.value) {
        let mut problems = Problems::of(&format!("a_login_cookie_that_is_{how}"));
        let mut copy = browser.clone();
        let own = copy.jar.0.iter_mut().find(|own| own.name == cookie.name).unwrap();
        own.value = value;
        let answer = copy.take(step.clone()).await;
        problems.starts_anew(&world, &answer);
        problems.aftermath(&world, &app, copy, start).await;
        all.push(problems);
    }
    let mut removed = browser.clone();
    removed.jar.0.retain(|own| own.name != cookie.name);
    let mut problems = Problems::of("a_login_cookie_that_is_gone");
    let answer = removed.take(step.clone()).await;
    problems.starts_anew(&world, &answer);
    problems.aftermath(&world, &app, removed, start).await;
    all.push(problems);
    Problems::none(all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_happens_once_and_then_the_cause_is_told() {
    let world = World::small().await;
    let app = world.app().await;
    let start = log::length();
    let mut browser = app.browser();
    let step = browser.until_callback("/profile").await;
    browser.jar.0.retain(|cookie| !cookie.name.contains("_login_"));
    let again = browser.take(step).await;
    // This browser keeps no cookie at all.
    let step = browser.until_callback_from(browser.next(&again).unwrap()).await;
    browser.jar.0.clear();
    let told = browser.take(step).await;
    let mut problems = Problems::of("a_restart_happens_once_and_then_the_cause_is_told");
    problems.refusal(&told, 400, "login.unknown_state");
    problems.expect(told.body.contains("sent no cookies"), "the page does not name the cause");
    problems.aftermath(&world, &app, browser, start).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loading_the_page_again_after_an_outage_logs_in() {
    let world = World::small().await;
    for case in ["token.status_503", "user_info.status_503", "jwks.status_503", "token.cut"] {
        let app = world.app().await;
        let mut browser = app.browser();
        let step = browser.until_callback("/notes/1").await;
        world.misbehave_as(&[case]);
        let answer = browser.take(step.clone()).await;
        assert_eq!(answer.status, 503, "{case}: {:?}", answer.code());
        assert_eq!(browser.who().await, None, "{case}");
        world.behave();
        world.wait(5);
        let end = browser.walk_from(step).await;
        assert_eq!((end.status.as_u16(), end.step.url), (200, browser.at("/notes/1")), "{case}");
        assert!(browser.who().await.is_some(), "{case}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callback_that_comes_twice_at_once_ends_logged_in() {
    let world = World::small().await;
    let app = world.app().await;
    let mut browser = app.browser();
    let step = browser.until_callback("/notes/1").await;
    world.misbehave([Mischief::transfer(Endpoint::Token, Transfer::Slow(500))]);
    let twice = (0..2).map(async |_| browser.clone().take(step.clone()).await);
    let twice = futures_util::future::join_all(twice).await;
    for answer in &twice {
        assert_eq!(answer.status, 303, "{:?}", answer.code());
        assert_eq!(answer.location().unwrap(), browser.at("/notes/1"));
    }
    assert_eq!(world.provider.requests().count(Endpoint::Token), 1);
    // The browser keeps the cookies of both, and goes on where the last one leads.
    for answer in &twice {
        for line in answer.set_cookies() {
            browser.jar.keep(&answer.step.url, &line, world.clock.seconds());
        }
    }
    let last = twice.last().unwrap();
    let end = browser.walk_from(browser.next(last).unwrap()).await;
    assert_eq!((end.status.as_u16(), end.step.url), (200, browser.at("/notes/1")));
    assert!(browser.who().await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trail_cookie_that_was_touched_does_no_harm() {
    let world = World::small().await;
    let app = world.app().await;
    let start = log::length();
    let mut browser = app.logged_in().await;
    let trail = browser.jar.named("_trail").next().unwrap().clone();
    browser.jar.0.retain(|cookie| !cookie.name.contains("countersign_session"));
    let mut all = Vec::new();
    for (how, value) in touched(&trail.value) {
        let mut problems = Problems::of(&format!("a_trail_cookie_that_is_{how}"));
        let mut copy = browser.clone();
        copy.jar.0.iter_mut().find(|own| own.name == trail.name).unwrap().value = value;
        problems.aftermath(&world, &app, copy, start).await;
        all.push(problems);
    }
    Problems::none(all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logout_cookie_that_was_touched_leads_nowhere() {
    let world = World::small().await;
    let app = world.app().await;
    let mut browser = app.logged_in().await;
    let back = |step: &Step| step.url.path() == "/auth/logged-out";
    let logout = Step::get(browser.at("/auth/logout?return_to=/notes/1"));
    let step = browser.walk_until(logout, back).await.unwrap();
    let cookie = browser.jar.named("_logout").next().unwrap().clone();
    for (how, value) in touched(&cookie.value) {
        let mut copy = browser.clone();
        copy.jar.0.iter_mut().find(|own| own.name == cookie.name).unwrap().value = value;
        let answer = copy.take(step.clone()).await;
        assert_eq!(answer.status, 200, "{how}");
        assert_eq!(copy.who().await, None, "{how}");
    }
    assert_eq!(browser.take(step).await.status, 303, "the one that nobody touched");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_gets_the_code_as_json() {
    let world = World::small().await;
    let app = world.app().await;
    let mut browser = app.browser();
    let mut step = browser.until_callback("/profile").await;
    step.way = Way::Fetch;
    step.from = Some(step.url.clone());
    let answer = browser.take(step.set("iss", Some("https://evil.example"))).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_deref()), (502, Some("login.issuer")));
    assert_eq!(answer.headers["content-type"], "application/json");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_checker_uses_up_no_code() {
    let world = World::small().await;
    let app = world.app().await;
    let mut browser = app.browser();
    let step = browser.until_callback("/profile").await;
    let answer = browser.take(Step { method: Method::HEAD, ..step.clone() }).await;
    assert_eq!(answer.status, 405);
    let answer = browser.take(step).await;
    assert_eq!(answer.status, 303);
    assert!(browser.who().await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bookmark_of_the_callback_ends_well() {
    let world = World::small().await;
    let app = world.app().await;
    let mut browser = app.browser();
    let end = browser.walk("/auth/callback").await;
    assert_eq!((end.status.as_u16(), end.step.url.path()), (200, "/"));
    assert!(browser.who().await.is_some());
    let end = browser.walk("/auth/callback").await;
    assert_eq!((end.status.as_u16(), end.step.url.path()), (200, "/"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stolen_code_is_worth_nothing_in_another_browser() {
    let world = World::small().await;
    let app = world.app().await;
    let mut victim = app.browser();
    let stolen = victim.until_callback("/profile").await.parameter("code").unwrap();
    let mut thief = app.browser();
    thief.user = "bob".to_owned();
    let own = thief.until_callback("/profile").await;
    let _ = thief.walk_from(own.set("code", Some(&stolen))).await;
    let who = thief.who().await;
    assert_ne!(who.as_deref(), Some("alice"));
    assert!(world.secrets.of(Kind::AccessToken).len() <= 3, "the thief's own login at most");
}

/// The cookie's value, cut and altered at each kind of byte.
pub(crate) fn touched(value: &str) -> Vec<(&'static str, String)> {
    let flipped = |at: usize| {
        let mut bytes = value.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let last = value.len() - 1;
    vec![
        ("empty", String::new()),
        ("cut_to_one_byte", value[..1].to_owned()),
        ("cut_within_the_key_id", value[..4].to_owned()),
        ("cut_within_the_salt", value[..20].to_owned()),
        ("cut_in_the_middle", value[..value.len() / 2].to_owned()),
        ("cut_within_the_tag", value[..value.len() - 8].to_owned()),
        ("cut_by_one_byte", value[..last].to_owned()),
        ("altered_at_the_front", flipped(0)),
        ("altered_in_the_key_id", flipped(3)),
        ("altered_in_the_salt", flipped(12)),
        ("altered_in_the_middle", flipped(value.len() / 2)),
        ("altered_in_the_tag", flipped(value.len() - 4)),
        ("longer_by_one_byte", format!("{value}A")),
        ("twice_as_long", format!("{value}{value}")),
        ("no_base64url", format!("{}+/=", &value[..last])),
        ("no_ascii", format!("{}ü", &value[..last])),
        ("of_control_characters", "\u{7f}".replace('\u{7f}', "%00%0d%0a")),
        ("endless", "A".repeat(5000)),
    ]
}

impl Problems {
    /// The answer sends to the provider with a new login.
    pub(crate) fn starts_anew(&mut self, world: &World, answer: &Answer) {
        let to = answer.location();
        let away = to.as_ref().is_some_and(|to| {
            to.as_str().starts_with(&format!("{}/authorize?", world.provider.issuer()))
        });
        self.expect(answer.status == 303 && away, format!("{} starts no login", answer.name()));
    }
}

fn callback(name: &str, values: &[&str]) -> Mischief {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    Mischief::Callback { name: name.to_owned(), values }
}
