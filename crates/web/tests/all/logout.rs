use countersign::LogoutOptions;
use http::Method;
use url::Url;

use crate::support::provider::ISSUER;
use crate::support::{Browser, Wish, World};

fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

/// The provider's session ends and the browser comes back.
fn back(browser: &mut Browser, there: &str) -> crate::support::Answer {
    let state = parameter(there, "state").unwrap();
    let back = parameter(there, "post_logout_redirect_uri").unwrap();
    browser
        .ask(Wish::navigate(&format!("{back}?state={state}")).with("sec-fetch-site", "cross-site"))
}

#[test]
fn a_logout_ends_the_session_here_and_there() {
    let world = World::new();
    let mut browser = world.logged_in();
    let away = browser.go("/auth/logout?return_to=/bye");
    let there = away.location();
    assert!(there.starts_with(&format!("{ISSUER}/logout?")), "{there}");
    assert!(parameter(&there, "id_token_hint").is_some());
    assert_eq!(
        parameter(&there, "post_logout_redirect_uri").unwrap(),
        "https://app.example/auth/logged-out"
    );
    assert!(browser.names("session").is_empty());
    assert!(browser.names("trail").is_empty());
    assert!(browser.clone().go("/profile").goes_to_provider());
    assert_eq!(back(&mut browser, &there).location(), "/bye");
    assert!(browser.names("logout").is_empty());
}

#[test]
fn a_session_copied_before_logout_opens_nothing_afterwards() {
    let world = World::new();
    world.provider.script().refresh_tokens = true;
    let mut browser = world.logged_in();
    let early = browser.clone();
    world.seconds(3590);
    assert_eq!(browser.go("/profile").status, 200);
    let renewed = browser.clone();
    assert_ne!(early.cookie("session"), renewed.cookie("session"));
    browser.go("/auth/logout");
    for mut copy in [early, renewed] {
        assert!(copy.go("/profile").goes_to_provider());
        assert_eq!(copy.ask(Wish::fetch("/profile")).json()["reason"], "session_ended");
    }
}

#[test]
fn without_a_target_a_page_says_so() {
    let world = World::new();
    let mut browser = world.logged_in();
    let there = browser.go("/auth/logout").location();
    let page = back(&mut browser, &there);
    assert_eq!(page.status, 200);
    assert!(page.text().contains("You are signed out"));
    assert!(page.text().contains("href=\"/auth/login?return_to=%2F\""), "{}", page.text());
}

#[test]
fn a_return_without_this_browsers_state_leads_nowhere() {
    let world = World::new();
    let mut browser = world.logged_in();
    browser.go("/auth/logout?return_to=/bye");
    for path in ["/auth/logged-out", "/auth/logged-out?state=", "/auth/logged-out?state=other"] {
        let page = browser.clone().go(path);
        assert_eq!(page.status, 200, "{path}");
    }
}

#[test]
fn a_logout_is_complete_while_the_provider_is_down() {
    let world = World::new();
    let mut browser = world.logged_in();
    let copy = browser.clone();
    let restarted = world.restarted(crate::support::SECRET);
    world.provider.script().down = true;
    let mut moved = browser.moved(&restarted);
    let away = moved.go("/auth/logout");
    assert!(
        away.location().starts_with("https://app.example/auth/logged-out"),
        "{}",
        away.location()
    );
    assert!(moved.go(&away.location()).text().contains("You are signed out"));
    assert!(moved.names("session").is_empty());
    assert_eq!(copy.moved(&restarted).ask(Wish::fetch("/x")).status, 401);
    // And where the metadata is known, the provider is not asked at all.
    assert!(browser.go("/auth/logout").location().starts_with(ISSUER));
}

#[test]
fn a_provider_without_logout_still_leads_to_the_target() {
    let world = World::new();
    world.provider.script().end_session = false;
    let mut browser = world.logged_in();
    let away = browser.go("/auth/logout?return_to=/bye");
    assert_eq!(browser.go(&away.location()).location(), "/bye");
}

#[test]
fn images_frames_and_other_sites_end_no_session() {
    let world = World::new();
    let image = Wish::navigate("/auth/logout")
        .with("sec-fetch-mode", "no-cors")
        .with("sec-fetch-dest", "image");
    let frame = Wish::navigate("/auth/logout")
        .with("sec-fetch-dest", "iframe")
        .with("sec-fetch-site", "cross-site");
    let prefetch = Wish::navigate("/auth/logout").with("sec-purpose", "prefetch");
    let mut form = Wish::cross_site_post("/auth/logout", &[]);
    form.cookies = true;
    let mut old = form.clone().without("sec-fetch-site").without("sec-fetch-mode");
    old.cookies = true;
    let sibling =
        form.clone().with("sec-fetch-site", "same-site").with("origin", "https://x.example");
    let hidden = form.clone().with("origin", "null");
    for wish in [image, frame, prefetch, form, old, sibling, hidden] {
        let mut browser = world.logged_in();
        let answer = browser.ask(wish.clone());
        assert_eq!(answer.status, 403, "{:?}", wish.headers);
        assert!(answer.cookies().is_empty());
        assert_eq!(browser.go("/profile").text(), "alice", "{:?}", wish.headers);
    }
}

#[test]
fn a_form_and_a_script_of_our_own_log_out() {
    let world = World::new();
    let mut browser = world.logged_in();
    assert_eq!(browser.ask(Wish::post("/auth/logout", &[])).status, 303);
    assert!(browser.names("session").is_empty());

    // A page with `Referrer-Policy: no-referrer` posts without naming its origin.
    let mut browser = world.logged_in();
    assert_eq!(browser.ask(Wish::post("/auth/logout", &[]).with("origin", "null")).status, 303);

    let mut browser = world.logged_in();
    let script =
        Wish::fetch("/auth/logout").method(Method::POST).with("origin", "https://app.example");
    let answer = browser.ask(script);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["logged_out"], true);
    assert!(answer.json()["next"].as_str().unwrap().starts_with(ISSUER));
    assert!(browser.names("session").is_empty());
}

#[test]
fn a_session_over_by_time_still_gives_its_hint() {
    let world = World::new();
    let mut browser = world.logged_in();
    world.seconds(13 * 3600);
    let there = browser.go("/auth/logout").location();
    assert!(parameter(&there, "id_token_hint").is_some());
    let there = world.browser().go("/auth/logout").location();
    assert!(parameter(&there, "id_token_hint").is_none());
}

#[test]
fn parameters_of_the_site_are_in_every_logout() {
    let world = World::with(|site| site.logout(LogoutOptions::new().extra("revoke_tokens", "1")));
    let there = world.logged_in().go("/auth/logout").location();
    assert_eq!(parameter(&there, "revoke_tokens").as_deref(), Some("1"));
}

#[test]
fn a_refresh_under_way_does_not_undo_a_logout() {
    let world = World::new();
    world.provider.script().refresh_tokens = true;
    let mut browser = world.logged_in();
    world.seconds(3590);
    let mut slow = browser.clone();
    let answer = slow.go("/profile");
    browser.go("/auth/logout");
    // The slow answer arrives last, and the browser keeps its cookie.
    let (name, value, _) = answer.cookies().remove(0);
    browser.cookies.insert(name, value);
    assert!(browser.go("/profile").goes_to_provider());
}
