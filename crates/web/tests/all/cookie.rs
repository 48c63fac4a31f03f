use countersign_web::cookie::Prefix;
use countersign_web::{KeyRing, KeyRingError};
use serde_json::json;

use crate::support::provider::object;
use crate::support::{LOOPBACK, Wish, World};

#[test]
fn cookies_over_https_belong_to_this_host_alone() {
    let world = World::new();
    let mut browser = world.browser();
    let away = browser.go("/profile");
    let back = browser.callback(&away);
    let set: Vec<_> = away.cookies().into_iter().chain(back.cookies()).collect();
    assert!(set.len() >= 3);
    for (name, _, attributes) in set {
        assert!(name.starts_with("__Host-countersign_"), "{name}");
        for attribute in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure", "Max-Age="] {
            assert!(attributes.contains(attribute), "{name}: {attributes}");
        }
        assert!(!attributes.contains("Domain"), "{attributes}");
    }
}

#[test]
fn cookies_on_this_machine_are_plain() {
    let world = World::at(LOOPBACK, |site| site.cookie_prefix(Prefix::parse("notes").unwrap()));
    let away = world.browser().go("/profile");
    let (name, _, attributes) = away.cookies().remove(0);
    assert!(name.starts_with("notes_login_"), "{name}");
    assert!(!attributes.contains("Secure") && attributes.contains("HttpOnly"), "{attributes}");
}

#[test]
fn a_name_shows_no_state_and_a_value_no_content() {
    let world = World::new();
    world.provider.script().claims = object(json!({ "note": "find me" }));
    let mut browser = world.logged_in();
    let away = browser.go("/auth/login?return_to=/findme");
    let state =
        away.location().split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    for (name, value) in &browser.cookies {
        assert!(!name.contains(&state[..8]), "{name}");
        for part in ["alice", "find", "access-", "op.example"] {
            assert!(!value.contains(part), "{name}");
            let bytes = countersign_jose::base64url::decode(&value[1..]).unwrap_or_default();
            let bytes = String::from_utf8_lossy(&bytes).into_owned();
            assert!(!bytes.contains(part), "{name}");
        }
    }
}

#[test]
fn two_seals_of_one_session_differ() {
    let world = World::new();
    world.provider.script().refresh_tokens = true;
    let browser = world.logged_in();
    world.seconds(3590);
    // Both get the same renewed session.
    let (mut one, mut two) = (browser.clone(), browser.clone());
    one.go("/p");
    two.go("/p");
    assert_ne!(one.cookie("session"), two.cookie("session"));
}

#[test]
fn what_is_sealed_for_one_purpose_never_opens_for_another() {
    let world = World::new();
    let mut browser = world.logged_in();
    let away = browser.go("/auth/login");
    browser.go("/auth/logout?return_to=/bye");
    let state =
        away.location().split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let login = browser.names("login_").remove(0);
    let logout = browser.names("logout").remove(0);
    let session_name = "__Host-countersign_session";
    let session = world.logged_in().cookie("session").unwrap();
    let trail = world.logged_in().cookie("trail").unwrap();
    let (login_value, logout_value) =
        (browser.cookies[&login].clone(), browser.cookies[&logout].clone());

    // Everything else as a session, bare and with a count in front.
    for value in [&login_value, &logout_value, &trail] {
        for value in [value.clone(), format!("1{value}")] {
            let mut thief = world.browser();
            thief.cookies.insert(session_name.to_owned(), value);
            assert_eq!(thief.ask(Wish::fetch("/p")).json()["reason"], "cookie_unreadable");
        }
    }
    // Everything else as a pending login.
    for value in [&session, &session[1..].to_owned(), &logout_value, &trail] {
        let mut thief = world.browser();
        thief.cookies.insert(login.clone(), value.clone());
        let answer =
            thief.go(&format!("/auth/callback?code=a&state={state}&iss=https://op.example"));
        assert!(answer.goes_to_provider());
        assert!(thief.names("session").is_empty());
    }
    // A pending login as the way out.
    let mut thief = world.browser();
    thief.cookies.insert(logout, login_value);
    assert_eq!(thief.go(&format!("/auth/logged-out?state={state}")).status, 200);
}

#[test]
fn a_session_cookie_that_is_cut_or_altered_is_no_session() {
    let world = World::new();
    let browser = world.logged_in();
    let name = browser.names("session").remove(0);
    let good = browser.cookies[&name].clone();
    for at in (0..good.len()).step_by(11) {
        let mut altered = good.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        for broken in [good[..at].to_owned(), String::from_utf8(altered).unwrap()] {
            let mut browser = browser.clone();
            browser.cookies.insert(name.clone(), broken);
            assert_eq!(browser.ask(Wish::fetch("/p")).status, 401, "at {at}");
        }
    }
    for extra in ["A", "AAAA", "=", "%", "."] {
        let mut browser = browser.clone();
        browser.cookies.insert(name.clone(), format!("{good}{extra}"));
        assert_eq!(browser.ask(Wish::fetch("/p")).status, 401, "{extra:?}");
    }
}

fn in_parts(world: &World) -> crate::support::Browser {
    let digest = |index: u32| {
        countersign_jose::base64url::encode(&countersign_jose::digest::sha256(&index.to_be_bytes()))
    };
    let groups: Vec<_> = (0..260).map(digest).collect();
    world.provider.script().claims = object(json!({ "groups": groups }));
    let browser = world.logged_in();
    assert!(browser.names("session").len() >= 3);
    browser
}

#[test]
fn parts_that_are_missing_extra_or_swapped_are_no_session() {
    let world = World::new();
    let browser = in_parts(&world);
    let base = "__Host-countersign_session";
    let refused = |change: &dyn Fn(&mut crate::support::Browser)| {
        let mut browser = browser.clone();
        change(&mut browser);
        assert_eq!(browser.ask(Wish::fetch("/p")).status, 401);
    };
    for name in browser.names("session") {
        refused(&|browser| drop(browser.cookies.remove(&name)));
    }
    refused(&|browser| {
        let (one, two) = (
            browser.cookies[&format!("{base}.1")].clone(),
            browser.cookies[&format!("{base}.2")].clone(),
        );
        browser.cookies.insert(format!("{base}.1"), two);
        browser.cookies.insert(format!("{base}.2"), one);
    });
    for count in ["0", "1", "2", "9", "99999999", "-1", "8", "", "x", "\u{ff11}"] {
        refused(&|browser| {
            let value = browser.cookies[base].clone();
            browser.cookies.insert(base.to_owned(), format!("{count}{}", &value[1..]));
        });
    }
    // One more part than the session has changes nothing.
    let mut browser = browser.clone();
    browser.cookies.insert(format!("{base}.7"), "left over".to_owned());
    browser.cookies.insert(format!("{base}.99999999"), "left over".to_owned());
    assert_eq!(browser.ask(Wish::fetch("/p")).status, 200);
}

#[test]
fn parts_of_two_sessions_do_not_mix() {
    let world = World::new();
    let (one, two) = (in_parts(&world), in_parts(&world));
    for name in one.names("session") {
        let mut mixed = one.clone();
        mixed.cookies.insert(name.clone(), two.cookies[&name].clone());
        assert_eq!(mixed.ask(Wish::fetch("/p")).status, 401, "{name}");
    }
}

#[test]
fn garbage_in_the_cookie_header_harms_nothing() {
    let world = World::new();
    let good = world.logged_in();
    let name = good.names("session").remove(0);
    let pair = format!("{name}={}", good.cookies[&name]);
    let many = "a=b; ".repeat(5000);
    let own = (0..500).map(|n| format!("__Host-countersign_login_{n}=x; ")).collect::<String>();
    for line in [
        "",
        ";",
        "=",
        ";;;===;;;",
        "=a",
        "a",
        "a=",
        "\"",
        "a=\"",
        "a=b=c=d",
        " ; , ; ",
        &many,
        &own,
    ] {
        let ask = |text: String| {
            let mut browser = world.browser();
            let answer = browser.ask(Wish::fetch("/p").with("cookie", &text));
            let away = world.browser().ask(Wish::navigate("/auth/login").with("cookie", &text));
            assert!(away.goes_to_provider());
            answer.status
        };
        assert_eq!(ask(line.to_owned()), 401, "{line:.20}");
        if line != own {
            assert_eq!(ask(format!("{line}; {pair}; {line}")), 200, "{line:.20}");
        }
        assert_eq!(ask(format!("{pair}; {line}")), 200, "{line:.20}");
    }
    // Not UTF-8.
    let mut state = 7_u64;
    for _ in 0..2000 {
        let mut bytes = Vec::new();
        for _ in 0..64 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            bytes.push((state >> 33) as u8);
        }
        let Ok(value) = http::HeaderValue::from_bytes(&bytes) else { continue };
        let mut headers = http::HeaderMap::new();
        headers.insert(http::header::COOKIE, value);
        let (method, uri) = (http::Method::GET, http::Uri::from_static("/p"));
        let request = countersign_web::WebRequest::new(&method, &uri, &headers);
        let visit = crate::support::block_on(world.site.visit(&request));
        assert!(visit.session().is_none());
    }
}

#[test]
fn a_key_ring_that_can_be_guessed_is_refused() {
    let long = "0123456789abcdef0123456789abcdef";
    assert_eq!(KeyRing::parse("").unwrap_err(), KeyRingError::Empty);
    assert_eq!(KeyRing::parse("# only a comment\n\n").unwrap_err(), KeyRingError::Empty);
    assert_eq!(
        KeyRing::parse(&format!("{long}\n{}", &long[1..])).unwrap_err(),
        KeyRingError::TooShort { position: 2, bytes: 31 }
    );
    assert_eq!(
        KeyRing::parse(&format!("{long}\n{long}")).unwrap_err(),
        KeyRingError::Twice { position: 2 }
    );
    let ring = KeyRing::parse(&format!("# new\r\n{long}\r\n")).unwrap();
    assert_eq!(format!("{ring:?}"), "KeyRing(1 secrets)");
}
