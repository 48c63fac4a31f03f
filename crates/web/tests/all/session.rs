use std::time::Duration;

use countersign::SessionPolicy;
use countersign_web::PublicAddress;
use http::Method;
use serde_json::{Value, json};

use crate::support::provider::object;
use crate::support::{SECRET, Wish, World};

fn refreshing() -> World {
    let world = World::new();
    world.provider.script().refresh_tokens = true;
    world
}

#[test]
fn a_cookie_that_was_opened_opens_only_as_what_it_is() {
    let address = PublicAddress::new("https://app.example").unwrap();
    let world = World::of(address.also("http://127.0.0.1:3000").unwrap(), SECRET, |site| site);
    let mut browser = world.logged_in();
    assert_eq!(browser.go("/profile").text(), "alice");
    let (name, value) =
        browser.cookies.iter().find(|(name, _)| name.ends_with("_session")).unwrap();
    let (name, value) = (name.clone(), value.clone());
    let refused = |name: &str, value: String, host: &str| {
        let mut other = world.browser();
        other.cookies.insert(name.to_owned(), value);
        let answer = other.ask(Wish::fetch("/profile").with("host", host));
        assert_eq!(answer.status, 401, "{name}");
    };
    // The name of the other address, another count, and a text with one change.
    refused(name.strip_prefix("__Host-").unwrap(), value.clone(), "127.0.0.1:3000");
    refused(&name, value.replacen('1', "2", 1), "app.example");
    for at in [1, 40, value.len() / 2, value.len() - 1] {
        let mut changed = value.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        refused(&name, String::from_utf8(changed).unwrap(), "app.example");
    }
    // What was opened before is over all the same when its time is, or when it was ended.
    let mut copy = browser.clone();
    browser.go("/auth/logout");
    assert_eq!(copy.ask(Wish::fetch("/profile")).json()["reason"], "session_ended");
    let mut late = world.logged_in();
    assert_eq!(late.go("/profile").text(), "alice");
    world.seconds(12 * 3600);
    assert_eq!(late.ask(Wish::fetch("/profile")).json()["reason"], "session_over");
}

#[test]
fn a_session_is_renewed_before_its_access_token_ends() {
    let world = refreshing();
    let mut browser = world.logged_in();
    let before = browser.cookie("session");
    world.seconds(3590);
    let page = browser.ask(Wish::fetch("/api"));
    assert_eq!((page.status, page.text().as_str()), (200, "alice"));
    assert_eq!(page.header("cache-control"), "no-store");
    assert_ne!(browser.cookie("session"), before);
    assert_eq!(world.provider.asked("/token"), 2);
    browser.go("/profile");
    assert_eq!(world.provider.asked("/token"), 2, "renewed once");
}

#[test]
fn latecomers_with_the_old_cookie_share_one_refresh() {
    let world = refreshing();
    let browser = world.logged_in();
    world.seconds(3590);
    for _ in 0..10 {
        assert_eq!(browser.clone().ask(Wish::fetch("/api")).status, 200);
    }
    assert_eq!(world.provider.asked("/token"), 2);
}

#[test]
fn a_refused_refresh_leads_to_a_login_and_takes_no_cookie_away() {
    let world = refreshing();
    let mut browser = world.logged_in();
    world.seconds(3590);
    world.provider.script().refresh_refused = true;
    let answer = browser.ask(Wish::fetch("/api"));
    assert_eq!(answer.status, 401);
    assert!(answer.cookies().is_empty(), "another tab may have renewed it meanwhile");
    assert!(browser.go("/profile").goes_to_provider());
}

#[test]
fn a_refresh_for_somebody_else_ends_the_session() {
    let world = refreshing();
    let mut browser = world.logged_in();
    world.seconds(3590);
    world.provider.script().refresh_subject = Some("mallory".to_owned());
    assert!(browser.go("/profile").goes_to_provider());
}

#[test]
fn while_the_provider_is_down_a_session_lives_as_long_as_its_access_token() {
    let world = refreshing();
    let mut browser = world.logged_in();
    world.seconds(3590);
    world.provider.script().down = true;
    assert_eq!(browser.go("/profile").text(), "alice");
    world.seconds(20);
    let page = browser.go("/profile");
    assert_eq!(page.status, 503);
    assert!(!page.header("retry-after").is_empty());
    assert!(!browser.names("session").is_empty(), "the session is not lost");
    let public = browser.ask_public(Wish::navigate("/"));
    assert_eq!(
        (public.text().as_str(), public.header("x-trouble")),
        ("nobody", "503"),
        "told apart"
    );
    let stranger = world.browser().ask_public(Wish::navigate("/"));
    assert_eq!((stranger.text().as_str(), stranger.header("x-trouble")), ("nobody", ""));
    world.provider.script().down = false;
    world.seconds(60);
    assert_eq!(browser.go("/profile").text(), "alice");
}

#[test]
fn a_role_removed_at_the_provider_is_gone_after_a_refresh() {
    let world = refreshing();
    world.provider.script().user_info = object(json!({ "roles": ["editor"] }));
    let mut browser = world.logged_in();
    world.seconds(3590);
    world.provider.script().user_info = object(json!({ "roles": [] }));
    browser.go("/profile");
    assert_eq!(browser.go("/profile").status, 200);
    assert!(world.provider.asked("/userinfo") >= 2);
}

#[test]
fn a_session_never_outlives_its_absolute_end() {
    let world = refreshing();
    let mut browser = world.logged_in();
    for _ in 0..12 {
        world.seconds(3500);
        browser.go("/profile");
    }
    world.seconds(1300);
    assert_eq!(browser.ask(Wish::fetch("/api")).json()["reason"], "session_over");
    assert!(browser.go("/profile").goes_to_provider());
}

#[test]
fn the_cookie_lives_until_the_absolute_end() {
    let world = refreshing();
    let mut browser = world.browser();
    let away = browser.go("/profile");
    let back = browser.callback(&away);
    let age = |answer: &crate::support::Answer| {
        let cookies = answer.cookies();
        let (.., attributes) = cookies.iter().find(|(name, ..)| name.contains("session")).unwrap();
        attributes
            .split("Max-Age=")
            .nth(1)
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    assert_eq!(age(&back), 12 * 3600);
    world.seconds(3590);
    assert_eq!(age(&browser.go("/profile")), 12 * 3600 - 3590);
}

fn asking() -> World {
    World::with(|site| {
        site.policy(SessionPolicy::new().refresh_interval(Some(Duration::from_secs(300))))
    })
}

#[test]
fn a_silent_login_keeps_the_session_and_its_end() {
    let world = asking();
    let mut browser = world.logged_in();
    let copy = browser.clone();
    world.seconds(301);
    let silent = browser.go("/deep?a=1");
    assert!(silent.location().contains("prompt=none"));
    assert!(silent.location().contains("id_token_hint="));
    assert_eq!(browser.callback(&silent).location(), "/deep?a=1");
    assert_eq!(browser.go("/deep").text(), "alice");
    assert_eq!(copy.clone().ask(Wish::fetch("/api")).status, 200, "requests under way don't fail");
    browser.go("/auth/logout");
    assert_eq!(copy.clone().ask(Wish::fetch("/api")).status, 401, "one session all the time");
}

#[test]
fn nothing_is_asked_silently_but_on_a_navigation() {
    let world = asking();
    let mut browser = world.logged_in();
    world.seconds(301);
    for wish in [
        Wish::fetch("/api"),
        Wish::fetch("/api").method(Method::POST),
        Wish::post("/save", &[]),
        Wish::bare("/feed"),
    ] {
        let answer = browser.ask(wish);
        assert_eq!((answer.status, answer.text().as_str()), (200, "alice"));
    }
    assert_eq!(browser.ask_public(Wish::navigate("/")).text(), "alice", "nor on a public page");
    world.provider.script().down = true;
    assert!(browser.go("/profile").location().contains("prompt=none"));
}

#[test]
fn keys_rotate_without_logging_anybody_out() {
    let world = World::new();
    let browser = world.logged_in();
    let new = "second-secret-of-32-characters-or-more";
    let rotated = world.restarted(&format!("{new}\n{SECRET}"));
    let mut moved = browser.moved(&rotated);
    assert_eq!(moved.go("/profile").text(), "alice");
    assert_eq!(moved.log_in("/auth/login?return_to=/profile").text(), "alice");
    let only_new = world.restarted(new);
    assert_eq!(moved.moved(&only_new).go("/profile").text(), "alice", "sealed with the new one");
    assert!(browser.moved(&only_new).go("/profile").goes_to_provider());
    let foreign = world.restarted("third-secret-of-32-characters-or-more-");
    assert_eq!(
        browser.moved(&foreign).ask(Wish::fetch("/api")).json()["reason"],
        "cookie_unreadable"
    );
}

fn claims_of(bytes: usize) -> Value {
    // Digests don't compress.
    let mut groups = Vec::new();
    let mut have = 0;
    for index in 0_u32.. {
        let digest = countersign_jose::digest::sha256(&index.to_be_bytes());
        let group = countersign_jose::base64url::encode(&digest);
        have += group.len() + 3;
        if have > bytes {
            break;
        }
        groups.push(group);
    }
    json!({ "groups": groups })
}

#[test]
fn twelve_kilobytes_of_claims_work() {
    let world = World::new();
    world.provider.script().claims = object(claims_of(12 * 1024));
    let mut browser = world.logged_in();
    let names = browser.names("session");
    assert!((2..=8).contains(&names.len()), "{names:?}");
    assert_eq!(browser.go("/profile").text(), "alice");
}

#[test]
fn cookies_left_over_from_a_longer_session_are_ended() {
    let world = World::new();
    world.provider.script().claims = object(claims_of(12 * 1024));
    let mut browser = world.logged_in();
    assert!(browser.names("session").len() > 2);
    world.provider.script().claims.clear();
    assert_eq!(browser.log_in("/auth/login?return_to=/profile").text(), "alice");
    assert_eq!(browser.names("session").len(), 1);
    world.provider.script().claims = object(claims_of(12 * 1024));
    browser.log_in("/auth/login");
    browser.go("/auth/logout");
    assert!(browser.names("session").is_empty(), "all of them at logout");
}

#[test]
fn a_session_beyond_the_budget_is_refused_with_its_sizes() {
    let world = World::new();
    world.provider.script().claims = object(claims_of(40 * 1024));
    let mut browser = world.browser();
    let page = browser.log_in("/profile");
    assert_eq!(page.status, 500);
    assert!(page.text().contains("session.too_large"), "{}", page.text());
    assert!(browser.names("session").is_empty());

    let world = World::with(|site| site.session_cookies(1));
    world.provider.script().claims = object(claims_of(6 * 1024));
    let mut browser = world.browser();
    assert!(browser.log_in("/profile").text().contains("session.too_large"));
}

#[test]
fn every_size_of_session_comes_back_whole() {
    let world = World::with(|site| site);
    // Steps smaller than a cookie's rest, over several multiples of a cookie.
    for bytes in (2000..9000).step_by(97) {
        world.provider.script().claims = object(claims_of(bytes));
        let mut browser = world.browser();
        assert_eq!(browser.log_in("/profile").text(), "alice", "{bytes}");
    }
}
