use std::sync::{Arc, Mutex};

use countersign_web::Event;
use http::Method;
use serde_json::{Value, json};

use crate::support::provider::object;
use crate::support::{Answer, Browser, Wish, World};

const PATH: &str = "/auth/backchannel-logout";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What the provider posts, without a browser and its cookies.
fn post(fields: &[(&str, &str)]) -> Wish {
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let form = Wish::post("", &fields).body;
    let mut wish = Wish::bare(PATH).method(Method::POST);
    wish.body = form;
    wish.with("content-type", "application/x-www-form-urlencoded")
}

fn told(world: &World, changes: Value) -> Answer {
    let token = world.provider.logout_token(object(changes));
    world.browser().ask(post(&[("logout_token", &token)]))
}

fn gone(browser: &Browser) -> bool {
    let answer = browser.clone().ask(Wish::fetch("/profile"));
    if answer.status == 401 {
        assert_eq!(answer.json()["reason"], "session_ended");
        return true;
    }
    assert_eq!(answer.status, 200);
    false
}

/// A person whose session has this name at the provider.
fn logged_in_as(world: &World, subject: &str, sid: Option<&str>) -> Browser {
    let mut script = world.provider.script();
    script.subject = subject.to_owned();
    script.claims.remove("sid");
    if let Some(sid) = sid {
        script.claims.insert("sid".to_owned(), json!(sid));
    }
    drop(script);
    world.logged_in()
}

#[test]
fn a_logout_at_the_provider_ends_the_session_that_it_names() {
    let world = World::new();
    let one = logged_in_as(&world, "alice", Some("s-1"));
    let other = logged_in_as(&world, "alice", Some("s-2"));
    let answer = told(&world, json!({ "sid": "s-1", "sub": "alice" }));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert!(answer.body.is_empty() && answer.cookies().is_empty());
    assert!(gone(&one));
    assert!(!gone(&other));
}

#[test]
fn a_logout_of_a_person_ends_all_sessions_of_that_person() {
    let world = World::new();
    let with = logged_in_as(&world, "alice", Some("s-1"));
    let without = logged_in_as(&world, "alice", None);
    let bob = logged_in_as(&world, "bob", Some("s-3"));
    assert_eq!(told(&world, json!({ "sub": "alice" })).status, 200);
    assert!(gone(&with) && gone(&without));
    assert!(!gone(&bob));
}

#[test]
fn a_session_without_a_name_ends_with_the_one_that_is_named() {
    let world = World::new();
    let unnamed = logged_in_as(&world, "alice", None);
    let bob = logged_in_as(&world, "bob", None);
    told(&world, json!({ "sid": "s-1", "sub": "alice" }));
    assert!(gone(&unnamed));
    assert!(!gone(&bob));
}

#[test]
fn a_login_after_the_logout_is_a_new_session() {
    let world = World::new();
    let mut browser = logged_in_as(&world, "alice", Some("s-1"));
    told(&world, json!({ "sub": "alice" }));
    told(&world, json!({ "sid": "s-1" }));
    assert!(gone(&browser));
    world.seconds(1);
    browser.log_in("/profile");
    assert!(!gone(&browser));
}

#[test]
fn a_renewed_session_ends_by_the_name_of_its_login() {
    let world = World::new();
    world.provider.script().refresh_tokens = true;
    let mut browser = logged_in_as(&world, "alice", Some("s-1"));
    world.provider.script().claims.remove("sid");
    world.seconds(3590);
    assert_eq!(browser.go("/profile").status, 200);
    told(&world, json!({ "sid": "s-1" }));
    assert!(gone(&browser));
}

#[test]
fn a_refresh_under_way_does_not_undo_a_logout_of_the_provider() {
    let world = World::new();
    world.provider.script().refresh_tokens = true;
    let browser = logged_in_as(&world, "alice", Some("s-1"));
    world.seconds(3590);
    let mut slow = browser.clone();
    assert_eq!(slow.go("/profile").status, 200);
    told(&world, json!({ "sid": "s-1" }));
    assert!(gone(&slow) && gone(&browser));
}

#[test]
fn a_logout_token_ends_sessions_once() {
    let world = World::new();
    let token = world.provider.logout_token(object(json!({ "sub": "alice" })));
    let wish = post(&[("logout_token", &token)]);
    assert_eq!(world.browser().ask(wish.clone()).status, 200);
    world.seconds(1);
    let later = world.logged_in();
    let again = world.browser().ask(wish);
    assert_eq!(again.status, 400);
    assert_eq!(again.json()["code"], "logout_token.replay");
    assert!(!gone(&later));
}

#[test]
fn what_is_no_logout_token_ends_nothing() {
    let world = World::new();
    let browser = logged_in_as(&world, "alice", Some("s-1"));
    for (changes, code) in [
        (json!({ "sub": "alice", "nonce": "n" }), "logout_token.kind"),
        (json!({ "sub": "alice", "events": {} }), "logout_token.kind"),
        (json!({ "sub": "alice", "aud": "other" }), "logout_token.audience"),
        (json!({ "sub": "alice", "iss": "https://other.example" }), "logout_token.issuer"),
        (json!({ "sub": "alice", "exp": 1 }), "logout_token.expired"),
        (json!({}), "logout_token.claim"),
    ] {
        let answer = told(&world, changes);
        assert_eq!(answer.status, 400);
        assert_eq!(answer.headers["cache-control"], "no-store");
        let body = answer.json();
        assert_eq!(body["code"], code);
        assert_eq!(body["error"], "invalid_request");
        assert!(body["error_description"].is_string());
    }
    assert!(!gone(&browser));
}

#[test]
fn a_request_that_no_provider_sends_ends_nothing() {
    let world = World::new();
    let browser = world.logged_in();
    let token = world.provider.logout_token(object(json!({ "sub": "alice" })));
    let twice = post(&[("logout_token", &token), ("logout_token", &token)]);
    let in_query = Wish::bare(&format!("{PATH}?logout_token={token}")).method(Method::PUT);
    let json = post(&[("logout_token", &token)]).with("content-type", "application/json");
    let mut large = post(&[("logout_token", &token)]);
    large.body.push_str(&"x".repeat(64 * 1024));
    for (wish, status, code) in [
        (post(&[]), 400, "logout.no_token"),
        (post(&[("token", &token)]), 400, "logout.no_token"),
        (twice, 400, "logout.no_token"),
        (post(&[("logout_token", "x.y.z")]), 400, "jws.malformed"),
        (json, 400, "request.form"),
        (large, 400, "request.too_large"),
        (in_query, 405, "request.method"),
        (Wish::navigate(PATH), 405, "request.method"),
    ] {
        let answer = world.browser().ask(wish);
        assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)));
    }
    assert!(!gone(&browser));
}

#[test]
fn a_logout_while_the_provider_is_down_is_told_to_come_again() {
    let world = World::new();
    world.provider.script().down = true;
    let answer = told(&world, json!({ "sub": "alice" }));
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["code"], "network.unreachable");
    assert!(answer.headers.contains_key("retry-after"));
}

#[test]
fn a_person_and_a_session_of_one_name_are_two() {
    let world = World::new();
    let browser = logged_in_as(&world, "s-1", Some("alice"));
    // The name of the session is the name of somebody else, and the other way round.
    told(&world, json!({ "sid": "s-1" }));
    told(&world, json!({ "sub": "alice" }));
    assert!(!gone(&browser));
}

#[test]
fn a_logout_of_the_provider_is_told_to_whoever_watches() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let watch = Arc::clone(&events);
    let world = World::with(|site| site.watch(move |event| watch.lock().unwrap().push(event)));
    told(&world, json!({ "sub": "alice", "nonce": "n" }));
    told(&world, json!({ "sub": "alice" }));
    assert_eq!(*events.lock().unwrap(), [Event::LoggedOutByProvider]);
}

#[test]
fn the_path_can_be_changed() {
    let routes = countersign_web::Routes::default().back_channel_logout("/op/bye");
    let world = World::with(|site| site.routes(routes));
    let browser = world.logged_in();
    let token =
        world.provider.logout_token(object(json!({ "sub": "alice", "events": { EVENT: {} } })));
    let mut wish = post(&[("logout_token", &token)]);
    wish.path = "/op/bye".to_owned();
    assert_eq!(world.browser().ask(wish).status, 200);
    assert!(gone(&browser));
    assert!(world.site.paths().contains(&"/op/bye".to_owned()));
}
