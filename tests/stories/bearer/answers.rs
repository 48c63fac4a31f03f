//! What is answered, to the letter.

use countersign::ProtectedResource;
use countersign_web::Reply;
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Api, Ask, Problems, Refused, Setup, World, challenges, code, forbidden, good, kit, signed,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_refusal_has_the_challenge_that_the_specifications_write() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let metadata = api.metadata_address();
    let now = world.provider.now();
    let plain = |over: Value| Some(signed(&world, over));
    let recently = json!({ "acr": "mfa", "auth_time": now - 60 });
    let weak = json!({ "acr": "pwd", "auth_time": now - 60 });
    let long_ago = json!({ "acr": "mfa", "auth_time": now - 3600 });
    let step_up = "error=\"insufficient_user_authentication\", \
                   error_description=\"You have to sign in again, or more strongly, for this.\"";
    let scope = "error=\"insufficient_scope\", \
                 error_description=\"The access token lacks a scope that is needed here.\"";
    let role = "error=\"insufficient_scope\", \
                error_description=\"You lack a role that is needed here.\"";
    let expired = "error=\"invalid_token\", error_description=\"The access token has expired.\"";
    let mut problems = Problems::of("challenges");
    for (path, token, status, words) in [
        ("/api/me", None, 401, String::new()),
        ("/api/me", plain(json!({ "exp": now - 600 })), 401, format!("{expired}, ")),
        (
            "/api/notes",
            plain(json!({ "scope": "other" })),
            403,
            format!("{scope}, scope=\"notes:read\", "),
        ),
        (
            "/api/team",
            plain(json!({ "scope": null })),
            403,
            format!("{scope}, scope=\"notes:read notes:write\", "),
        ),
        ("/api/editor", plain(json!({ "realm_access": null })), 403, format!("{role}, ")),
        (
            "/api/tenant",
            plain(json!({ "tenant": "red" })),
            403,
            "error=\"insufficient_scope\", error_description=\"The access token does not say what \
             is needed here.\", "
                .to_owned(),
        ),
        ("/api/strong", plain(weak), 401, format!("{step_up}, acr_values=\"mfa phr\", ")),
        ("/api/strong", plain(long_ago), 401, format!("{step_up}, max_age=\"300\", ")),
        (
            "/api/strong",
            plain(json!({})),
            401,
            format!("{step_up}, acr_values=\"mfa phr\", max_age=\"300\", "),
        ),
        ("/api/inside", plain(json!({})), 403, format!("{scope}, scope=\"notes:write\", ")),
    ] {
        let ask = Ask::get(path);
        let answer = api.ask(match &token {
            Some(token) => ask.bearer(token),
            None => ask,
        });
        let answer = answer.await;
        let expected = [
            format!("Bearer {words}resource_metadata=\"{metadata}\""),
            format!("DPoP algs=\"{ALGS}\", resource_metadata=\"{metadata}\""),
        ];
        let got = challenges(&answer);
        let right = got == expected && answer.status == status;
        problems.expect(right, format!("{path}: {} {got:#?}\n{expected:#?}", answer.status));
    }
    let malformed = api.ask(Ask::get("/api/me").authorization("Bearer a b")).await;
    let words = "error=\"invalid_request\", \
                 error_description=\"The request carries its access token in a wrong way.\"";
    let expected = format!("Bearer {words}, resource_metadata=\"{metadata}\"");
    problems.expect(challenges(&malformed)[0] == expected, format!("{malformed:?}"));
    let strong = api.bearer("/api/strong", &signed(&world, recently)).await;
    problems.expect(strong.status == 200, strong.body);
    for path in ["/api/notes", "/api/team", "/api/editor"] {
        let passed = api.bearer(path, &good(&world)).await;
        problems.expect(passed.status == 200, format!("{path}: {}", passed.body));
    }
    api.aftermath(&mut problems, &good(&world)).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_address_realm_and_dpop_the_challenge_is_bare() {
    let world = World::small().await;
    let server = countersign::ResourceServer::builder(["api"])
        .issuer(kit().1)
        .realm("the \"notes\"")
        .build(countersign::outside::Outside::new(world.tap.clone()))
        .unwrap();
    let challenge = server.challenge(&countersign::Refusal::Missing, countersign::Scheme::Bearer);
    assert_eq!(challenge.status, 401);
    assert_eq!(challenge.authenticate, [r#"Bearer realm="the notes""#]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_body_says_what_the_challenge_says() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    for (path, token, body) in [
        (
            "/api/me",
            None,
            json!({
                "error": "bearer.missing",
                "error_description": "An access token is needed for this.",
                "code": "bearer.missing",
            }),
        ),
        (
            "/api/me",
            Some("garbage".to_owned()),
            json!({
                "error": "invalid_token",
                "error_description": null,
                "code": "jws.malformed",
            }),
        ),
        (
            "/api/notes",
            Some(signed(&world, json!({ "scope": "other" }))),
            json!({
                "error": "insufficient_scope",
                "error_description": "The access token lacks a scope that is needed here.",
                "code": "bearer.scope",
            }),
        ),
    ] {
        let ask = Ask::get(path);
        let ask = match token {
            Some(token) => ask.authorization(&format!("Bearer {token}")),
            None => ask,
        };
        let answer = api.ask(ask).await;
        let mut expected = body;
        // The words stand in docs/errors.md.
        if expected["code"] == "jws.malformed" {
            expected["error_description"] = answer.json()["error_description"].clone();
        }
        assert_eq!(answer.json(), expected);
        assert_eq!(answer.headers["vary"], "Authorization");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_metadata_say_where_tokens_are_had() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let answer = api.ask(Ask::get("/.well-known/oauth-protected-resource/api")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    let algs: Vec<&str> = ALGS.split(' ').collect();
    assert_eq!(
        answer.json(),
        json!({
            "resource": format!("{}api", api.base),
            "authorization_servers": [world.provider.issuer()],
            "bearer_methods_supported": ["header"],
            "scopes_supported": ["notes:read"],
            "dpop_signing_alg_values_supported": algs,
        })
    );
    // Whoever follows the pointer of a challenge arrives there.
    let challenge = challenges(&api.ask(Ask::get("/api/me")).await).remove(0);
    let pointer = challenge.split("resource_metadata=\"").nth(1).unwrap().trim_end_matches('"');
    assert_eq!(pointer, answer.step.url.as_str());
    // And at the issuer it finds one that knows itself by the same name.
    let issuer = answer.json()["authorization_servers"][0].as_str().unwrap().to_owned();
    assert_eq!(issuer, world.provider.issuer());
    assert!(ProtectedResource::new(api.base.join("/api").unwrap().as_str()).is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_shows_its_own_words_and_the_challenge_stays() {
    let world = World::small().await;
    let setup = Setup::new(&world).rules(|rules| {
        rules.show_refusal(|refusal| {
            (refusal.code() != "bearer.missing").then(|| {
                let body = json!({ "oh": refusal.code(), "status": refusal.status().as_u16() });
                Reply::json(StatusCode::IM_A_TEAPOT, &body)
            })
        })
    });
    let api = Api::with(&world, setup).await;
    let answer = api.ask(Ask::get("/api/me").authorization("Bearer garbage")).await;
    assert_eq!(answer.status, 401, "the status is not the application's to choose");
    assert_eq!(answer.json(), json!({ "oh": "jws.malformed", "status": 401 }));
    assert!(challenges(&answer)[0].starts_with("Bearer error=\"invalid_token\""));
    let answer = api.bearer("/api/inside", &good(&world)).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["oh"]), (403, &"bearer.scope".into()));
    let answer = api.ask(Ask::get("/api/me")).await;
    assert_eq!(code(&answer), "bearer.missing", "what it leaves to us is ours");
    let mut problems = Problems::of("own words");
    api.aftermath(&mut problems, &good(&world)).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_of_a_wrong_type_are_no_roles_and_break_nothing() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    let role: Refused = forbidden("bearer.role");
    let mut problems = Problems::of("roles");
    let deep = (0..20).fold(json!("editor"), |inner, _| json!([inner]));
    for roles in [
        json!({ "editor": true }),
        json!(7),
        json!(true),
        json!([7]),
        json!([["editor"]]),
        json!(["editor", 7]),
        json!([null]),
        json!([{ "name": "editor" }]),
        json!([]),
        json!(""),
        json!("editors"),
        json!("Editor"),
        json!(["editor "]),
        deep,
    ] {
        for over in [
            json!({ "realm_access": { "roles": roles } }),
            json!({ "realm_access": null, "roles": roles }),
        ] {
            let token = signed(&world, over.clone());
            role.check(&mut problems, &over.to_string(), &api.bearer("/api/editor", &token).await);
            let me = api.bearer("/api/me", &token).await;
            problems.expect(me.status == 200, "a route without roles is open to it");
        }
    }
    for parent in [json!([]), json!("roles"), json!(7)] {
        let token = signed(&world, json!({ "realm_access": parent }));
        role.check(&mut problems, "the parent", &api.bearer("/api/editor", &token).await);
    }
    for over in [
        json!({ "realm_access": { "roles": "editor" } }),
        json!({ "realm_access": null, "roles": ["reader", "editor"] }),
        json!({ "realm_access": [], "roles": ["editor"] }),
    ] {
        let token = signed(&world, over.clone());
        let answer = api.bearer("/api/editor", &token).await;
        problems.expect(answer.status == 200, format!("{over}: {}", answer.body));
    }
    api.aftermath(&mut problems, &good(&world)).await;
    problems.done();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stronger_sign_in_opens_what_was_closed() {
    let world = World::small().await;
    let api = Api::start(&world).await;
    world.clock.stop();
    let at = |ago: i64| world.clock.seconds() - ago;
    let token =
        |acr: &str, auth_time: Value| signed(&world, json!({ "acr": acr, "auth_time": auth_time }));
    let mut problems = Problems::of("step-up");
    for (acr, auth_time, passes) in [
        ("mfa", json!(at(0)), true),
        ("phr", json!(at(359)), true),
        ("phr", json!(at(361)), false),
        ("mfa", json!(at(-59)), true),
        ("mfa", json!(at(-61)), false),
        ("MFA", json!(at(0)), false),
        ("mfa phr", json!(at(0)), false),
        ("", json!(at(0)), false),
        ("mfa", Value::Null, false),
    ] {
        let answer = api.bearer("/api/strong", &token(acr, auth_time.clone())).await;
        let (status, code) = (answer.status.as_u16(), code(&answer));
        let right =
            if passes { status == 200 } else { (status, &*code) == (401, "bearer.step_up") };
        problems.expect(right, format!("{acr} {auth_time}: {status} {code}"));
    }
    api.aftermath(&mut problems, &token("mfa", json!(at(0)))).await;
    problems.done();
}

const ALGS: &str = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA";
