//! Opaque tokens: their issuer is asked, once, and believed for a moment.

use countersign::protocol::jose::{Object, SigningKey, base64url};
use countersign::protocol::value::endpoint::Endpoint;
use countersign::{
    CheckError, Client, Fault, Introspection, Requirement, ResourceServer, Secret, TrustedIssuer,
};
use serde_json::{Value, json};

use super::api::{AUDIENCE, check, code, now, of, presented};
use crate::support::{ISSUER, START, Task, World, answer, discovered, down, secs};

const OPAQUE: &str = "an-opaque-token-hush";

fn asking() -> Introspection {
    Introspection::new(Client::with_secret("api", Secret::from("api-hush")))
}

fn api(world: &World, introspection: Introspection) -> ResourceServer {
    world
        .op()
        .document
        .insert("introspection_endpoint".into(), json!(format!("{ISSUER}/introspect")));
    let issuer = TrustedIssuer::new(discovered()).introspection(introspection);
    ResourceServer::builder([AUDIENCE]).issuer(issuer).build(world.outside()).unwrap()
}

fn says(world: &World, body: &Value) {
    world.op().instead.insert(Endpoint::Introspection, answer(200, body));
}

fn active() -> Value {
    json!({
        "active": true, "sub": "alice", "iss": ISSUER, "aud": AUDIENCE, "scope": "notes:read",
        "client_id": "web", "exp": START.as_secs() + 300,
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut body = active();
    body[name] = value;
    body
}

#[test]
fn an_active_token_passes_and_its_claims_are_those_of_the_answer() {
    let world = World::new();
    let api = api(&world, asking());
    says(&world, &active());
    let token = check(&api, OPAQUE).unwrap();
    assert_eq!((token.subject(), token.issuer()), (Some("alice"), ISSUER));
    assert!(token.has_scope("notes:read"));
    let asked =
        world.requests().into_iter().find(|asked| asked.endpoint() == Endpoint::Introspection);
    let asked = asked.unwrap();
    let header = asked.headers()["authorization"].to_str().unwrap().to_owned();
    assert!(header.starts_with("Basic "), "{header}");
    let body = String::from_utf8(asked.body().to_vec()).unwrap();
    assert!(
        body.contains(&format!("token={OPAQUE}")) && body.contains("token_type_hint=access_token")
    );
}

#[test]
fn the_token_itself_authenticates_where_that_is_wanted() {
    let world = World::new();
    let api = api(&world, asking().bearer());
    says(&world, &active());
    check(&api, OPAQUE).unwrap();
    let asked = world.requests().pop().unwrap();
    assert_eq!(asked.headers()["authorization"], format!("Bearer {OPAQUE}"));
}

#[test]
fn one_question_answers_all_for_thirty_seconds() {
    let world = World::new();
    let api = api(&world, asking());
    says(&world, &active());
    for _ in 0..5 {
        check(&api, OPAQUE).unwrap();
    }
    assert_eq!(world.asked(Endpoint::Introspection), 1);
    world.forward(secs(30));
    says(&world, &json!({"active": false}));
    assert_eq!(code(check(&api, OPAQUE)), "access_token.inactive");
    assert_eq!(world.asked(Endpoint::Introspection), 2);
}

#[test]
fn many_who_show_the_same_token_at_once_cause_one_question() {
    let world = World::new();
    let api = api(&world, asking());
    says(&world, &active());
    world.close(Endpoint::Introspection);
    let (presented, requirement) = (presented(OPAQUE), Requirement::new());
    let mut tasks: Vec<_> =
        (0..50).map(|_| Task::new(api.check(&presented, &requirement))).collect();
    assert!(tasks.iter_mut().all(|task| task.poll().is_none()));
    world.open();
    assert!(tasks.iter_mut().all(|task| task.poll().unwrap().is_ok()));
    assert_eq!(world.asked(Endpoint::Introspection), 1);
}

#[test]
fn a_refused_token_is_not_asked_about_again_for_a_moment() {
    let world = World::new();
    let api = api(&world, asking());
    says(&world, &json!({"active": false}));
    for _ in 0..5 {
        assert_eq!(code(check(&api, OPAQUE)), "access_token.inactive");
    }
    assert_eq!(world.asked(Endpoint::Introspection), 1);
    says(&world, &active());
    world.forward(secs(10));
    check(&api, OPAQUE).unwrap();
}

#[test]
fn no_answer_is_believed_beyond_the_end_of_the_token() {
    let world = World::new();
    let api = api(&world, asking().keep(secs(3600)));
    says(&world, &with("exp", json!(START.as_secs() + 20)));
    check(&api, OPAQUE).unwrap();
    world.forward(secs(19));
    check(&api, OPAQUE).unwrap();
    assert_eq!(world.asked(Endpoint::Introspection), 1);
    world.forward(secs(1));
    says(&world, &json!({"active": false}));
    assert_eq!(code(check(&api, OPAQUE)), "access_token.inactive");
}

#[test]
fn an_active_token_of_somebody_else_is_refused() {
    let past = json!(START.as_secs() - 61);
    let ahead = json!(START.as_secs() + 61);
    for (body, expected) in [
        (with("iss", json!("https://evil.example")), "access_token.issuer"),
        (with("aud", json!("another-api")), "access_token.audience"),
        (with("aud", json!([])), "access_token.audience"),
        (with("aud", json!(7)), "access_token.claim"),
        (with("exp", past), "access_token.expired"),
        (with("exp", json!("tomorrow")), "access_token.claim"),
        (with("nbf", ahead), "access_token.not_before"),
        (with("scope", json!({})), "access_token.claim"),
        (with("cnf", json!({"jkt": "abc"})), "access_token.confirmation"),
    ] {
        let world = World::new();
        let api = api(&world, asking());
        says(&world, &body);
        assert_eq!(code(check(&api, OPAQUE)), expected, "{body}");
    }
}

#[test]
fn a_missing_audience_is_refused_unless_the_settings_leave_it_to_the_provider() {
    let mut body = active();
    body.as_object_mut().unwrap().remove("aud");
    let world = World::new();
    let strict = api(&world, asking());
    says(&world, &body);
    assert_eq!(code(check(&strict, OPAQUE)), "access_token.audience");
    let lenient = api(&world, asking().may_lack_audience());
    check(&lenient, OPAQUE).unwrap();
    says(&world, &with("aud", json!("another-api")));
    world.forward(secs(31));
    assert_eq!(code(check(&lenient, OPAQUE)), "access_token.audience");
}

#[test]
fn what_is_no_clear_answer_lets_nobody_in() {
    for response in [
        answer(200, &json!({"active": "true"})),
        answer(200, &json!({"active": 1})),
        answer(200, &json!({"sub": "alice"})),
        answer(200, &json!([true])),
        answer(401, &json!({"error": "invalid_client"})),
        answer(500, &json!({})),
        answer(302, &json!({})),
    ] {
        let world = World::new();
        let api = api(&world, asking());
        let shown = format!("{response:?}");
        world.op().instead.insert(Endpoint::Introspection, response);
        let error = check(&api, OPAQUE).unwrap_err();
        assert!(matches!(error, CheckError::Unavailable(_)), "{shown}: {error}");
        assert!(!error.to_string().contains("hush"), "{error}");
    }
}

#[test]
fn a_provider_that_is_down_lets_nobody_in_and_is_asked_again() {
    let world = World::new();
    let api = api(&world, asking());
    says(&world, &active());
    check(&api, OPAQUE).unwrap();
    world.op().down = Some(down());
    world.forward(secs(31));
    let error = check(&api, OPAQUE).unwrap_err();
    let CheckError::Unavailable(error) = error else { panic!("{error}") };
    assert_eq!(error.fault(), Fault::Network);
    world.op().down = None;
    check(&api, OPAQUE).unwrap();
}

#[test]
fn a_jwt_is_checked_by_its_keys_and_the_issuer_is_not_asked() {
    let world = World::new();
    let api = api(&world, asking());
    let raw = of(&world).token("alice").audience(AUDIENCE).sign();
    check(&api, &raw).unwrap();
    assert_eq!(world.asked(Endpoint::Introspection), 0);
}

#[test]
fn a_revoked_jwt_stops_to_pass_where_the_issuer_is_asked_too() {
    let world = World::new();
    let api = api(&world, asking().jwts_too());
    let raw = of(&world).token("alice").audience(AUDIENCE).sign();
    says(&world, &active());
    check(&api, &raw).unwrap();
    check(&api, &raw).unwrap();
    assert_eq!(world.asked(Endpoint::Introspection), 1);
    says(&world, &json!({"active": false}));
    world.forward(secs(30));
    assert_eq!(code(check(&api, &raw)), "access_token.inactive");
    // Nobody is asked about one that nobody signed.
    let forged = countersign_test_kit::TestIssuer::new(ISSUER)
        .at(now(&world))
        .token("eve")
        .audience(AUDIENCE)
        .sign();
    let asked = world.asked(Endpoint::Introspection);
    assert!(check(&api, &forged).is_err());
    assert_eq!(world.asked(Endpoint::Introspection), asked);
}

#[test]
fn with_introspection_only_a_jwt_is_a_text_like_any_other() {
    let world = World::new();
    world
        .op()
        .document
        .insert("introspection_endpoint".into(), json!(format!("{ISSUER}/introspect")));
    let issuer = TrustedIssuer::new(discovered()).introspection_only(asking());
    let api = ResourceServer::builder([AUDIENCE]).issuer(issuer).build(world.outside()).unwrap();
    let raw = of(&world).token("alice").audience(AUDIENCE).sign();
    says(&world, &json!({"active": false}));
    assert_eq!(code(check(&api, &raw)), "access_token.inactive");
    assert_eq!(world.asked(Endpoint::Keys), 0);
    // Nor does it matter what its header says.
    says(&world, &active());
    for header in [json!({"alg": "XY1"}), json!({"alg": "ES256", "crit": ["exp"]})] {
        let header = base64url::encode(header.to_string().as_bytes());
        assert!(check(&api, &format!("{header}.e30.AAAA")).is_ok());
    }
}

#[test]
fn a_signed_answer_passes_and_a_plain_one_in_its_place_does_not() {
    let world = World::new();
    let api = api(&world, asking().signed());
    let signed = |key: &SigningKey, typ: &str, audience: &str| {
        let mut header = Object::new();
        header.insert("typ".into(), typ.into());
        let claims = json!({
            "iss": ISSUER, "aud": audience, "iat": START.as_secs(), "token_introspection": active(),
        });
        let mut response = answer(200, &json!({}));
        response
            .headers
            .insert("content-type", "application/token-introspection+jwt".parse().unwrap());
        response.body = key.sign(&header, claims.to_string().as_bytes()).unwrap().into();
        response
    };
    let typ = "token-introspection+jwt";
    let (own, foreign) = (
        world.op().signer.clone(),
        crate::support::key(countersign::protocol::jose::Algorithm::Es256),
    );
    world.op().instead.insert(Endpoint::Introspection, signed(&own, typ, "api"));
    check(&api, OPAQUE).unwrap();
    for (n, response) in [
        answer(200, &active()),
        signed(&foreign, typ, "api"),
        signed(&own, "JWT", "api"),
        signed(&own, typ, "another-client"),
    ]
    .into_iter()
    .enumerate()
    {
        world.op().instead.insert(Endpoint::Introspection, response);
        let error = check(&api, &format!("{OPAQUE}-{n}")).unwrap_err();
        assert!(matches!(error, CheckError::Unavailable(_)), "{n}: {error}");
    }
}

#[test]
fn ten_thousand_invented_tokens_take_bounded_memory() {
    let world = World::new();
    let api = api(&world, asking());
    says(&world, &json!({"active": false}));
    for n in 0..30_000 {
        assert_eq!(code(check(&api, &format!("invented-{n}"))), "access_token.inactive");
    }
    assert_eq!(api.cached(), 0);
}

#[test]
fn only_a_provider_that_offers_it_is_asked_if_offered() {
    let world = World::new();
    let issuer = TrustedIssuer::new(discovered()).introspection(asking().if_offered());
    let api = ResourceServer::builder([AUDIENCE]).issuer(issuer).build(world.outside()).unwrap();
    assert_eq!(code(check(&api, OPAQUE)), "jws.malformed");
    assert_eq!(world.asked(Endpoint::Introspection), 0);
    // Without it that is a wrong setting.
    let issuer = TrustedIssuer::new(discovered()).introspection(asking());
    let api = ResourceServer::builder([AUDIENCE]).issuer(issuer).build(world.outside()).unwrap();
    let Err(CheckError::Unavailable(error)) = check(&api, OPAQUE) else { panic!("it was asked") };
    assert_eq!(error.fault(), Fault::Setup);
}

#[test]
fn a_provider_that_refuses_the_client_makes_opaque_tokens_worthless_if_offered() {
    let world = World::new();
    let api = api(&world, asking().if_offered());
    let refused = answer(401, &json!({"error": "invalid_client"}));
    world.op().instead.insert(Endpoint::Introspection, refused);
    assert_eq!(code(check(&api, OPAQUE)), "jws.malformed");
    says(&world, &active());
    world.forward(secs(10));
    check(&api, OPAQUE).unwrap();
}

#[test]
fn a_client_without_a_secret_does_not_ask_if_offered() {
    let world = World::new();
    let public = Client::new("spa", countersign::ClientAuthentication::None);
    let introspection = Introspection::new(public);
    let api = api(&world, introspection.if_offered());
    says(&world, &active());
    assert_eq!(code(check(&api, OPAQUE)), "jws.malformed");
    assert_eq!(world.asked(Endpoint::Introspection), 0);
}

#[test]
fn a_token_of_the_client_that_asks_may_lack_an_audience_and_no_other_one_may() {
    let world = World::new();
    let api = api(&world, asking().own_may_lack_audience());
    let says_of = |client: Option<&str>, audience: Option<&str>, kind: Option<&str>| {
        let mut body = active();
        let members = body.as_object_mut().unwrap();
        for (name, value) in [("client_id", client), ("aud", audience), ("token_type", kind)] {
            match value {
                Some(value) => members.insert(name.to_owned(), json!(value)),
                None => members.remove(name),
            };
        }
        says(&world, &body);
        world.forward(secs(30));
        check(&api, OPAQUE)
    };
    for kind in ["Bearer", "bearer", "DPoP"] {
        says_of(Some("api"), None, Some(kind)).unwrap();
    }
    for (client, audience, kind) in [
        (Some("web"), None, Some("Bearer")),
        (None, None, Some("Bearer")),
        (Some("api"), Some("other"), Some("Bearer")),
        (Some("api"), None, Some("MAC")),
        (Some("api"), None, None),
    ] {
        let refused = says_of(client, audience, kind);
        assert_eq!(code(refused), "access_token.audience", "{client:?} {audience:?} {kind:?}");
    }
    for (audience, kind) in [(None, "refresh_token"), (Some(AUDIENCE), "refresh_token")] {
        let refused = says_of(Some("api"), audience, Some(kind));
        assert_eq!(code(refused), "access_token.kind", "the client's own, but no access token");
    }
}

#[test]
fn the_client_of_a_login_asks() {
    let world = World::new();
    let login = world.rp();
    let api = api(&world, Introspection::with_login(login));
    says(&world, &active());
    check(&api, OPAQUE).unwrap();
    let asked = world.requests().pop().unwrap();
    assert!(asked.headers()["authorization"].to_str().unwrap().starts_with("Basic "));
}

#[test]
fn a_jwt_that_its_issuer_says_is_bound_is_no_plain_bearer_token() {
    for cnf in [json!({"jkt": "abc"}), json!({"x5t#S256": "abc"}), json!({}), json!(null)] {
        let world = World::new();
        let api = api(&world, asking().jwts_too());
        let raw = of(&world).token("alice").audience(AUDIENCE).sign();
        says(&world, &with("cnf", cnf.clone()));
        // By the answer as it comes, and as it is remembered.
        for _ in 0..2 {
            assert_eq!(code(check(&api, &raw)), "access_token.confirmation", "{cnf}");
        }
        assert_eq!(world.asked(Endpoint::Introspection), 1);
    }
}

#[test]
fn long_answers_about_many_tokens_take_bounded_memory() {
    let world = World::new();
    let api = api(&world, asking().keep(secs(3600)));
    says(&world, &with("groups", json!("x".repeat(1_000_000))));
    let token = |n: usize| format!("{OPAQUE}-{n}");
    for n in 0..200 {
        check(&api, &token(n)).unwrap();
    }
    world.op().down = Some(down());
    let held = (0..200).filter(|n| check(&api, &token(*n)).is_ok()).count();
    assert!(held <= 64, "{held} megabytes are held");
    check(&api, &token(199)).unwrap();
}
