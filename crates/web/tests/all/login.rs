use countersign::{LoginOptions, ReturnTo};
use http::Method;

use crate::support::{LOOPBACK, Wish, World};

#[test]
fn a_login_comes_back_to_where_it_was_going() {
    let world = World::new();
    let mut browser = world.browser();
    let away = browser.go("/notes?page=2&sort=a%2Fb");
    assert!(away.goes_to_provider());
    assert_eq!(away.header("cache-control"), "no-store");
    assert_eq!(away.header("vary"), "Cookie");
    let back = browser.callback(&away);
    assert_eq!((back.status, back.location().as_str()), (303, "/notes?page=2&sort=a%2Fb"));
    let page = browser.go(&back.location());
    assert_eq!((page.status, page.text().as_str()), (200, "alice"));
}

#[test]
fn a_login_always_has_state_nonce_and_pkce() {
    let world = World::new();
    let url = world.browser().go("/profile").location();
    for parameter in ["state=", "nonce=", "code_challenge=", "code_challenge_method=S256"] {
        assert!(url.contains(parameter), "{parameter} in {url}");
    }
}

#[test]
fn the_login_address_passes_on_what_it_is_asked_for() {
    let world = World::new();
    let url = world
        .browser()
        .go("/auth/login?return_to=/a&prompt=login&max_age=60&login_hint=alice%40x&acr_values=gold&ui_locales=de")
        .location();
    for parameter in
        ["prompt=login", "max_age=60", "login_hint=alice%40x", "acr_values=gold", "ui_locales=de"]
    {
        assert!(url.contains(parameter), "{parameter} in {url}");
    }
}

#[test]
fn a_parameter_that_cannot_be_read_is_the_persons_error() {
    let world = World::new();
    for query in ["max_age=soon", "max_age=-1", "prompt=none+login", "prompt=login&prompt=none"] {
        let answer = world.browser().go(&format!("/auth/login?{query}"));
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.text().contains("login.option"), "{query}");
        assert!(answer.cookies().is_empty(), "{query}");
    }
}

#[test]
fn options_of_the_site_are_in_every_login() {
    let world = World::with(|site| {
        site.login(LoginOptions::new().extra("audience", "notes"))
            .after_login(ReturnTo::parse("/welcome").unwrap())
    });
    let mut browser = world.browser();
    assert!(browser.go("/profile").location().contains("audience=notes"));
    let away = browser.go("/auth/login");
    assert!(away.location().contains("audience=notes"));
    assert_eq!(browser.callback(&away).location(), "/welcome");
}

#[test]
fn a_third_party_starts_a_login_with_our_issuer_only() {
    let world = World::new();
    let mut browser = world.browser();
    let good = "/auth/login?iss=https%3A%2F%2Fop.example&login_hint=bob&target_link_uri=https%3A%2F%2Fapp.example%2Fdeep%3Fa%3D1";
    let away = browser.ask(Wish::navigate(good).with("sec-fetch-site", "cross-site"));
    assert!(away.location().contains("login_hint=bob"));
    assert_eq!(browser.callback(&away).location(), "/deep?a=1");

    let bad = browser.go("/auth/login?iss=https%3A%2F%2Fevil.example");
    assert_eq!(bad.status, 400);
    assert!(bad.text().contains("login.third_party_issuer"));
    assert!(bad.cookies().is_empty());
}

#[test]
fn a_third_partys_target_elsewhere_is_never_followed() {
    let world = World::new();
    for target in [
        "https://evil.example/",
        "https://app.example.evil.example/",
        "https://app.example@evil.example/",
        "http://app.example/",
        "https://app.example:444/",
        "https://user@app.example/x",
        "//evil.example",
        "javascript:alert(1)",
    ] {
        let mut browser = world.browser();
        let target: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
        let away = browser.go(&format!("/auth/login?target_link_uri={target}"));
        assert_eq!(browser.callback(&away).location(), "/", "{target}");
    }
}

#[test]
fn no_login_is_started_for_what_nobody_looks_at() {
    let world = World::new();
    let prefetch = |name, value| Wish::navigate("/auth/login").with(name, value);
    let wishes = [
        Wish::fetch("/auth/login"),
        prefetch("sec-purpose", "prefetch;prerender"),
        prefetch("purpose", "prefetch"),
        prefetch("x-moz", "prefetch"),
        prefetch("sec-fetch-dest", "image"),
        prefetch("x-requested-with", "XMLHttpRequest"),
        prefetch("service-worker", "script"),
        prefetch("sec-fetch-dest", "iframe").with("sec-fetch-site", "cross-site"),
    ];
    for wish in wishes {
        let answer = world.browser().ask(wish.clone());
        assert_eq!(answer.status, 401, "{:?}", wish.headers);
        assert!(answer.cookies().is_empty(), "no pending cookie: {:?}", wish.headers);
        assert_eq!(answer.json()["login"], "https://app.example/auth/login?return_to=%2F");
    }
}

#[test]
fn many_login_starts_keep_the_cookies_bounded() {
    let world = World::new();
    let mut browser = world.browser();
    let long = format!("/auth/login?return_to=/{}", "a".repeat(1900));
    for round in 0..60 {
        let path = if round % 2 == 0 { "/auth/login" } else { &long };
        browser.go(path);
        world.seconds(1);
        let names = browser.names("login_");
        let bytes: usize = names.iter().map(|name| name.len() + browser.cookies[name].len()).sum();
        assert!(names.len() <= 6, "{} logins", names.len());
        assert!(bytes <= 8 * 1024, "{bytes} bytes");
    }
    assert!(browser.log_in("/profile").status == 200, "the newest one is never evicted");
}

#[test]
fn a_method_that_starts_nothing_is_refused() {
    let world = World::new();
    let answer = world.browser().ask(Wish::navigate("/auth/login").method(Method::DELETE));
    assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, POST"));
}

#[test]
fn another_name_of_this_machine_leads_to_the_public_address_first() {
    let world = World::at(LOOPBACK, |site| site);
    let mut browser = world.browser();
    let at_localhost = |path: &str| Wish::navigate(path).with("host", "localhost:3000");
    let first = browser.ask(at_localhost("/profile"));
    assert!(first.cookies().is_empty());
    assert_eq!(first.location(), "http://127.0.0.1:3000/auth/login?return_to=%2Fprofile&here=1");
    let end = {
        let away = browser.go(&first.location());
        assert!(away.goes_to_provider());
        browser.come_back(&away)
    };
    assert_eq!(end.status, 200);

    let direct = browser.ask(at_localhost("/auth/login?return_to=/a&prompt=login"));
    assert_eq!(
        direct.location(),
        "http://127.0.0.1:3000/auth/login?return_to=%2Fa&prompt=login&here=1"
    );
    // A proxy that changes the host makes the second request look like the first.
    assert!(browser.ask(at_localhost("/auth/login?return_to=/a&here=1")).goes_to_provider());
}

#[test]
fn a_provider_that_is_down_is_told_with_a_way_back() {
    let world = World::new();
    world.provider.script().down = true;
    let mut browser = world.browser();
    let page = browser.go("/profile?a=1");
    assert_eq!(page.status, 503);
    assert!(!page.header("retry-after").is_empty());
    assert!(page.text().contains("network."), "{}", page.text());
    assert!(page.text().contains("return_to=%2Fprofile%3Fa%3D1"), "{}", page.text());
    assert!(page.cookies().is_empty());
    world.provider.script().down = false;
    world.seconds(60);
    assert_eq!(browser.log_in("/profile").status, 200, "recovers without a restart");
}
