//! The corpus of return targets that must never be followed, at every place that takes one.

use url::{Url, form_urlencoded};

use crate::support::provider::ISSUER;
use crate::support::{World, browser::query};

fn corpus() -> Vec<String> {
    let text = include_str!("../../../../tests/vectors/open_redirects.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let corpus: Vec<String> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(corpus.len() > 300, "{} shapes", corpus.len());
    corpus
}

/// A redirect that a browser reads as an address of ours.
fn stays(location: &str) -> bool {
    let here = Url::parse("https://app.example/auth/callback").unwrap();
    here.join(location).is_ok_and(|url| url.origin() == here.origin())
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[test]
fn a_login_never_leads_to_another_site() {
    let world = World::new();
    for target in corpus() {
        for parameter in ["return_to", "target_link_uri"] {
            let mut browser = world.browser();
            let away = browser.go(&format!("/auth/login?{parameter}={}", encoded(&target)));
            let (status, location) = match away.status {
                // Too long to be meant: told at once.
                400 => continue,
                _ => {
                    let callback = query(&world.provider.yes(&away.location()));
                    let answer = browser.go(&callback);
                    (answer.status, answer.location())
                }
            };
            assert_eq!(status, 303);
            assert!(stays(&location), "{parameter} {target:?} led to {location}");
            assert_eq!(location, "/", "{parameter} {target:?}");
        }
    }
}

#[test]
fn a_logout_never_leads_to_another_site() {
    let world = World::new();
    for target in corpus() {
        let mut browser = world.browser();
        let there = browser.go(&format!("/auth/logout?return_to={}", encoded(&target))).location();
        assert!(there.starts_with(ISSUER));
        let there = Url::parse(&there).unwrap();
        let state = there.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let page = browser.go(&format!("/auth/logged-out?state={state}"));
        assert_eq!(page.status, 200, "{target:?}");
    }
}

#[test]
fn paths_of_our_own_are_kept_to_the_letter() {
    let world = World::new();
    for target in [
        "/",
        "/a",
        "/a/b/?c=d&e=%2F%2Fevil.example",
        "/a?next=https://evil.example/",
        "/%C3%A4/%E2%9C%93",
        "/a;b=c/d,e/f:g@h",
        "/~user/(x)/!$&'*+=",
        "/a/%2e%2e/b",
    ] {
        let mut browser = world.browser();
        let away = browser.go(&format!("/auth/login?return_to={}", encoded(target)));
        assert_eq!(browser.callback(&away).location(), target);
    }
}
