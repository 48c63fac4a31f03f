//! Return targets that lead elsewhere, from the request to the `Location` after the whole login.

use futures_util::future::join_all;
use url::Url;

use crate::harness::{App, Browser, HTTPS, Settings, Step, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_return_target_of_a_login_leads_elsewhere() {
    let (_world, app) = stage().await;
    each(&app, async |browser: &mut Browser, target: &str| {
        log_in(browser, &[("return_to", target)]).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_target_of_a_third_party_leads_elsewhere() {
    let (world, app) = stage().await;
    let issuer = world.provider.issuer().to_owned();
    each(&app, async |browser: &mut Browser, target: &str| {
        log_in(browser, &[("iss", &issuer), ("target_link_uri", target)]).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_return_target_of_a_logout_leads_elsewhere() {
    let (_world, app) = stage().await;
    each(&app, async |browser: &mut Browser, target: &str| {
        let step = Step::get(address(browser, "/auth/logout", &[("return_to", target)]));
        let back = |step: &Step| step.url.path() == "/auth/logged-out";
        let step = browser.walk_until(step, back).await.unwrap();
        let answer = browser.take(step).await;
        match answer.status.as_u16() {
            200 => Vec::new(),
            _ => vec![location(&answer)],
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_of_our_own_is_reached() {
    let (world, app) = stage().await;
    let mut browser = app.browser();
    let own = "/notes/1?a=b&c=%2F%2Fd#e";
    let locations = log_in(&mut browser, &[("return_to", own)]).await;
    assert_eq!(locations.last().unwrap(), own);
    let linked = format!("{HTTPS}/notes/2?x=y");
    let parameters = [("iss", world.provider.issuer()), ("target_link_uri", &linked)];
    let locations = log_in(&mut browser, &parameters).await;
    assert_eq!(locations.last().unwrap(), "/notes/2?x=y");
    let step = Step::get(address(&browser, "/auth/logout", &[("return_to", "/notes/3")]));
    let back = |step: &Step| step.url.path() == "/auth/logged-out";
    let step = browser.walk_until(step, back).await.unwrap();
    assert_eq!(location(&browser.take(step).await), "/notes/3");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_a_third_party_starts_with_another_provider_is_refused() {
    let (_world, app) = stage().await;
    let mut browser = app.browser();
    let answer = browser.go("/auth/login?iss=https%3A%2F%2Fevil.example").await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.code().as_deref(), Some("login.third_party_issuer"));
}

async fn stage() -> (World, App) {
    let world = World::small().await;
    let app = world.app_with(Settings::default().party(|party| party.user_info(false))).await;
    (world, app)
}

/// A whole login: the addresses to which the application sent the browser, the last one last.
async fn log_in(browser: &mut Browser, parameters: &[(&str, &str)]) -> Vec<String> {
    let step = Step::get(address(browser, "/auth/login", parameters));
    let step = browser.until_callback_from(step).await;
    let answer = browser.take(step).await;
    assert_eq!(answer.status, 303, "{:?}", answer.code());
    vec![location(&answer)]
}

/// Runs every vector, several at once, and names those that led away.
async fn each(app: &App, run: impl AsyncFn(&mut Browser, &str) -> Vec<String>) {
    let vectors = vectors();
    assert!(vectors.len() > 500, "{} vectors", vectors.len());
    let first = app.logged_in().await;
    let runs = vectors.chunks(vectors.len().div_ceil(AT_ONCE)).map(async |some| {
        let mut browser = first.clone();
        let mut wrong = Vec::new();
        for target in some {
            for location in run(&mut browser, target).await {
                if !is_ours(&location) {
                    wrong.push(format!("{target:?} led to {location:?}"));
                }
            }
            browser.answers.clear();
        }
        wrong
    });
    let wrong = join_all(runs).await.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// As a browser reads it, and as one does that takes more for a slash than it should.
fn is_ours(location: &str) -> bool {
    let base = Url::parse(HTTPS).unwrap();
    let lenient = location.replace('\\', "/");
    let decoded = lenient.replace("%2f", "/").replace("%2F", "/").replace("%5c", "/");
    [location, &lenient, &decoded].iter().all(|location| {
        base.join(location).is_ok_and(|reached| reached.origin() == base.origin())
            && location.bytes().all(|byte| byte.is_ascii_graphic())
    })
}

fn location(answer: &crate::harness::Answer) -> String {
    answer.headers["location"].to_str().unwrap().to_owned()
}

fn address(browser: &Browser, path: &str, parameters: &[(&str, &str)]) -> Url {
    let mut url = browser.at(path);
    url.query_pairs_mut().extend_pairs(parameters);
    url
}

fn vectors() -> Vec<String> {
    let lines = include_str!("../vectors/open_redirects.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

const AT_ONCE: usize = 8;
