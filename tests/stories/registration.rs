//! A client that registers itself, and whose secret ends.

use std::time::Duration;

use countersign_dev_provider::Endpoint::Register;
use countersign_jose::Algorithm;

use crate::harness::{Settings, World, log};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_ends_is_renewed_and_takes_no_login_along() {
    let world = expiring(3600).await;
    world.clock.stop();
    let app = world.app_with(Settings::default().registers()).await;
    let start = log::length();
    let registered = || world.provider.requests().count(Register);
    let mut first = app.logged_in().await;
    assert_eq!(registered(), 1);
    // A login under way when the registration is renewed comes to its end.
    world.wait(3530);
    let mut slow = app.browser();
    let step = slow.until_callback("/profile").await;
    assert_eq!(registered(), 1);
    world.wait(20);
    let second = app.logged_in().await;
    assert_eq!(registered(), 2, "renewed a minute before the end");
    let end = slow.walk_from(step).await;
    assert_eq!(end.status, 200, "{:?}", end.code());
    assert!(slow.who().await.is_some());
    // What the client before was given ends with its secret: the person signs in again.
    world.wait(100);
    assert_eq!(first.who().await, None);
    let page = first.go("/profile").await;
    assert_eq!(page.status, 303, "{:?}", page.code());
    assert_eq!(first.walk("/profile").await.status, 200);
    assert_eq!(registered(), 2);
    let answers = [first.answers, second.answers, slow.answers].concat();
    let leaks = world.secrets.leaks(&answers, &log::since(start));
    assert!(leaks.is_empty(), "{leaks:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_is_registered_does_not_register_again() {
    let world = World::small().await;
    let app = world.app_with(Settings::default().registers()).await;
    drop(app.logged_in().await);
    world.misbehave_as(&["register.status_503"]);
    drop(app.logged_in().await);
    assert_eq!(world.provider.requests().count(Register), 1, "one registration is enough");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_first_visitors_register_once() {
    let world = World::small().await;
    let app = world.app_with(Settings::default().registers()).await;
    let visits = (0..20).map(async |_| app.browser().go("/profile").await.status);
    let visits = futures_util::future::join_all(visits).await;
    assert!(visits.iter().all(|status| *status == 303), "{visits:?}");
    assert_eq!(world.provider.requests().count(Register), 1);
}

async fn expiring(seconds: u64) -> World {
    World::with(|provider| {
        provider
            .signing_algorithms([Algorithm::Es256])
            .registered_secret_lifetime(Duration::from_secs(seconds))
    })
    .await
}
