//! What a request says about its own host changes no address and no cookie.

use http::header;

use crate::harness::{Answer, Browser, HTTPS, Problems, Step, World, log};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forged_hosts_change_no_address_and_no_cookie() {
    let world = World::small().await;
    let app = world.app().await;
    let mut all = Vec::new();
    for (name, value) in FORGED {
        let mut problems = Problems::of(&format!("{name}: {value}"));
        let start = log::length();
        for path in ["/profile", "/auth/login?return_to=/profile", "/auth/logout", "/auth/callback"]
        {
            let mut browser = app.browser();
            let answer = browser.take(Step::get(browser.at(path)).with(name, value)).await;
            stays(&mut problems, &answer);
            problems
                .expect(answer.status == 303, format!("{}: {:?}", answer.name(), answer.code()));
            let redirect_uri = answer.location().and_then(|to| {
                let mut pairs = to.query_pairs().into_owned();
                pairs.find(|(name, _)| name == "redirect_uri").map(|(_, value)| value)
            });
            let own = redirect_uri.is_none_or(|uri| uri == format!("{HTTPS}/auth/callback"));
            problems.expect(own, "the redirect URI has changed");
        }
        // Within a login: at the callback and on the page after it.
        let mut browser = app.browser();
        let step = browser.until_callback("/notes/1").await;
        let answer = browser.take(step.with(name, value)).await;
        stays(&mut problems, &answer);
        let mut browser = app.browser();
        let json = browser.take(Step::fetch(browser.at("/profile")).with(name, value)).await;
        stays(&mut problems, &json);
        let page = browser.take(failing(&browser).with(name, value)).await;
        stays(&mut problems, &page);
        let mut signed_in = app.logged_in().await;
        let logout =
            signed_in.take(Step::get(signed_in.at("/auth/logout")).with(name, value)).await;
        stays(&mut problems, &logout);
        problems.aftermath(&world, &app, browser, start).await;
        all.push(problems);
    }
    Problems::none(all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forwarding_headers_of_a_trusted_proxy_choose_among_the_addresses_given_only() {
    let world = World::small().await;
    let app = world.app_with(crate::harness::Settings::default().trusts_everybody()).await;
    let mut problems = Problems::of("a trusted proxy that passes forged headers on");
    let start = log::length();
    for (name, value) in FORGED {
        let mut browser = app.browser();
        for path in ["/profile", "/auth/login?return_to=/profile", "/auth/logout"] {
            let answer = browser.take(Step::get(browser.at(path)).with(name, value)).await;
            stays(&mut problems, &answer);
        }
    }
    problems.aftermath(&world, &app, app.browser(), start).await;
    problems.done();
}

/// A callback that ends on a page.
fn failing(browser: &Browser) -> Step {
    Step::get(browser.at("/auth/callback?code=x&error=y&state=z"))
}

/// Neither the Location nor the body nor a cookie names another place.
fn stays(problems: &mut Problems, answer: &Answer) {
    let name = answer.name();
    for evil in ["evil.example", "http://app.example"] {
        problems.expect(!answer.body.contains(evil), format!("{evil} in the body of {name}"));
        for (header, value) in &answer.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            problems.expect(!value.contains(evil), format!("{evil} in {header} of {name}"));
        }
    }
    for line in answer.headers.get_all(header::SET_COOKIE) {
        let line = line.to_str().unwrap();
        let own = line.starts_with("__Host-") && line.contains("; Secure");
        let bound = own && line.contains("Path=/;") && !line.to_lowercase().contains("domain");
        problems.expect(bound, format!("{name} sets {}", line.split('=').next().unwrap()));
    }
}

const FORGED: [(&str, &str); 18] = [
    ("host", "evil.example"),
    ("host", "evil.example:443"),
    ("host", "app.example.evil.example"),
    ("host", "app.example@evil.example"),
    ("host", "app.example:80@evil.example"),
    ("host", "evil.example#app.example"),
    ("host", ""),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-host", "app.example, evil.example"),
    ("x-forwarded-proto", "http"),
    ("x-forwarded-proto", "javascript"),
    ("x-forwarded-port", "1"),
    ("x-forwarded-prefix", "//evil.example"),
    ("forwarded", "for=1.2.3.4;host=evil.example;proto=http"),
    ("forwarded", "host=\"evil.example\""),
    ("referer", "https://evil.example/page"),
    ("referer", "https://app.example@evil.example/page"),
    ("x-original-url", "https://evil.example/"),
];
