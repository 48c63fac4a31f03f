//! A provider whose keys change, that is down, or that is asked for keys which it does not have.

use countersign_dev_provider::Endpoint::{Discovery, Jwks};
use countersign_jose::base64url;
use futures_util::future::join_all;
use serde_json::json;

use super::{Api, Problems, World, code, good, invalid, signed, wire};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_of_a_removed_key_stop_within_the_refresh_interval() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    world.clock.stop();
    let exp = world.clock.seconds() + 10_000;
    let old = signed(&world, json!({ "exp": exp }));
    assert_eq!(api.bearer("/api/me", &old).await.status, 200);
    // The first rotation keeps the key published, the second one drops it.
    world.provider.rotate_keys().unwrap();
    world.provider.rotate_keys().unwrap();
    world.wait(HOUR - 1);
    assert_eq!(api.bearer("/api/me", &old).await.status, 200, "nobody has told the API yet");
    world.wait(1);
    let mut problems = Problems::of("a removed key");
    let answer = api.bearer("/api/me", &old).await;
    invalid("keys.unknown").check(&mut problems, "within the hour", &answer);
    api.aftermath(&mut problems, &good(&world)).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_of_a_removed_key_stop_at_once_when_a_new_key_shows_up() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let old = good(&world);
    assert_eq!(api.bearer("/api/me", &old).await.status, 200);
    world.provider.rotate_keys().unwrap();
    let middle = good(&world);
    for token in [&middle, &old] {
        assert_eq!(api.bearer("/api/me", token).await.status, 200, "both keys are published");
    }
    world.provider.rotate_keys().unwrap();
    let new = good(&world);
    for token in [&new, &middle] {
        assert_eq!(api.bearer("/api/me", token).await.status, 200);
    }
    let mut problems = Problems::of("a removed key");
    invalid("keys.unknown").check(&mut problems, "old", &api.bearer("/api/me", &old).await);
    api.aftermath(&mut problems, &new).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_unknown_keys_cause_a_few_fetches_and_then_one_per_cooldown() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let token = good(&world);
    world.clock.stop();
    assert_eq!(api.bearer("/api/me", &token).await.status, 200);
    let fetched = || world.provider.requests().count(Jwks);
    assert_eq!(fetched(), 1);
    flood(&api, &token, 0..10_000).await;
    let first = fetched();
    assert!((2..=5).contains(&first), "{first} fetches");
    for round in 1..=3 {
        world.wait(31);
        flood(&api, &token, 0..500).await;
        assert_eq!(fetched(), first + round, "one per cooldown");
    }
    assert_eq!(world.provider.requests().count(Discovery), 1);
    assert_eq!(api.server.cached(), 1, "the good one");
    // Nobody else suffers, not even one whose key is new.
    assert_eq!(api.bearer("/api/me", &token).await.status, 200);
    world.provider.rotate_keys().unwrap();
    world.wait(31);
    assert_eq!(api.bearer("/api/me", &good(&world)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_come_first_cause_one_fetch() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let tokens: Vec<String> =
        (0..50).map(|n| signed(&world, json!({ "sub": format!("somebody-{n}") }))).collect();
    let answers = join_all(tokens.iter().map(|token| api.bearer("/api/me", token))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let asked = world.provider.requests();
    assert_eq!((asked.count(Discovery), asked.count(Jwks)), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_provider_is_down_nobody_new_passes_and_nobody_is_blamed() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    world.clock.stop();
    world.misbehave_as(&["discovery.status_503", "jwks.status_503"]);
    let token = good(&world);
    let mut problems = Problems::of("a provider that is down");
    for _ in 0..20 {
        let answer = api.bearer("/api/notes", &token).await;
        unavailable(&mut problems, "down", &answer, 503);
        problems.expect(answer.headers.contains_key("retry-after"), "no Retry-After");
    }
    assert_eq!(world.provider.requests().count(Discovery), 1, "it is not asked by everybody");
    // What needs no provider is answered all the same.
    assert_eq!(code(&api.bearer("/api/me", "garbage").await), "jws.malformed");
    world.behave();
    world.wait(5);
    assert_eq!(api.bearer("/api/notes", &token).await.status, 200, "it recovers by itself");
    // From now on the keys are at hand.
    world.misbehave_as(&["discovery.status_503", "jwks.status_503"]);
    for token in [&token, &signed(&world, json!({ "sub": "bob" }))] {
        assert_eq!(api.bearer("/api/notes", token).await.status, 200);
    }
    world.wait(2 * HOUR);
    let later = good(&world);
    assert_eq!(api.bearer("/api/me", &later).await.status, 200, "old keys are better than none");
    api.aftermath(&mut problems, &later).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_answer_for_metadata_or_keys_lets_nobody_in() {
    let world = World::small().await;
    let mut problems = Problems::of("wrong answers");
    for endpoint in ["discovery", "jwks"] {
        for (fault, status) in FAULTS {
            let case = format!("{endpoint}.{fault}");
            let api = Api::start(&world).await;
            let token = good(&world);
            world.misbehave_as(&[&case]);
            let answer = api.bearer("/api/me", &token).await;
            unavailable(&mut problems, &case, &answer, *status);
            world.behave();
            world.wait(11);
            api.aftermath(&mut problems, &good(&world)).await;
        }
    }
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_api_outlives_its_provider() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let [seen, unseen] = ["alice", "bob"].map(|sub| signed(&world, json!({ "sub": sub })));
    assert_eq!(api.bearer("/api/me", &seen).await.status, 200);
    let World { provider, .. } = world;
    provider.shutdown().await;
    for token in [&seen, &unseen] {
        assert_eq!(api.bearer("/api/me", token).await.status, 200);
    }
}

/// Tokens with invented key ids, on a few lines at once, each refused.
async fn flood(api: &Api, like: &str, count: std::ops::Range<usize>) {
    let payload = like.split('.').nth(1).unwrap();
    let lanes = (0..4).map(async |lane| {
        let mut line = wire::Line::open(api.address()).await;
        for number in count.clone().skip(lane).step_by(4) {
            let header = json!({ "alg": "ES256", "kid": format!("invented-{number}") });
            let header = base64url::encode(header.to_string().as_bytes());
            let token = format!("{header}.{payload}.{}", base64url::encode(&[1; 64]));
            let request = http::Request::get("/api/me")
                .header("host", api.address().to_string())
                .header("authorization", format!("Bearer {token}"));
            let response = line.send(request.body(bytes::Bytes::new()).unwrap()).await.unwrap();
            let body = String::from_utf8_lossy(response.body()).into_owned();
            assert!(response.status() == 401 && body.contains("keys.unknown"), "{body}");
        }
    });
    join_all(lanes).await;
}

/// Nothing is said of the token, and nothing is asked of whoever sent it.
fn unavailable(problems: &mut Problems, case: &str, answer: &crate::harness::Answer, status: u16) {
    let got = answer.status.as_u16();
    problems.expect(got == status, format!("{case}: {got} {}", answer.body));
    let challenged = answer.headers.contains_key("www-authenticate");
    problems.expect(!challenged, format!("{case}: a challenge"));
    let said = code(answer);
    let known = ["network.", "provider.", "keys.", "discovery."];
    problems.expect(known.iter().any(|story| said.starts_with(story)), format!("{case}: {said}"));
}

/// A fault of the provider, and the status that comes of it.
const FAULTS: &[(&str, u16)] = &[
    ("status_400", 502),
    ("status_401", 502),
    ("status_429", 503),
    ("status_500", 503),
    ("status_503", 503),
    ("redirect", 502),
    ("cut", 503),
    ("endless", 502),
    ("gzip", 502),
    ("garbage", 502),
    ("empty", 502),
    ("array", 502),
    ("duplicates", 502),
    ("html", 502),
    ("wrong_content_type", 502),
];

const HOUR: u64 = 3600;
