//! Requests that no browser would send: whatever comes is answered, and nothing breaks.

use http::Method;

use crate::harness::{Problems, Step, World, log};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_on_every_route_is_answered_by_a_refusal() {
    let world = World::small().await;
    let app = world.app().await;
    let start = log::length();
    let mut problems = Problems::of("garbage");
    let mut browser = app.browser();
    for path in PATHS {
        for method in
            [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS]
        {
            for query in garbage() {
                let mut url = browser.at(path);
                url.set_query(Some(&query));
                let step = Step { method: method.clone(), ..Step::get(url) };
                let answer = browser.take(step).await;
                let shown: String = query.chars().take(40).collect();
                problems.expect(
                    answer.status.as_u16() < 500,
                    format!("{} with {shown:?}: {:?}", answer.name(), answer.code()),
                );
                // Cookies of logins that were begun on the way don't matter here.
                browser.jar.0.clear();
                browser.answers.clear();
            }
        }
    }
    problems.aftermath(&world, &app, browser, start).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_in_a_form_is_answered_by_a_refusal() {
    let world = World::small().await;
    let app = world.app().await;
    let start = log::length();
    let mut problems = Problems::of("garbage in a form");
    let mut browser = app.browser();
    for path in PATHS {
        for value in garbage() {
            for name in ["code", "state", "error", "iss", "return_to", "logout_token", &value] {
                let fields = vec![(name.to_owned(), value.clone())];
                let from = browser.at("/profile");
                let answer = browser.take(Step::post(browser.at(path), fields, from)).await;
                problems.expect(
                    answer.status.as_u16() < 500,
                    format!("{} with {name}: {:?}", answer.name(), answer.code()),
                );
                browser.jar.0.clear();
                browser.answers.clear();
            }
        }
    }
    problems.aftermath(&world, &app, browser, start).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn options_of_a_login_that_make_no_sense_are_refused() {
    let world = World::small().await;
    let app = world.app().await;
    for query in [
        "max_age=soon",
        "max_age=-1",
        "max_age=1&max_age=2",
        "prompt=none+login",
        "prompt=login&prompt=none",
        "login_hint=a&login_hint=b",
    ] {
        let start = log::length();
        let mut browser = app.browser();
        let answer = browser.go(&format!("/auth/login?{query}")).await;
        let mut problems = Problems::of(query);
        problems.refusal(&answer, 400, "login.option");
        problems.aftermath(&world, &app, browser, start).await;
        problems.done();
    }
}

fn garbage() -> Vec<String> {
    let long = "x".repeat(5_000);
    let texts = [
        "",
        "&&&===",
        "%",
        "%zz=%&%0",
        "%00=%00",
        "%ff%fe=%c0%af",
        "code=%0d%0aSet-Cookie:%20a=b&state=%0d%0aLocation:%20https://evil.example",
        "state=../../etc/passwd&code=%2e%2e",
        "state[]=1&code[]=2",
        "code=1&state=.255",
        "code=1&state=.99999999999999999999",
        "error=%3Cscript%3E&state=x&error_description=%E2%80%AE",
        "return_to=%00&here=1&here=1",
        "iss=&target_link_uri=%FF",
        "response=eyJhbGciOiJub25lIn0.e30.&state=x",
    ];
    let mut garbage: Vec<String> = texts.map(str::to_owned).to_vec();
    garbage.push(format!("code={long}&state={long}"));
    garbage.push(format!("return_to=/{long}&prompt={long}"));
    garbage.push("a=b&".repeat(1_000));
    garbage
}

const PATHS: [&str; 7] =
    ["/auth/login", "/auth/callback", "/auth/logout", "/auth/logged-out", "/profile", "/me", "/"];
