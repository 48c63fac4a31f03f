//! Tokens that say nothing by themselves: their provider is asked.

use countersign::{Client, Introspection, Secret, TrustedIssuer};
use countersign_dev_provider::{Client as KnownClient, Endpoint::Introspect};
use futures_util::future::join_all;
use serde_json::json;

use super::{Api, Problems, Setup, World, code, good, invalid, minted};
use crate::harness::api::provider;
use crate::harness::secrets::Kind;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opaque_token_is_asked_about_once_and_a_wrong_answer_lets_nobody_in() {
    let world = World::small().await;
    let mut problems = Problems::of("opaque tokens");
    for (case, status, expected) in CASES {
        let api = api(&world).await;
        let token = minted(&world, json!({ "user": "alice", "opaque": true })).await;
        world.misbehave_as(&[case]);
        let answer = api.bearer("/api/me", &token).await;
        if *status == 401 {
            invalid(expected).check(&mut problems, case, &answer);
        } else {
            let got = (answer.status.as_u16(), code(&answer));
            let right = got == (*status, (*expected).to_owned());
            problems.expect(right, format!("{case}: expected {status} {expected}, got {got:?}"));
            let challenged = answer.headers.contains_key("www-authenticate");
            problems.expect(!challenged, format!("{case}: whoever sent it is blamed"));
        }
        world.behave();
        world.wait(31);
        let again = minted(&world, json!({ "user": "alice", "opaque": true })).await;
        api.aftermath(&mut problems, &again).await;
    }
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_show_the_same_token_cause_one_question() {
    let world = World::small().await;
    let api = api(&world).await;
    let token = minted(&world, json!({ "user": "alice", "opaque": true })).await;
    let asked = || world.provider.requests().count(Introspect);
    for (token, status) in [(&*token, 200), ("nobody-has-issued-this", 401)] {
        let before = asked();
        for _ in 0..2 {
            let answers = join_all((0..20).map(|_| api.bearer("/api/me", token))).await;
            assert!(answers.iter().all(|answer| answer.status == status), "{status}");
        }
        assert_eq!(asked(), before + 1);
    }
    assert_eq!(api.bearer("/api/me", &good(&world)).await.status, 200, "JWTs need no question");
    assert_eq!(asked(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opaque_token_stops_when_it_ends_and_soon_after_it_was_taken_back() {
    let world = World::small().await;
    let api = api(&world).await;
    let order = json!({ "user": "alice", "opaque": true, "expires_in": 20 });
    let [short, long] =
        [minted(&world, order).await, minted(&world, json!({ "opaque": true })).await];
    for token in [&short, &long] {
        assert_eq!(api.bearer("/api/me", token).await.status, 200);
    }
    world.provider.forget_sessions();
    assert_eq!(api.bearer("/api/me", &long).await.status, 200, "believed for half a minute");
    world.wait(31);
    let mut problems = Problems::of("the end of opaque tokens");
    for (case, token) in [("ended", &short), ("taken back", &long)] {
        let answer = api.bearer("/api/me", token).await;
        invalid("access_token.inactive").check(&mut problems, case, &answer);
    }
    let good = minted(&world, json!({ "opaque": true })).await;
    api.aftermath(&mut problems, &good).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_api_that_may_not_ask_has_a_wrong_setting_unless_that_was_foreseen() {
    let world = World::small().await;
    let token = minted(&world, json!({ "user": "alice", "opaque": true })).await;
    for (case, foreseen) in [
        ("introspect.status_401", false),
        ("introspect.status_401", true),
        ("introspect.status_404", true),
    ] {
        let api = api_with(&world, |asked| if foreseen { asked.if_offered() } else { asked }).await;
        world.misbehave_as(&[case]);
        let answer = api.bearer("/api/me", &token).await;
        let got = (answer.status.as_u16(), &*code(&answer));
        let expected =
            if foreseen { (401, "jws.malformed") } else { (500, "introspection.refused") };
        assert_eq!(got, expected, "{case}");
        assert_eq!(api.bearer("/api/me", &good(&world)).await.status, 200, "JWTs pass");
        world.behave();
        world.wait(31);
        assert_eq!(api.bearer("/api/me", &token).await.status, 200, "once it may ask");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_is_no_access_token() {
    let world = World::small().await;
    let api = api(&world).await;
    let settings =
        crate::harness::Settings::default().party(|party| party.scope("openid offline_access"));
    let app = world.app_with(settings).await;
    drop(app.logged_in().await);
    let mut problems = Problems::of("refresh tokens");
    for token in world.secrets.of(Kind::RefreshToken) {
        let answer = api.bearer("/api/me", &token).await;
        invalid("access_token.kind").check(&mut problems, "a refresh token", &answer);
    }
    let good = minted(&world, json!({ "opaque": true })).await;
    api.aftermath(&mut problems, &good).await;
    problems.done();
}

/// Asks the world's provider about what is no JWT.
async fn api(world: &World) -> Api {
    api_with(world, |asked| asked).await
}

async fn api_with(world: &World, change: impl FnOnce(Introspection) -> Introspection) -> Api {
    world.provider.add_client(KnownClient::confidential("api", SECRET));
    world.secrets.learn(Kind::ClientSecret, SECRET);
    let client = Client::with_secret("api", Secret::from(SECRET));
    let introspection = change(Introspection::new(client));
    let issuer = TrustedIssuer::new(provider(world)).introspection(introspection);
    Api::with(world, Setup::of([issuer])).await
}

const SECRET: &str = "api-secret-of-the-stories-0123456789";

const CASES: &[(&str, u16, &str)] = &[
    ("introspection.no_active", 502, "introspection.member"),
    ("introspection.active_text", 502, "introspection.member"),
    ("introspection.wrong_iss", 401, "access_token.issuer"),
    ("introspection.wrong_aud", 401, "access_token.audience"),
    ("introspection.expired", 401, "access_token.expired"),
    ("introspection.text_exp", 401, "access_token.claim"),
    ("introspection.scope_list", 401, "access_token.claim"),
    ("introspect.status_429", 503, "provider.refused"),
    ("introspect.status_500", 503, "provider.refused"),
    ("introspect.status_503", 503, "provider.refused"),
    ("introspect.redirect", 502, "provider.redirect"),
    ("introspect.cut", 503, "network.cut"),
    ("introspect.endless", 502, "network.too_large"),
    ("introspect.gzip", 502, "provider.encoding"),
    ("introspect.garbage", 502, "provider.not_json"),
    ("introspect.empty", 502, "provider.not_json"),
    ("introspect.array", 502, "provider.not_json"),
    ("introspect.duplicates", 502, "provider.not_json"),
    ("introspect.html", 502, "provider.not_json"),
    ("introspect.wrong_content_type", 502, "provider.not_json"),
];
