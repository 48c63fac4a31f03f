//! Providers that never answer: the one place where the real limit of ten seconds is waited for.

use std::time::{Duration, Instant};

use countersign_dev_provider::Endpoint::{self, Discovery, Jwks, Register, Token, UserInfo};
use countersign_dev_provider::{Mischief, Transfer};

use crate::harness::{Problems, Settings, World, log};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_ends_after_ten_seconds_and_others_are_served_meanwhile() {
    let silent = [Discovery, Jwks, Register, Token, UserInfo].map(wait_for);
    Problems::none(futures_util::future::join_all(silent).await);
}

async fn wait_for(endpoint: Endpoint) -> Problems {
    let world = World::small().await;
    let settings = Settings::default();
    let settings = if endpoint == Register { settings.registers() } else { settings };
    let mut problems = Problems::of(&format!("{endpoint:?} is silent"));
    // Registered first where that is possible, so that somebody can be served meanwhile.
    let app = world.app_with(settings).await;
    let start = log::length();
    let mut somebody = match endpoint {
        Token | UserInfo => app.logged_in().await,
        _ => app.browser(),
    };
    let before = somebody.who().await;
    world.misbehave([Mischief::transfer(endpoint, Transfer::Silence)]);
    let mut browser = app.browser();
    let began = Instant::now();
    let waiting = async { (browser.walk("/profile").await, began.elapsed()) };
    let meanwhile = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let asked = Instant::now();
        let page = somebody.go("/").await;
        let after = somebody.who().await;
        (page.status.as_u16(), after, asked.elapsed())
    };
    let ((end, waited), (status, after, served)) = tokio::join!(waiting, meanwhile);
    problems.refusal(&end, 503, "network.timeout");
    problems.expect(end.headers.contains_key("retry-after"), "no Retry-After");
    let ten = Duration::from_millis(9_500)..Duration::from_secs(40);
    problems.expect(ten.contains(&waited), format!("it took {waited:?}"));
    problems.expect(status == 200 && after == before, format!("{status}, {after:?} meanwhile"));
    problems.expect(served < Duration::from_secs(7), format!("served after {served:?}"));
    problems.aftermath(&world, &app, browser, start).await;
    problems
}
