use std::time::Duration;

use countersign::SessionPolicy;
use http::Method;

use crate::support::browser::query;
use crate::support::{Browser, Wish, World};

fn callback_of(world: &World, browser: &mut Browser, path: &str) -> String {
    let away = browser.go(path);
    query(&world.provider.yes(&away.location()))
}

fn foreign(path: &str) -> Wish {
    Wish::navigate(path).with("sec-fetch-site", "cross-site")
}

#[test]
fn two_tabs_log_in_side_by_side() {
    let world = World::new();
    let mut browser = world.browser();
    let (first, second) = (browser.go("/one"), browser.go("/two"));
    assert_eq!(browser.names("login_").len(), 2);
    assert_eq!(browser.callback(&first).location(), "/one");
    assert_eq!(browser.callback(&second).location(), "/two");
    assert!(browser.names("login_").is_empty(), "each took its own cookie away");
    assert_eq!(browser.go("/one").status, 200);
}

#[test]
fn another_browsers_callback_makes_no_session() {
    let world = World::new();
    let mut attacker = world.browser();
    let callback = callback_of(&world, &mut attacker, "/profile");
    let mut victim = world.browser();
    let answer = victim.ask(foreign(&callback));
    assert!(answer.goes_to_provider(), "a login of the victim's own, once");
    assert!(victim.names("session").is_empty());
    assert_eq!(world.provider.asked("/token"), 0, "the attacker's code is not even sent");
}

#[test]
fn an_unknown_state_starts_a_login_again_only_once() {
    let world = World::new();
    let mut browser = world.browser();
    let first = browser.ask(foreign("/auth/callback?code=a&state=unknown&iss=https://op.example"));
    assert!(first.goes_to_provider());
    let callback = query(&world.provider.yes(&first.location()));
    browser.drop_cookies("");
    let second = browser.ask(foreign(&callback));
    assert_eq!(second.status, 400);
    assert!(second.text().contains("login.unknown_state"), "{}", second.text());
    assert!(second.text().contains("no cookies"), "the cause: {}", second.text());
    assert!(second.text().contains("Try again"));
}

#[test]
fn the_cause_of_an_unknown_state_is_told() {
    let world = World::new();
    let elsewhere = world.restarted("another-secret-of-32-characters-or-more");
    // The browser goes round once already, so that the page comes.
    let state = |browser: &mut Browser| {
        let again = browser.ask(foreign("/auth/callback?code=a&state=unknown"));
        query(&world.provider.yes(&again.location()))
    };
    let mut browser = world.browser();
    let callback = state(&mut browser);
    browser.cookies.insert("other".to_owned(), "1".to_owned());
    let mut without = browser.clone();
    without.drop_cookies("login_");
    assert!(without.ask(foreign(&callback)).text().contains("did not come back"));
    let unreadable = browser.moved(&elsewhere).ask(foreign(&callback));
    assert!(unreadable.text().contains("could not be read"), "{}", unreadable.text());
    let json = without.ask(Wish::fetch(&callback)).json();
    assert_eq!(
        (&json["error"], &json["reason"]),
        (&"login.unknown_state".into(), &"cookie_missing".into())
    );
}

#[test]
fn a_used_callback_leads_on_when_somebody_is_logged_in() {
    let world = World::new();
    let mut browser = world.browser();
    let callback = callback_of(&world, &mut browser, "/profile");
    assert_eq!(browser.ask(foreign(&callback)).location(), "/profile");
    let session = browser.cookie("session");
    let again = browser.ask(foreign(&callback));
    assert_eq!((again.status, again.location().as_str()), (303, "/"));
    assert_eq!(browser.cookie("session"), session, "the session is left as it was");
    assert_eq!(world.provider.asked("/token"), 1);
}

#[test]
fn a_bookmarked_callback_ends_well() {
    let world = World::new();
    let mut browser = world.browser();
    assert!(browser.go("/auth/callback").goes_to_provider());
    let mut browser = world.logged_in();
    assert_eq!(browser.go("/auth/callback").location(), "/");
}

#[test]
fn a_login_page_left_open_too_long_is_asked_again_and_keeps_its_target() {
    let world = World::new();
    let mut browser = world.browser();
    let callback = callback_of(&world, &mut browser, "/deep?a=1");
    world.seconds(3601);
    let again = browser.ask(foreign(&callback));
    assert!(again.goes_to_provider());
    assert_eq!(browser.names("login_").len(), 1, "the expired one is gone");
    assert_eq!(browser.callback(&again).location(), "/deep?a=1");
}

#[test]
fn a_login_that_expires_twice_is_explained() {
    let world = World::new();
    let mut browser = world.browser();
    let callback = callback_of(&world, &mut browser, "/deep");
    world.seconds(3601);
    let again = browser.ask(foreign(&callback));
    let callback = query(&world.provider.yes(&again.location()));
    world.seconds(3601);
    let page = browser.ask(foreign(&callback));
    assert_eq!(page.status, 400);
    assert!(page.text().contains("login.expired"));
    assert!(page.text().contains("return_to=%2Fdeep"), "the target is kept: {}", page.text());
}

#[test]
fn doubled_or_contradicting_parameters_are_refused_without_a_restart() {
    let world = World::new();
    for extra in ["&code=other", "&state=other", "&iss=https://op.example", "&error=access_denied"]
    {
        let mut browser = world.browser();
        let callback = callback_of(&world, &mut browser, "/profile");
        let answer = browser.ask(foreign(&format!("{callback}{extra}")));
        assert_eq!(answer.status, 400, "{extra}");
        assert!(answer.text().contains("login.malformed"), "{extra}");
        assert!(browser.names("session").is_empty());
    }
    assert_eq!(world.provider.asked("/token"), 0);
}

#[test]
fn a_callback_without_state_makes_no_session() {
    let world = World::new();
    let mut browser = world.browser();
    browser.go("/profile");
    let answer = browser.ask(foreign("/auth/callback?code=code-1&iss=https://op.example"));
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("login.no_state"));
    assert!(browser.names("session").is_empty());
}

#[test]
fn a_refusal_is_shown_in_the_providers_words_and_not_asked_again() {
    let world = World::new();
    let mut browser = world.browser();
    let away = browser.go("/deep");
    let no = world.provider.no(&away.location(), "access_denied", "<b>No</b> means \"no\"");
    let page = browser.ask(foreign(&query(&no)));
    assert_eq!(page.status, 400);
    assert!(page.text().contains("&lt;b&gt;No&lt;/b&gt; means no"), "{}", page.text());
    assert!(page.text().contains("access_denied"));
    assert!(page.text().contains("login.refused"));
    assert!(page.text().contains("return_to=%2Fdeep"));
    assert!(browser.names("login_").is_empty());
}

#[test]
fn a_failed_login_leaves_a_live_session_untouched() {
    let world = World::new();
    let mut browser = world.logged_in();
    let session = browser.cookie("session").unwrap();
    let away = browser.go("/auth/login?prompt=login");
    let no = world.provider.no(&away.location(), "access_denied", "");
    assert_eq!(browser.ask(foreign(&query(&no))).status, 400);
    assert_eq!(browser.cookie("session").unwrap(), session);

    world.provider.script().token_status = 500;
    let away = browser.go("/auth/login");
    assert_eq!(browser.callback(&away).status, 503);
    assert_eq!(browser.cookie("session").unwrap(), session);
    assert_eq!(browser.go("/profile").text(), "alice");
}

#[test]
fn a_callback_works_again_after_the_network_failed() {
    let world = World::new();
    let mut browser = world.browser();
    let callback = callback_of(&world, &mut browser, "/profile");
    world.provider.script().down = true;
    let page = browser.ask(foreign(&callback));
    assert_eq!(page.status, 503);
    assert!(browser.names("session").is_empty());
    world.provider.script().down = false;
    world.seconds(60);
    assert_eq!(browser.ask(foreign(&callback)).location(), "/profile", "a reload suffices");
}

#[test]
fn a_spent_code_is_asked_again_once() {
    let world = World::new();
    let mut browser = world.browser();
    let callback = callback_of(&world, &mut browser, "/profile");
    let mut double_click = browser.clone();
    browser.ask(foreign(&callback));
    let second = double_click.ask(foreign(&callback));
    assert!(second.goes_to_provider());
    assert!(double_click.names("session").is_empty());
    let callback = query(&world.provider.yes(&second.location()));
    double_click.clone().ask(foreign(&callback));
    let page = double_click.ask(foreign(&callback));
    assert_eq!(page.status, 502);
    assert!(page.text().contains("token.refused"), "{}", page.text());
}

#[test]
fn each_login_has_a_new_session_and_ends_the_one_before() {
    let world = World::new();
    let mut browser = world.logged_in();
    let old = browser.clone();
    let away = browser.go("/auth/login");
    browser.callback(&away);
    assert_eq!(browser.go("/profile").status, 200);
    assert!(old.clone().go("/profile").goes_to_provider(), "the copy of the old one opens nothing");
}

#[test]
fn a_state_planted_by_another_cookie_value_is_refused() {
    let world = World::new();
    let mut browser = world.browser();
    let first = callback_of(&world, &mut browser, "/one");
    let name = browser.names("login_").remove(0);
    let mut other = world.browser();
    other.go("/two");
    // The cookie of one login under the name of another: the name is sealed along.
    let stolen = other.cookie("login_").unwrap();
    browser.cookies.insert(name, stolen);
    assert!(browser.ask(foreign(&first)).goes_to_provider());
    assert!(browser.names("session").is_empty());
}

#[test]
fn a_link_checker_uses_no_code_up() {
    let world = World::new();
    let mut browser = world.browser();
    let callback = callback_of(&world, &mut browser, "/profile");
    let head = browser.ask(foreign(&callback).method(Method::HEAD));
    assert_eq!((head.status, head.header("allow")), (405, "GET, POST"));
    assert_eq!(browser.ask(foreign(&callback)).location(), "/profile");
}

#[test]
fn a_cookie_that_is_cut_or_altered_is_no_cookie() {
    let world = World::new();
    let mut browser = world.browser();
    let callback = callback_of(&world, &mut browser, "/profile");
    let name = browser.names("login_").remove(0);
    let good = browser.cookies[&name].clone();
    for at in (0..good.len()).step_by(23) {
        for broken in [good[..at].to_owned(), flipped(&good, at)] {
            let mut browser = browser.clone();
            browser.cookies.insert(name.clone(), broken);
            let answer = browser.ask(foreign(&callback));
            assert!(answer.goes_to_provider(), "at {at}: {}", answer.status);
            assert!(browser.names("session").is_empty());
        }
    }
    assert_eq!(world.provider.asked("/token"), 0);
    assert_eq!(browser.ask(foreign(&callback)).location(), "/profile");
}

fn flipped(text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_silent_login_that_needs_a_person_becomes_one_that_asks() {
    let world = World::with(|site| {
        site.policy(SessionPolicy::new().refresh_interval(Some(Duration::from_secs(300))))
    });
    for error in
        ["login_required", "interaction_required", "consent_required", "account_selection_required"]
    {
        let mut browser = world.logged_in();
        world.seconds(301);
        let silent = browser.go("/deep?b=2");
        assert!(silent.location().contains("prompt=none"), "{}", silent.location());
        let no = world.provider.no(&silent.location(), error, "");
        let asked = browser.ask(foreign(&query(&no)));
        assert!(asked.goes_to_provider());
        assert!(!asked.location().contains("prompt=none"), "{error}");
        assert_eq!(browser.callback(&asked).location(), "/deep?b=2");
    }
}

#[test]
fn a_silent_login_for_somebody_else_makes_no_session_for_them() {
    let world = World::with(|site| {
        site.policy(SessionPolicy::new().refresh_interval(Some(Duration::from_secs(300))))
    });
    let mut browser = world.logged_in();
    let session = browser.cookie("session");
    world.seconds(301);
    let silent = browser.go("/deep");
    world.provider.script().subject = "mallory".to_owned();
    let answer = browser.callback(&silent);
    assert!(answer.goes_to_provider(), "{}", answer.text());
    assert!(!answer.location().contains("prompt=none"));
    assert_eq!(browser.cookie("session"), session);
}

#[test]
fn a_silent_login_brings_no_session_back_that_was_ended_meanwhile() {
    let world = World::with(|site| {
        site.policy(SessionPolicy::new().refresh_interval(Some(Duration::from_secs(300))))
    });
    let mut browser = world.logged_in();
    world.seconds(301);
    let silent = browser.go("/deep");
    browser.go("/auth/logout");
    let back = browser.callback(&silent);
    assert_eq!((back.status, back.location().as_str()), (303, "/deep"));
    assert!(browser.names("session").is_empty());
}
