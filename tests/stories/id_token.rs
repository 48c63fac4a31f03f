//! ID tokens that must not open a session.

use countersign_dev_provider::{Change, Mischief, Part};
use countersign_jose::Algorithm::{Es256, Hs256, Rs256};
use countersign_jose::{Algorithm, SigningKey, base64url};
use serde_json::{Value, json};

use crate::harness::app::CLIENT_SECRET;
use crate::harness::secrets::Kind;
use crate::harness::{Problems, Settings, Story, World, log};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_signature_opens_no_session() {
    tell(vec![
        story("an_unsigned_token_is_refused", "jws.algorithm").case("id_token.alg_none"),
        story("an_unsigned_token_is_refused_by_an_rs256_client", "jws.algorithm")
            .case("id_token.alg_none")
            .alg(Rs256),
        story("a_foreign_algorithm_is_refused", NOT_ALLOWED)
            .case("id_token.foreign_alg")
            .alg(Rs256),
        story("the_public_key_as_pem_is_no_secret", NOT_ALLOWED).case("id_token.hs256_pem"),
        story("the_public_key_as_der_is_no_secret", NOT_ALLOWED)
            .case("id_token.hs256_der")
            .alg(Rs256),
        story("the_public_key_as_jwk_is_no_secret", NOT_ALLOWED).case("id_token.hs256_jwk"),
        story("the_modulus_is_no_secret", NOT_ALLOWED).case("id_token.hs256_modulus"),
        story("a_damaged_signature_is_refused", "jws.signature").case("id_token.wrong_signature"),
        story("a_damaged_ecdsa_signature_is_refused", "jws.signature")
            .case("id_token.wrong_signature")
            .alg(Es256),
        story("a_damaged_mac_is_refused", "jws.signature")
            .case("id_token.wrong_signature")
            .alg(Hs256),
        story("an_empty_signature_is_refused", "jws.signature").case("id_token.empty_signature"),
        story("an_empty_ecdsa_signature_is_refused", "jws.signature")
            .case("id_token.empty_signature")
            .alg(Es256),
        story("an_empty_mac_is_refused", "jws.signature")
            .case("id_token.empty_signature")
            .alg(Hs256),
        story("an_ecdsa_signature_of_zeros_is_refused", "jws.signature")
            .case("id_token.zero_ecdsa")
            .alg(Es256),
        story("an_ecdsa_signature_in_der_is_refused", "jws.signature")
            .case("id_token.der_ecdsa")
            .alg(Es256),
        story("an_unpublished_key_under_a_known_name_is_refused", "jws.signature")
            .case("id_token.unpublished_key"),
        story("an_unpublished_key_is_refused", "keys.unknown").case("id_token.unknown_key"),
        story("a_weak_rsa_key_is_refused", "keys.unknown").case("id_token.weak_rsa"),
        story("a_key_in_the_header_is_not_used", "jws.signature").case("id_token.embedded_jwk"),
        story("a_key_set_in_the_header_is_not_fetched", "jws.signature")
            .case("id_token.embedded_jku"),
        story("a_certificate_in_the_header_is_not_fetched", "jws.signature")
            .case("id_token.embedded_x5u"),
        story("an_unknown_crit_is_refused", "jws.critical").case("id_token.unknown_crit"),
        story("an_unencoded_payload_is_refused", "jws.critical").case("id_token.unencoded"),
        story("keys_for_encryption_check_nothing", "keys.unknown").case("keys.enc_only"),
        story("an_empty_key_set_checks_nothing", "keys.unknown").case("keys.empty_set"),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_token_opens_no_session() {
    let text = |promise, code, token: &str| {
        story(promise, code).step(Mischief::set(Part::TokenAnswer, "id_token", token))
    };
    tell(vec![
        story("a_doubled_claim_is_refused", "id_token.malformed").case("id_token.duplicate_claim"),
        story("a_second_algorithm_in_the_header_is_refused", "jws.duplicate_member")
            .case("id_token.duplicate_header"),
        text("a_doubled_header_member_is_refused", "jws.duplicate_member", &doubled_kid()),
        story("deep_nesting_is_refused", "id_token.malformed").case("id_token.deep"),
        story("a_token_of_megabytes_is_refused", "network.too_large").case("id_token.megabytes"),
        story("bad_base64_is_refused", "jws.malformed").case("id_token.bad_base64"),
        story("bad_utf8_is_refused", "id_token.malformed").case("id_token.bad_utf8"),
        story("a_large_token_is_refused", "jws.too_large")
            .step(Mischief::claim("large", "x".repeat(300 * 1024))),
        text("no_token_at_all_is_refused", "jws.malformed", ""),
        text("a_text_is_no_token", "jws.malformed", "this is no token"),
        text("two_parts_are_no_token", "jws.malformed", "eyJhbGciOiJSUzI1NiJ9.e30"),
        text("an_encrypted_token_is_refused", "jws.encrypted", "eyJhbGciOiJkaXIifQ.a.b.c.d"),
        text("a_header_of_bad_utf8_is_refused", "jws.malformed", "__79.e30.AAAA"),
        text("letters_beyond_ascii_are_refused", "jws.malformed", "é.ü.ß"),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_claim_opens_no_session() {
    let claim = "id_token.claim";
    let person = |promise, code| Story::new(promise, 400, code);
    tell(vec![
        story("another_issuer_is_refused", "id_token.issuer").case("id_token.wrong_iss"),
        story("an_issuer_with_a_slash_more_is_refused", "id_token.issuer")
            .step(Mischief::claim("iss", json!("https://app.example/"))),
        story("no_issuer_is_refused", claim).case("id_token.no_iss"),
        story("another_audience_is_refused", "id_token.audience").case("id_token.wrong_aud"),
        story("one_more_audience_is_refused", "id_token.audience").case("id_token.more_aud"),
        story("no_audience_is_refused", claim).case("id_token.no_aud"),
        story("an_empty_audience_is_refused", claim).step(Mischief::claim("aud", json!([]))),
        story("an_audience_of_numbers_is_refused", claim)
            .step(Mischief::claim("aud", json!([1, 2]))),
        story("another_authorized_party_is_refused", "id_token.azp").case("id_token.wrong_azp"),
        story("an_authorized_party_of_a_wrong_type_is_refused", claim)
            .step(Mischief::claim("azp", json!(["web"]))),
        story("another_nonce_is_refused", "id_token.nonce").case("id_token.wrong_nonce"),
        story("no_nonce_is_refused", claim).case("id_token.no_nonce"),
        story("an_empty_nonce_is_refused", "id_token.nonce")
            .step(Mischief::claim("nonce", json!(""))),
        story("no_subject_is_refused", claim).case("id_token.no_sub"),
        story("an_empty_subject_is_refused", claim).case("id_token.empty_sub"),
        story("a_number_is_no_subject", claim).case("id_token.number_sub"),
        story("an_endless_subject_is_refused", claim).step(Mischief::claim("sub", "x".repeat(300))),
        story("the_hash_of_another_access_token_is_refused", "id_token.hash")
            .case("id_token.wrong_at_hash"),
        story("the_hash_of_another_code_is_refused", "id_token.hash").case("id_token.wrong_c_hash"),
        story("a_hash_of_a_wrong_type_is_refused", claim)
            .step(Mischief::claim("at_hash", json!(1))),
        person("a_weaker_login_than_asked_for_is_refused", "id_token.acr")
            .case("id_token.wrong_acr")
            .login("/auth/login?acr_values=mfa&return_to=/profile"),
        person("an_older_login_than_asked_for_is_refused", "id_token.auth_time")
            .case("id_token.old_auth_time")
            .login("/auth/login?max_age=600&return_to=/profile"),
        person("a_login_in_the_future_is_refused", "id_token.auth_time")
            .case("id_token.future_auth_time")
            .login("/auth/login?max_age=600&return_to=/profile"),
        person("an_unknown_time_of_login_is_refused", "id_token.auth_time")
            .case("id_token.no_auth_time")
            .login("/auth/login?max_age=600&return_to=/profile"),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_time_opens_no_session() {
    let mut stories = vec![
        story("no_end_is_refused", "id_token.claim").case("id_token.no_exp"),
        story("no_time_of_issue_is_refused", "id_token.claim").case("id_token.no_iat"),
        story("an_expired_token_is_refused", "id_token.expired").case("id_token.expired"),
        story("a_token_from_the_future_is_refused", "id_token.issued_at")
            .case("id_token.future_iat"),
        story("a_token_from_before_the_login_is_refused", "id_token.issued_at")
            .case("id_token.old_iat"),
        story("a_negative_time_of_issue_is_refused", "id_token.issued_at")
            .step(Mischief::claim("iat", json!(-1))),
        story("a_token_that_is_not_yet_valid_is_refused", "id_token.not_before")
            .case("id_token.future_nbf"),
        story("an_end_with_a_fraction_in_the_past_is_refused", "id_token.expired")
            .case("id_token.exp_fraction"),
        story("a_token_just_beyond_the_skew_is_refused", "id_token.expired")
            .step(seconds_from_now("exp", -61)),
        story("a_token_issued_just_beyond_the_skew_is_refused", "id_token.issued_at")
            .step(seconds_from_now("iat", 120)),
    ];
    stories
        .push(story("a_negative_end_is_refused", "id_token.expired").case("id_token.exp_negative"));
    for name in ["exp", "iat", "nbf", "auth_time"] {
        for (promise, value) in [
            ("a_huge_time_is_refused", json!(1e300)),
            ("a_time_as_text_is_refused", json!("4102444800")),
            ("a_time_as_list_is_refused", json!([4_102_444_800_i64])),
            ("a_time_as_object_is_refused", json!({"at": 4_102_444_800_i64})),
            ("true_is_no_time", json!(true)),
        ] {
            stories.push(story(promise, "id_token.claim").step(Mischief::claim(name, value)));
        }
    }
    for name in ["exp", "iat"] {
        let null = Mischief::claim(name, Value::Null);
        stories.push(story("null_is_no_time", "id_token.claim").step(null));
    }
    tell(stories).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn times_within_the_skew_and_with_fractions_are_good() {
    let world = World::small().await;
    let now = world.provider.now();
    for steps in [
        vec![seconds_from_now("exp", -30)],
        vec![seconds_from_now("iat", 30)],
        vec![seconds_from_now("nbf", 30)],
        vec![Mischief::claim("exp", json!(1.5 + 600.0 + f64::from(u32::try_from(now).unwrap())))],
        vec![Mischief::claim("iat", json!(0.25 + f64::from(u32::try_from(now).unwrap())))],
    ] {
        let app = world.app().await;
        world.misbehave(steps.clone());
        let end = app.browser().walk("/profile").await;
        assert_eq!(end.status, 200, "{steps:?}: {:?}", end.code());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_header_points_to_is_never_fetched() {
    let world = World::small().await;
    for case in ["id_token.embedded_jku", "id_token.embedded_x5u"] {
        let app = world.app().await;
        world.misbehave_as(&[case]);
        let end = app.browser().walk("/profile").await;
        assert_eq!(end.code().as_deref(), Some("jws.signature"));
    }
    let elsewhere: Vec<String> =
        world.tap.asked().into_iter().filter(|asked| asked.contains("unpublished")).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_symmetric_key_in_a_public_set_signs_nothing() {
    for (alg, code) in [(None, NOT_ALLOWED), (Some(Hs256), "jws.signature")] {
        let world = World::small().await;
        let cases = ["keys.symmetric"];
        let secret = b"secret-secret-secret-secret";
        let promise = "a_symmetric_key_in_a_public_set_signs_nothing";
        signed_by_hand(&world, promise, alg, &cases, secret, code).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_everybody_can_read_is_no_secret_even_where_one_signs() {
    let world = World::small().await;
    let keys: Value = serde_json::from_str(&world.provider.key_set_document()).unwrap();
    let key = &keys["keys"][0];
    let x = key["x"].as_str().unwrap();
    for (what, secret) in [
        ("the key set", keys.to_string()),
        ("the key", key.to_string()),
        ("a coordinate", x.to_owned()),
        ("the client's name", "web".to_owned()),
        ("the issuer", world.provider.issuer().to_owned()),
        ("a zero byte", "\0".to_owned()),
    ] {
        let promise = format!("{what} is no secret");
        signed_by_hand(&world, &promise, Some(Hs256), &[], secret.as_bytes(), "jws.signature")
            .await;
        signed_by_hand(&world, &promise, None, &[], secret.as_bytes(), NOT_ALLOWED).await;
    }
}

/// A login that gets an HS256 token under this secret; all else in it is right.
async fn signed_by_hand(
    world: &World,
    promise: &str,
    alg: Option<Algorithm>,
    cases: &[&str],
    secret: &[u8],
    code: &str,
) {
    let app = world.app_with(Settings::default().alg(alg)).await;
    let start = log::length();
    let mut browser = app.browser();
    let away = browser.go("/profile").await;
    let nonce = nonce_of(&away.location().unwrap());
    let key = SigningKey::from_secret(secret, Hs256).unwrap();
    let token = forged(world, &key.with_kid("shared"), &nonce);
    let steps = cases.iter().flat_map(|case| Mischief::named(case).unwrap());
    world.misbehave(steps.chain([Mischief::set(Part::TokenAnswer, "id_token", token)]));
    let end = browser.walk_from(browser.next(&away).unwrap()).await;
    let mut problems = Problems::of(promise);
    problems.refusal(&end, 502, code);
    problems.aftermath(world, &app, browser, start).await;
    problems.done();
}

/// The forgeries above fail for their signature alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_signed_by_hand_with_the_client_secret_is_good() {
    let world = World::small().await;
    let app = world.app_with(Settings::default().alg(Hs256)).await;
    let mut browser = app.browser();
    let away = browser.go("/profile").await;
    let nonce = nonce_of(&away.location().unwrap());
    let key = SigningKey::from_secret(CLIENT_SECRET.as_bytes(), Hs256).unwrap();
    let token = forged(&world, &key.with_kid("shared"), &nonce);
    world.misbehave([Mischief::set(Part::TokenAnswer, "id_token", token)]);
    let end = browser.walk_from(browser.next(&away).unwrap()).await;
    assert_eq!(end.status, 200, "{:?}", end.code());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_public_key_is_refused_where_the_secret_is_expected() {
    let world = World::small().await;
    let app = world
        .app_with(Settings::default().alg(Hs256).known(|known| known.id_token_algorithm(Es256)))
        .await;
    let end = app.browser().walk("/profile").await;
    assert_eq!((end.status.as_u16(), end.code().as_deref()), (502, Some(NOT_ALLOWED)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_an_earlier_login_is_refused() {
    let world = World::small().await;
    let app = world.app().await;
    let start = log::length();
    drop(app.logged_in().await);
    let old = world.secrets.of(Kind::IdToken);
    let old = old.iter().find(|token| token.matches('.').count() == 2).unwrap();
    let mut problems = Problems::of("a_token_of_an_earlier_login_is_refused");
    world.misbehave([Mischief::set(Part::TokenAnswer, "id_token", old.as_str())]);
    let mut browser = app.browser();
    let end = browser.walk("/profile").await;
    problems.refusal(&end, 502, "id_token.nonce");
    problems.aftermath(&world, &app, browser, start).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_of_somebody_else_opens_no_session() {
    tell(vec![
        story("userinfo_about_somebody_else_is_refused", "user_info.subject")
            .case("user_info.other_sub"),
        story("userinfo_about_nobody_is_refused", "user_info.member").case("user_info.no_sub"),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_nobody_can_use_stand_in_nobodys_way() {
    let world = World::new().await;
    for case in [
        "keys.unusable_first",
        "keys.symmetric",
        "keys.no_kid",
        "id_token.no_kid",
        "id_token.rotated",
        "metadata.bare",
        "token.text_expires_in",
        "token.no_expires_in",
        "token.no_scope",
        "token.no_refresh_token",
    ] {
        let app = world.app().await;
        world.misbehave_as(&[case]);
        let mut browser = app.browser();
        let end = browser.walk("/profile").await;
        assert_eq!(end.status, 200, "{case}: {}", end.body);
        assert_eq!(browser.who().await.as_deref(), Some("alice"), "{case}");
    }
}

fn story(promise: &'static str, code: &'static str) -> Story {
    Story::new(promise, 502, code)
}

async fn tell(stories: Vec<Story>) {
    let world = World::new().await;
    let mut all = Vec::new();
    for story in stories {
        all.push(story.tell(&world).await);
    }
    Problems::none(all);
}

fn seconds_from_now(name: &str, seconds: i64) -> Mischief {
    let change = Change::SecondsFromNow(seconds);
    Mischief::Member { of: Part::IdToken, name: name.to_owned(), change }
}

fn nonce_of(address: &url::Url) -> String {
    let nonce = address.query_pairs().find(|(name, _)| name == "nonce");
    nonce.unwrap().1.into_owned()
}

fn doubled_kid() -> String {
    let header = base64url::encode(br#"{"alg":"RS256","kid":"one","kid":"two"}"#);
    format!("{header}.e30.AAAA")
}

/// A token about alice that only the signature could betray.
fn forged(world: &World, key: &SigningKey, nonce: &str) -> String {
    let now = world.provider.now();
    let claims = json!({
        "iss": world.provider.issuer(),
        "sub": "alice",
        "aud": "web",
        "iat": now,
        "exp": now + 600,
        "nonce": nonce,
    });
    let header = json!({"typ": "JWT"});
    key.sign(header.as_object().unwrap(), claims.to_string().as_bytes()).unwrap()
}

const NOT_ALLOWED: &str = "jws.algorithm_not_allowed";
