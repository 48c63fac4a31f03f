//! Tokens that are no good.

use std::time::Duration;

use countersign::{Issuer, Provider, TrustedIssuer};
use countersign_dev_provider::{Change, Mischief, Part};
use countersign_jose::{Algorithm, SigningKey, base64url};
use countersign_test_kit::{Broken, TestIssuer};
use serde_json::{Value, json};

use super::{
    Api, Kind, Problems, Setup, World, code, forbidden, good, invalid, kit, minted, signed,
    signed_as,
};
use crate::harness::Settings;
use crate::harness::app::CLIENT;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_broken_in_one_way_is_refused_for_that() {
    let world = World::small().await;
    let (kit, issuer) = kit();
    let api = Api::with(&world, Setup::of([issuer])).await;
    let token = || kit.token("alice").audience("api").scope("notes:read").role("editor");
    let mut problems = Problems::of("broken tokens");
    for broken in Broken::ALL {
        let expected = match broken {
            Broken::RolesOfWrongType => forbidden(broken.code()),
            _ => invalid(broken.code()),
        };
        let bad = token().broken(broken).sign();
        // As often as it comes.
        for _ in 0..2 {
            expected.check(&mut problems, broken.name(), &api.bearer("/api/editor", &bad).await);
        }
    }
    let cached = api.server.cached();
    let few = "only those that are signed well and then lack something: odd roles, odd bindings";
    problems.expect(cached == 3, format!("{cached} cached: {few}"));
    api.aftermath(&mut problems, &token().sign()).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_that_is_wrong_is_refused_and_what_may_be_odd_passes() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let now = world.provider.now();
    let issuer = world.provider.issuer();
    let claim = "access_token.claim";
    let mut problems = Problems::of("claims");
    for (over, code) in [
        (json!({ "iss": format!("{issuer}/") }), "access_token.issuer"),
        (json!({ "iss": "https://evil.example" }), "access_token.issuer"),
        (json!({ "iss": issuer.to_uppercase() }), "access_token.issuer"),
        (json!({ "iss": null }), claim),
        (json!({ "iss": [issuer] }), claim),
        (json!({ "aud": "API" }), "access_token.audience"),
        (json!({ "aud": "api " }), "access_token.audience"),
        (json!({ "aud": [] }), "access_token.audience"),
        (json!({ "aud": ["other", "another"] }), "access_token.audience"),
        (json!({ "aud": null }), "access_token.audience"),
        (json!({ "aud": { "api": true } }), claim),
        (json!({ "aud": ["api", 7] }), claim),
        (json!({ "exp": now - 120 }), "access_token.expired"),
        (json!({ "exp": now - 61 }), "access_token.expired"),
        (json!({ "exp": 0 }), "access_token.expired"),
        (json!({ "exp": null }), claim),
        (json!({ "exp": (now + 600).to_string() }), claim),
        (json!({ "exp": [now + 600] }), claim),
        (json!({ "exp": true }), claim),
        (json!({ "nbf": now + 120 }), "access_token.not_before"),
        (json!({ "nbf": "now" }), claim),
        (json!({ "iat": now + 120 }), "access_token.issued_at"),
        (json!({ "iat": {} }), claim),
        (json!({ "sub": 7 }), claim),
        (json!({ "scope": { "notes:read": true } }), claim),
        (json!({ "cnf": {} }), "access_token.confirmation"),
        (json!({ "cnf": { "jwk": {} } }), "access_token.confirmation"),
        (json!({ "cnf": ["jkt"] }), "access_token.confirmation"),
        (json!({ "cnf": { "x5t#S256": "AAAA" } }), "access_token.confirmation"),
    ] {
        let token = signed(&world, over.clone());
        let answer = api.bearer("/api/me", &token).await;
        invalid(code).check(&mut problems, &over.to_string(), &answer);
    }
    for over in [
        json!({ "aud": ["other", "api"] }),
        json!({ "exp": now - 50 }),
        json!({ "exp": (now + 600) as f64 + 0.5 }),
        json!({ "nbf": now + 50 }),
        json!({ "iat": now + 50 }),
        json!({ "iat": null, "jti": null, "client_id": null, "scope": null }),
        json!({ "sub": null }),
        json!({ "text": "\u{0}\u{1F600}\"\\" }),
    ] {
        let answer = api.bearer("/api/me", &signed(&world, over.clone())).await;
        problems.expect(answer.status == 200, format!("{over}: {}", answer.body));
    }
    api.aftermath(&mut problems, &good(&world)).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_kind_of_token_of_the_same_provider_is_refused() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let mut problems = Problems::of("kinds");
    let kind = "access_token.kind";
    for (typ, over, code) in [
        ("logout+jwt", json!({}), kind),
        ("dpop+jwt", json!({}), kind),
        ("secevent+jwt", json!({}), kind),
        ("token-introspection+jwt", json!({}), kind),
        ("JWT", json!({ "nonce": "n-0S6_WzA2Mj" }), kind),
        ("JWT", json!({ "at_hash": "77QmUPtjPfzWtF2AnpK9RQ" }), kind),
        ("JWT", json!({ "typ": "ID" }), kind),
        ("at+jwt", json!({ "typ": "Refresh" }), kind),
        ("JWT", json!({ "events": {} }), kind),
    ] {
        let token = signed_as(&world, typ, over.clone());
        let answer = api.bearer("/api/me", &token).await;
        invalid(code).check(&mut problems, &format!("{typ} {over}"), &answer);
    }
    for typ in ["at+jwt", "application/at+jwt", "AT+JWT", "JWT"] {
        let answer = api.bearer("/api/me", &signed_as(&world, typ, json!({}))).await;
        problems.expect(answer.status == 200, format!("{typ}: {}", answer.body));
    }
    api.aftermath(&mut problems, &good(&world)).await;
    problems.done();
}

/// All that a login brings, at an API that is even called as the client is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_all_that_a_login_brings_only_the_access_token_passes() {
    let world = World::small().await;
    let setup =
        Setup::of([TrustedIssuer::new(super::super::harness::api::provider(&world))
            .audiences(["api", CLIENT])]);
    let api = Api::with(&world, setup).await;
    let settings = Settings::default().party(|party| party.scope("openid offline_access"));
    let app = world.app_with(settings).await;
    drop(app.logged_in().await);
    let mut problems = Problems::of("what a login brings");
    let whole = |token: &String| token.split('.').count() == 3;
    let tokens = |kind| world.secrets.of(kind);
    let id_tokens: Vec<String> = tokens(Kind::IdToken).into_iter().filter(whole).collect();
    let access_tokens: Vec<String> = tokens(Kind::AccessToken).into_iter().filter(whole).collect();
    assert_eq!((id_tokens.len(), access_tokens.len()), (1, 1));
    for token in &id_tokens {
        let answer = api.bearer("/api/me", token).await;
        invalid("access_token.kind").check(&mut problems, "the ID token", &answer);
    }
    for kind in [Kind::RefreshToken, Kind::Code, Kind::Verifier, Kind::Cookie] {
        let found = tokens(kind);
        assert!(!found.is_empty(), "{kind:?}");
        for secret in found {
            let answer = api.bearer("/api/me", &secret).await;
            let refused = [400, 401].contains(&answer.status.as_u16());
            problems.expect(refused, format!("{kind:?}: {}", answer.name()));
        }
    }
    let me = api.bearer("/api/me", &access_tokens[0]).await;
    assert_eq!((me.status.as_u16(), &me.json()["sub"]), (200, &"alice".into()), "{}", me.body);
    api.aftermath(&mut problems, &access_tokens[0]).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_of_whoever_has_not_the_key_is_refused() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let token = good(&world);
    let (header, rest) = token.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let set: Value = serde_json::from_str(&world.provider.key_set_document()).unwrap();
    let jwk = &set["keys"][0];
    let kid = jwk["kid"].as_str().unwrap();
    let with_header = |header: Value| {
        format!("{}.{payload}.{signature}", base64url::encode(header.to_string().as_bytes()))
    };
    let mac = |secret: &[u8]| {
        let key = SigningKey::from_secret(secret, Algorithm::Hs256).unwrap();
        let header = json!({ "typ": "at+jwt" });
        let payload = base64url::decode(payload).unwrap();
        key.sign(header.as_object().unwrap(), &payload).unwrap()
    };
    let coordinate = |name: &str| base64url::decode(jwk[name].as_str().unwrap()).unwrap();
    let point = [&[4][..], &coordinate("x"), &coordinate("y")].concat();
    let (alg, signed) = ("jws.algorithm_not_allowed", "jws.signature");
    let mut problems = Problems::of("signatures");
    for (case, bad, code) in [
        ("none", format!("{}.{payload}.", none("none")), "jws.algorithm"),
        ("None", format!("{}.{payload}.", none("None")), "jws.algorithm"),
        (
            "none with a signature",
            format!("{}.{payload}.{signature}", none("none")),
            "jws.algorithm",
        ),
        ("a MAC under the set", mac(world.provider.key_set_document().as_bytes()), alg),
        ("a MAC under the key", mac(jwk.to_string().as_bytes()), alg),
        ("a MAC under x", mac(&coordinate("x")), alg),
        ("a MAC under the point", mac(&point), alg),
        ("a MAC under the name", mac(kid.as_bytes()), alg),
        ("no signature", format!("{header}.{payload}."), signed),
        ("zeros", format!("{header}.{payload}.{}", base64url::encode(&[0; 64])), signed),
        ("half of it", format!("{header}.{payload}.{}", &signature[..40]), signed),
        ("another header", with_header(json!({ "alg": "ES256", "kid": kid, "x": 1 })), signed),
        ("without kid", with_header(json!({ "alg": "ES256" })), signed),
        ("no algorithm", with_header(json!({ "kid": kid })), "jws.malformed"),
        ("two algorithms", with_header(json!({ "alg": ["ES256"], "kid": kid })), "jws.malformed"),
        ("an unknown one", with_header(json!({ "alg": "ES256K", "kid": kid })), "jws.algorithm"),
        (
            "crit",
            with_header(json!({ "alg": "ES256", "kid": kid, "crit": ["exp"], "exp": 1 })),
            "jws.critical",
        ),
        (
            "b64",
            with_header(json!({ "alg": "ES256", "crit": ["b64"], "b64": false })),
            "jws.critical",
        ),
        ("an empty crit", with_header(json!({ "alg": "ES256", "crit": [] })), "jws.critical"),
    ] {
        let answer = api.bearer("/api/me", &bad).await;
        invalid(code).check(&mut problems, case, &answer);
    }
    api.aftermath(&mut problems, &token).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_mints_nonsense_lets_nobody_in() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let mut problems = Problems::of("minted nonsense");
    let change = |name: &str, change| Mischief::Member {
        of: Part::AccessToken,
        name: name.to_owned(),
        change,
    };
    for (step, code) in [
        (
            Mischief::set(Part::AccessToken, "iss", json!("https://evil.example")),
            "access_token.issuer",
        ),
        (Mischief::set(Part::AccessToken, "aud", json!("other")), "access_token.audience"),
        (Mischief::remove(Part::AccessToken, "exp"), "access_token.claim"),
        (change("exp", Change::SecondsFromNow(-3600)), "access_token.expired"),
        (change("nbf", Change::SecondsFromNow(3600)), "access_token.not_before"),
        (change("iat", Change::SecondsFromNow(3600)), "access_token.issued_at"),
    ] {
        world.misbehave([step.clone()]);
        let token = minted(&world, json!({ "user": "alice" })).await;
        let answer = api.bearer("/api/me", &token).await;
        invalid(code).check(&mut problems, &format!("{step:?}"), &answer);
        world.behave();
    }
    let token = minted(&world, json!({ "user": "alice" })).await;
    api.aftermath(&mut problems, &token).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_passed_stops_when_it_ends() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    world.clock.stop();
    let token = signed(&world, json!({ "exp": world.clock.seconds() + 600 }));
    let mut problems = Problems::of("the end of a token");
    for (wait, passes) in [(0, true), (600, true), (59, true), (1, false), (3600, false)] {
        world.wait(wait);
        let answer = api.bearer("/api/me", &token).await;
        if passes {
            problems.expect(answer.status == 200, format!("after {wait} s: {}", answer.body));
        } else {
            invalid("access_token.expired").check(&mut problems, "at its end", &answer);
        }
    }
    problems.expect(api.server.cached() == 0, "it is still cached");
    api.aftermath(&mut problems, &good(&world)).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_several_issuers_vouches_for_its_own_tokens_alone() {
    let world = World::small().await;
    let (first, other) = (TestIssuer::new("https://one.test"), TestIssuer::new("https://two.test"));
    let of = |kit: &TestIssuer| {
        let issuer = Issuer::parse(kit.issuer().as_str()).unwrap();
        TrustedIssuer::new(Provider::with_keys(issuer, kit.keys()))
    };
    let setup = Setup::of([of(&first), of(&other).audiences(["two"])]);
    let api = Api::with(&world, setup).await;
    let mut problems = Problems::of("several issuers");
    let unknown = TestIssuer::new("https://three.test").token("alice").sign();
    let posing = first.token("alice").claim("iss", "https://two.test").audience("two").sign();
    for (case, token, code) in [
        ("nobody's", unknown, "access_token.issuer"),
        ("one that poses as the other", posing, "keys.unknown"),
        ("the audience of the other", other.token("alice").sign(), "access_token.audience"),
        ("no issuer", first.token("alice").without("iss").sign(), "access_token.issuer"),
    ] {
        invalid(code).check(&mut problems, case, &api.bearer("/api/me", &token).await);
    }
    let token = other.token("alice").audience("two").lives(Duration::from_secs(60)).sign();
    assert_eq!(api.bearer("/api/me", &token).await.status, 200);
    api.aftermath(&mut problems, &first.token("alice").sign()).await;
    problems.done();
    assert_eq!(code(&api.bearer("/api/me", "garbage").await), "jws.malformed");
}

fn none(alg: &str) -> String {
    base64url::encode(json!({ "alg": alg }).to_string().as_bytes())
}
