use std::time::Duration;

use countersign::SessionPolicy;
use countersign_web::{PublicAddress, Reply};
use http::{Method, StatusCode};

use crate::support::{HTTPS, LOOPBACK, SECRET, Wish, World};

#[test]
fn only_a_person_is_sent_to_the_provider() {
    let world = World::new();
    let nobody = || world.browser();
    assert!(nobody().ask(Wish::navigate("/p")).goes_to_provider());
    assert!(nobody().ask(Wish::navigate("/p").method(Method::HEAD)).goes_to_provider());
    let old = Wish::bare("/p").with("accept", "text/html,*/*;q=0.8");
    assert!(nobody().ask(old.clone()).goes_to_provider(), "browsers without Sec-Fetch");
    let framed = Wish::navigate("/p").with("sec-fetch-dest", "iframe");
    assert!(nobody().ask(framed.clone()).goes_to_provider(), "a frame of our own");
    for wish in [
        Wish::fetch("/p"),
        Wish::bare("/p"),
        Wish::bare("/p").with("accept", "application/json"),
        Wish::bare("/p").with("accept", "*/*"),
        old.clone().with("x-requested-with", "XMLHttpRequest"),
        old.clone().with("purpose", "prefetch"),
        Wish::navigate("/p").with("sec-purpose", "prefetch;anonymous-client-ip"),
        Wish::navigate("/p").with("sec-fetch-dest", "image").with("sec-fetch-mode", "no-cors"),
        Wish::navigate("/p").with("sec-fetch-dest", "serviceworker"),
        Wish::navigate("/p").with("service-worker", "script"),
        Wish::navigate("/p").with("sec-fetch-dest", "embed"),
        Wish::fetch("/p").with("upgrade", "websocket").with("sec-fetch-mode", "websocket"),
        framed.with("sec-fetch-site", "cross-site"),
        Wish::fetch("/p").method(Method::DELETE),
        Wish::fetch("/p").method(Method::OPTIONS),
    ] {
        let answer = nobody().ask(wish.clone());
        assert_eq!(answer.status, 401, "{} {:?}", wish.method, wish.headers);
        assert!(answer.cookies().is_empty(), "{:?}", wish.headers);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!((answer.header("cache-control"), answer.header("vary")), ("no-store", "Cookie"));
        assert_eq!(answer.json()["error"], "session.required");
        assert!(
            answer.json()["login"].as_str().unwrap().starts_with("https://app.example/auth/login?")
        );
    }
}

#[test]
fn no_header_alone_opens_a_route() {
    let world = World::new();
    for (name, value) in [
        ("user-agent", "GoogleHC/1.0"),
        ("user-agent", "kube-probe/1.30"),
        ("x-forwarded-user", "alice"),
        ("x-forwarded-uri", "/auth/login"),
        ("x-original-url", "/auth/login"),
        ("x-forwarded-for", "127.0.0.1"),
        ("authorization", "Bearer abc"),
        ("x-http-method-override", "OPTIONS"),
        ("cookie", "__Host-countersign_session=1"),
    ] {
        let answer = world.browser().ask(Wish::fetch("/profile").with(name, value));
        assert_eq!(answer.status, 401, "{name}");
    }
}

#[test]
fn a_preflight_passes_only_where_the_site_says_so() {
    let preflight = Wish::fetch("/api")
        .method(Method::OPTIONS)
        .with("origin", "https://spa.example")
        .with("access-control-request-method", "GET");
    assert_eq!(World::new().browser().ask(preflight.clone()).status, 401);
    let world = World::with(|site| site.let_preflights_pass());
    let answer = world.browser().ask(preflight.clone());
    assert_eq!((answer.status, answer.text().as_str()), (200, "nobody"));
    let plain = preflight.without("access-control-request-method");
    assert_eq!(world.browser().ask(plain).status, 401, "OPTIONS alone is no preflight");
}

#[test]
fn a_posted_form_comes_back_to_the_page_it_was_on() {
    let world = World::new();
    for (referer, target) in [
        ("https://app.example/form?a=1", "/form?a=1"),
        ("https://evil.example/form", "/"),
        ("https://app.example.evil.example/", "/"),
        ("nonsense", "/"),
    ] {
        let mut browser = world.browser();
        let away = browser.ask(Wish::post("/save", &[]).with("referer", referer));
        assert!(away.goes_to_provider());
        assert_eq!(browser.callback(&away).location(), target, "{referer}");
    }
    let mut browser = world.browser();
    let login = browser.ask(Wish::fetch("/api").with("referer", "https://app.example/page")).json();
    assert_eq!(login["login"], "https://app.example/auth/login?return_to=%2Fpage");
}

#[test]
fn a_login_that_goes_in_circles_is_stopped_and_explained() {
    let world = World::new();
    let mut browser = world.browser();
    let mut rounds = 0;
    let page = loop {
        let away = browser.go("/profile");
        if away.status != 303 {
            break away;
        }
        rounds += 1;
        assert!(rounds < 10, "never stopped");
        browser.callback(&away);
        browser.drop_cookies("session");
    };
    assert_eq!(rounds, 3);
    assert_eq!(page.status, 400);
    assert!(page.text().contains("login.loop"));
    assert!(page.text().contains("did not come back"), "the cause: {}", page.text());
    assert!(page.cookies().is_empty());

    world.seconds(61);
    assert!(browser.go("/profile").goes_to_provider(), "another try after a while");
}

#[test]
fn a_loop_names_a_cookie_that_does_not_open_and_a_clock() {
    let world = World::new();
    let stop = |rounds: &mut dyn FnMut(&mut crate::support::Browser)| {
        let mut browser = world.browser();
        for _ in 0..3 {
            let away = browser.go("/profile");
            browser.callback(&away);
            rounds(&mut browser);
        }
        browser.go("/profile").text()
    };
    let unreadable = stop(&mut |browser| {
        let name = browser.names("session").remove(0);
        browser.cookies.insert(name, "1garbage".to_owned());
    });
    assert!(unreadable.contains("could not be read"), "{unreadable}");

    let world =
        World::with(|site| site.policy(SessionPolicy::new().lifetime(Duration::from_secs(1))));
    let mut browser = world.browser();
    for _ in 0..3 {
        let away = browser.go("/profile");
        browser.callback(&away);
        world.seconds(2);
    }
    let over = browser.go("/profile").text();
    assert!(over.contains("login.loop") && over.contains("clocks"), "{over}");
}

#[test]
fn logging_out_and_in_again_is_no_loop() {
    let world = World::new();
    let mut browser = world.browser();
    for _ in 0..6 {
        assert_eq!(browser.log_in("/profile").status, 200);
        browser.go("/auth/logout");
    }
}

#[test]
fn a_forged_host_changes_nothing() {
    let world = World::new();
    for host in
        ["evil.example", "app.example.evil.example", "app.example@evil.example", "", "a b", "[::"]
    {
        let mut browser = world.browser();
        let answer = browser.ask(Wish::navigate("/profile").with("host", host));
        assert_eq!(
            answer.location(),
            "https://app.example/auth/login?return_to=%2Fprofile&here=1",
            "{host}"
        );
        let json = browser.ask(Wish::fetch("/profile").with("host", host)).json();
        assert_eq!(json["login"], "https://app.example/auth/login?return_to=%2Fprofile", "{host}");
    }
    for host in ["APP.example", "app.example:443"] {
        assert!(
            world.browser().ask(Wish::navigate("/p").with("host", host)).goes_to_provider(),
            "{host}"
        );
    }
}

#[test]
fn forwarded_headers_of_a_stranger_change_nothing() {
    let address = PublicAddress::new(HTTPS)
        .unwrap()
        .also("https://second.example")
        .unwrap()
        .trust_proxies(["10.0.0.0/8"])
        .unwrap();
    let world = World::of(address, SECRET, |site| site);
    let forged = |wish: Wish| {
        wish.with("x-forwarded-host", "second.example")
            .with("x-forwarded-proto", "https")
            .with("forwarded", "host=second.example;proto=https")
    };
    let login = |wish: Wish| world.browser().ask(wish).json()["login"].as_str().unwrap().to_owned();
    let first = "https://app.example/auth/login?return_to=%2Fp";
    let second = "https://second.example/auth/login?return_to=%2Fp";
    assert_eq!(login(forged(Wish::fetch("/p"))), first);
    assert_eq!(login(forged(Wish::fetch("/p")).peer("192.0.2.7")), first);
    assert_eq!(login(forged(Wish::fetch("/p")).peer("10.1.2.3")), second);
    assert_eq!(login(forged(Wish::fetch("/p")).peer("::ffff:10.1.2.3")), second);
    // Even a trusted proxy chooses among our addresses only.
    let evil = Wish::fetch("/p").with("x-forwarded-host", "evil.example").peer("10.1.2.3");
    assert_eq!(login(evil), first);
    let wrong_scheme = Wish::fetch("/p")
        .with("x-forwarded-host", "second.example")
        .with("x-forwarded-proto", "http");
    assert_eq!(login(wrong_scheme.peer("10.1.2.3")), first);
}

#[test]
fn each_address_gets_its_own_answer() {
    let address = PublicAddress::new(HTTPS).unwrap().also("https://second.example").unwrap();
    let world = World::of(address, SECRET, |site| site);
    let mut browser = world.browser();
    let away = browser.ask(Wish::navigate("/p").with("host", "second.example"));
    assert!(
        away.location().contains("redirect_uri=https%3A%2F%2Fsecond.example%2Fauth%2Fcallback"),
        "{}",
        away.location()
    );
    let callback = crate::support::browser::query(&world.provider.yes(&away.location()));
    let back = browser.ask(Wish::navigate(&callback).with("host", "second.example"));
    assert_eq!(back.location(), "/p");
    let there = browser.ask(Wish::navigate("/auth/logout").with("host", "second.example"));
    assert!(
        there.location().contains("second.example%2Fauth%2Flogged-out"),
        "{}",
        there.location()
    );
}

#[test]
fn an_application_below_a_path_keeps_it() {
    let world = World::at("https://app.example/notes", |site| site);
    // A proxy that takes the path away, and one that leaves it.
    for asked in ["/page?a=1", "/notes/page?a=1"] {
        let mut browser = world.browser();
        let away = browser.go(asked);
        assert!(
            away.location().contains("app.example%2Fnotes%2Fauth%2Fcallback"),
            "{}",
            away.location()
        );
        assert_eq!(browser.callback(&away).location(), "/notes/page?a=1");
    }
    let mut browser = world.browser();
    assert!(browser.go("/notes/auth/login").goes_to_provider());
    assert!(browser.go("/auth/login").goes_to_provider());
}

#[test]
fn the_applications_own_error_page_is_shown() {
    let world = World::with(|site| {
        site.error_view(|view| {
            if view.code() == "login.malformed" {
                return None;
            }
            let text = format!(
                "{} / {} / {} / {}",
                view.error(),
                view.error_description(),
                view.code(),
                view.try_again()
            );
            Some(Reply::html(StatusCode::IM_A_TEAPOT, text))
        })
    });
    let mut browser = world.browser();
    let away = browser.go("/deep");
    let no = world.provider.no(&away.location(), "access_denied", "No thanks");
    let page = browser.go(&crate::support::browser::query(&no));
    assert_eq!(page.status, 418);
    assert_eq!(
        page.text(),
        "access_denied / No thanks / login.refused / https://app.example/auth/login?return_to=%2Fdeep"
    );
    let ours = browser.go("/auth/callback?code=a&code=b");
    assert!(ours.text().contains("login.malformed") && ours.status == 400);
}

#[test]
fn pages_carry_the_headers_that_keep_them_harmless() {
    let world = World::at(LOOPBACK, |site| site);
    let page = world.browser().go("/auth/callback?code=a&code=b");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(
        policy.contains("frame-ancestors 'none'") && !policy.contains("script-src"),
        "{policy}"
    );
    assert!(page.text().contains("<html lang=\"en\">") && page.text().contains("<h1>"));
}
