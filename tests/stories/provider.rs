//! Providers that answer wrongly, elsewhere, too much, too little or not at all.

use std::collections::BTreeMap;
use std::time::Duration;

use countersign_dev_provider::Endpoint::{self, Discovery, Jwks, Register, Token, UserInfo};
use countersign_dev_provider::{Mischief, Part};
use countersign_jose::Algorithm;
use serde_json::json;

use crate::harness::{Problems, Settings, Story, Trap, World, log};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_answer_of_any_endpoint_opens_no_session() {
    let world = World::small().await;
    let mut all = Vec::new();
    for (endpoint, name) in ENDPOINTS {
        for (fault, status, code) in FAULTS {
            let (status, code) = especially(endpoint, fault).unwrap_or((*status, code));
            let case = format!("{name}.{fault}");
            let mut problems = Problems::of(&case);
            let app = world.app_with(settings(endpoint)).await;
            let start = log::length();
            let mut browser = app.browser();
            world.misbehave_as(&[&case]);
            let end = browser.walk("/profile").await;
            problems.refusal(&end, status, code);
            if status == 503 {
                let again = end.headers.contains_key("retry-after");
                problems.expect(again, "no Retry-After");
            }
            problems.aftermath(&world, &app, browser, start).await;
            all.push(problems);
        }
    }
    Problems::none(all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_is_never_followed() {
    let world = World::small().await;
    let trap = Trap::start().await;
    let mut all = Vec::new();
    for (endpoint, name) in ENDPOINTS {
        for status in [301, 302, 303, 307, 308] {
            let mut problems = Problems::of(&format!("{name} answers {status}"));
            let app = world.app_with(settings(endpoint)).await;
            let start = log::length();
            let mut browser = app.browser();
            let location = format!("{}/{name}", trap.address);
            world.misbehave([Mischief::Answer {
                endpoint,
                status: Some(status),
                headers: BTreeMap::from([("location".to_owned(), location)]),
                body: None,
            }]);
            let end = browser.walk("/profile").await;
            problems.refusal(&end, 502, "provider.redirect");
            problems.aftermath(&world, &app, browser, start).await;
            all.push(problems);
        }
    }
    Problems::none(all);
    assert!(trap.caught().is_empty(), "{:?}", trap.caught());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_metadata_opens_no_session() {
    let world = World::small().await;
    let member = |promise, name: &str, value| {
        Story::new(promise, 502, "discovery.member").step(Mischief::set(
            Part::Metadata,
            name,
            value,
        ))
    };
    let mut all = Vec::new();
    for story in [
        Story::new("metadata_of_another_issuer_is_refused", 500, "discovery.issuer")
            .case("metadata.wrong_issuer"),
        Story::new("a_slash_more_is_another_issuer", 500, "discovery.issuer").step(Mischief::set(
            Part::Metadata,
            "issuer",
            json!(format!("{}/", world.provider.issuer())),
        )),
        Story::new("metadata_without_issuer_is_refused", 502, "discovery.member")
            .case("metadata.no_issuer"),
        Story::new("metadata_without_token_endpoint_is_refused", 502, "discovery.member")
            .case("metadata.no_token_endpoint"),
        Story::new("metadata_without_authorization_endpoint_is_refused", 502, "discovery.member")
            .case("metadata.no_authorization_endpoint"),
        Story::new("metadata_without_keys_is_refused", 500, "setup.jwks_uri")
            .case("metadata.no_jwks_uri")
            .patience(A_MOMENT),
        Story::new("metadata_without_any_algorithm_is_refused", 500, "setup.id_token_alg")
            .case("metadata.alg_none_only")
            .patience(A_MOMENT),
        member(
            "plain_http_to_the_token_endpoint_is_refused",
            "token_endpoint",
            json!("http://evil.example/token"),
        ),
        member("plain_http_to_the_keys_is_refused", "jwks_uri", json!("http://evil.example/jwks")),
        member("a_file_is_no_endpoint", "jwks_uri", json!("file:///etc/passwd")),
        member("a_script_is_no_endpoint", "authorization_endpoint", json!("javascript:alert(1)")),
        member(
            "a_user_name_in_an_endpoint_is_refused",
            "token_endpoint",
            json!("https://a:b@op.example/token"),
        ),
        member(
            "a_fragment_in_an_endpoint_is_refused",
            "token_endpoint",
            json!("https://op.example/token#x"),
        ),
        member("a_number_is_no_endpoint", "token_endpoint", json!(5)),
        member("a_text_is_no_list", "id_token_signing_alg_values_supported", json!("RS256")),
        member(
            "a_text_is_no_flag",
            "authorization_response_iss_parameter_supported",
            json!("true"),
        ),
    ] {
        all.push(story.tell(&world).await);
    }
    Problems::none(all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_token_answers_open_no_session() {
    let world = World::small().await;
    let member = |promise| Story::new(promise, 502, "token.member");
    let set = |name: &str, value| Mischief::set(Part::TokenAnswer, name, value);
    let mut all = Vec::new();
    for story in [
        member("an_answer_without_id_token_is_refused").case("token.no_id_token"),
        member("an_answer_without_access_token_is_refused").case("token.no_access_token"),
        member("an_answer_without_token_type_is_refused").case("token.no_token_type"),
        member("a_strange_token_type_is_refused").case("token.strange_token_type"),
        member("an_empty_access_token_is_refused").step(set("access_token", json!(""))),
        member("a_number_is_no_access_token").step(set("access_token", json!(5))),
        member("a_list_is_no_id_token").step(set("id_token", json!(["a.b.c"]))),
        member("a_negative_life_is_refused").step(set("expires_in", json!(-1))),
        member("an_endless_life_is_refused").step(set("expires_in", json!(1e300))),
        member("a_life_in_words_is_refused").step(set("expires_in", json!("an hour"))),
        member("an_object_is_no_refresh_token").step(set("refresh_token", json!({}))),
        Story::new("an_error_with_status_200_is_an_error", 502, "token.refused")
            .case("token.error"),
        Story::new("no_key_in_the_set_is_refused", 502, "keys.unreadable").step(Mischief::Answer {
            endpoint: Jwks,
            status: None,
            headers: BTreeMap::new(),
            body: Some("{\"keys\":{}}".to_owned()),
        }),
        Story::new("a_set_of_a_thousand_keys_is_refused", 502, "keys.unreadable").step(
            Mischief::Answer {
                endpoint: Jwks,
                status: None,
                headers: BTreeMap::new(),
                body: Some(json!({"keys": vec![json!({"kty": "RSA"}); 1000]}).to_string()),
            },
        ),
    ] {
        all.push(story.tell(&world).await);
    }
    Problems::none(all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_registration_starts_no_login() {
    let world = World::small().await;
    let mut all = Vec::new();
    for (promise, step) in [
        ("no_client_id_is_refused", Mischief::remove(Part::Registration, "client_id")),
        ("a_number_is_no_client_id", Mischief::set(Part::Registration, "client_id", json!(5))),
        ("no_secret_is_refused", Mischief::remove(Part::Registration, "client_secret")),
    ] {
        let mut problems = Problems::of(promise);
        let app = world.app_with(settings(Register)).await;
        let start = log::length();
        let mut browser = app.browser();
        world.misbehave([step]);
        let end = browser.walk("/profile").await;
        problems.refusal(&end, 502, "registration.member");
        problems.aftermath(&world, &app, browser, start).await;
        all.push(problems);
    }
    Problems::none(all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_unknown_keys_fetches_a_few_times_and_then_once_per_cooldown() {
    let world = World::small().await;
    let app = world.app().await;
    drop(app.logged_in().await);
    world.clock.stop();
    let fetched = || world.provider.requests().count(Jwks);
    let cool_down = || {
        world.clock.advance(31);
        world.provider.advance_clock(Duration::from_secs(31));
    };
    assert_eq!(fetched(), 1);
    world.misbehave_as(&["id_token.unknown_key"]);
    let flood = async |logins: usize| {
        let floods = (0..logins).map(async |_| {
            let end = app.browser().walk("/profile").await;
            assert_eq!(end.code().as_deref(), Some("keys.unknown"));
        });
        futures_util::future::join_all(floods).await;
    };
    for _ in 0..4 {
        flood(5).await;
    }
    assert_eq!(fetched(), 1 + 4, "a few fetches, and no more");
    cool_down();
    flood(10).await;
    assert_eq!(fetched(), 1 + 4 + 1, "one per cooldown");
    flood(10).await;
    assert_eq!(fetched(), 1 + 4 + 1);
    // Nobody else suffers.
    world.behave();
    drop(app.logged_in().await);
    // Not even one whose key is new, once the cooldown is over.
    world.provider.rotate_keys().unwrap();
    cool_down();
    drop(app.logged_in().await);
    assert_eq!(fetched(), 1 + 4 + 1 + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_down_is_not_asked_by_everybody() {
    let world = World::small().await;
    let app = world.app().await;
    world.clock.stop();
    world.misbehave_as(&["discovery.status_503"]);
    for _ in 0..20 {
        let end = app.browser().walk("/profile").await;
        assert_eq!(end.status, 503);
        assert!(end.headers.contains_key("retry-after"));
    }
    assert_eq!(world.provider.requests().count(Discovery), 1);
    world.clock.advance(2);
    world.behave();
    drop(app.logged_in().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_outlives_its_provider() {
    let world = World::small().await;
    let app = world.app().await;
    let mut browser = app.logged_in().await;
    let World { provider, clock, secrets, tap } = world;
    provider.shutdown().await;
    assert_eq!(browser.who().await.as_deref(), Some("alice"), "who is here stays");
    // The metadata is at hand: the browser is led to a provider that does not answer.
    let away = app.browser().go("/profile").await;
    assert_eq!(away.status, 303);
    clock.advance(2 * 3600);
    let page = browser.go("/profile").await;
    assert!([303, 503].contains(&page.status.as_u16()), "{}", page.name());
    let leaks = secrets.leaks(&browser.answers, "");
    assert!(leaks.is_empty(), "{leaks:?}");
    drop(tap);
}

fn settings(endpoint: Endpoint) -> Settings {
    let settings = Settings::default().alg(Algorithm::Es256);
    if endpoint == Register { Settings::default().registers() } else { settings }
}

const ENDPOINTS: [(Endpoint, &str); 5] = [
    (Discovery, "discovery"),
    (Jwks, "jwks"),
    (Register, "register"),
    (Token, "token"),
    (UserInfo, "user_info"),
];

/// A fault of any endpoint, and what usually comes of it.
const FAULTS: &[(&str, u16, &str)] = &[
    ("status_400", 502, "provider.refused"),
    ("status_401", 502, "provider.refused"),
    ("status_404", 502, "provider.refused"),
    ("status_429", 503, "provider.refused"),
    ("status_500", 503, "provider.refused"),
    ("status_503", 503, "provider.refused"),
    ("cut", 503, "network.cut"),
    ("endless", 502, "network.too_large"),
    ("gzip", 502, "provider.encoding"),
    ("garbage", 502, "provider.not_json"),
    ("empty", 502, "provider.not_json"),
    ("array", 502, "provider.not_json"),
    ("duplicates", 502, "provider.not_json"),
    ("html", 502, "provider.not_json"),
    ("wrong_content_type", 502, "provider.not_json"),
];

/// What comes of a fault where an endpoint has a word of its own for it.
fn especially(endpoint: Endpoint, fault: &str) -> Option<(u16, &'static str)> {
    match (endpoint, fault) {
        (Token, "status_400" | "status_401" | "status_404") => Some((502, "token.refused")),
        (UserInfo, "status_401") => Some((502, "user_info.refused")),
        (Register, "status_401") => Some((500, "registration.token")),
        (Register, "status_400" | "status_404") => Some((500, "registration.refused")),
        _ => None,
    }
}

/// Metadata that could be read is kept for so long.
/// After which metadata that can't be used is asked for again.
const A_MOMENT: u64 = 10;
