use std::sync::{Arc, Mutex};

use countersign_web::Event;

use crate::support::{Wish, World};

/// A world, and everything that it told so far.
fn watched() -> (World, impl Fn() -> Vec<Event>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let watch = Arc::clone(&told);
    let world = World::with(|site| site.watch(move |event| watch.lock().unwrap().push(event)));
    (world, move || std::mem::take(&mut *told.lock().unwrap()))
}

#[test]
fn a_session_from_login_to_logout_is_told_event_by_event() {
    let (world, told) = watched();
    world.provider.script().refresh_tokens = true;
    let mut browser = world.logged_in();
    assert_eq!(told(), [Event::LoginStarted, Event::LoginCompleted]);

    browser.go("/profile");
    assert_eq!(told(), [], "nothing happened");

    world.seconds(3590);
    browser.go("/profile");
    assert_eq!(told(), [Event::SessionRefreshed]);

    browser.go("/auth/logout");
    assert_eq!(told(), [Event::LoggedOut]);
    browser.go("/auth/logout");
    assert_eq!(told(), [], "nobody was here any more");
}

#[test]
fn a_refused_login_is_told_with_its_code() {
    let (world, told) = watched();
    let mut browser = world.browser();
    let away = browser.go("/profile").location();
    assert_eq!(told(), [Event::LoginStarted]);
    let no = world.provider.no(&away, "access_denied", "no");
    let answer = browser.ask(Wish::navigate(&crate::support::browser::query(&no)));
    assert_eq!(answer.status, 400);
    assert_eq!(told(), [Event::LoginFailed { code: "login.refused" }]);
}

#[test]
fn a_login_that_cannot_start_is_told_with_its_code() {
    let (world, told) = watched();
    world.provider.script().down = true;
    assert_eq!(world.browser().go("/profile").status, 503);
    assert_eq!(told(), [Event::LoginFailed { code: "network.unreachable" }]);
}
