//! The API that the demo calls, and the one that it is.

use countersign_test_kit::DpopKey;
use serde_json::{Value, json};
use ureq::Agent;

use crate::support::canned::Canned;
use crate::support::{Person, Program, free_port, in_time};

#[test]
fn the_answer_of_an_api_stands_on_the_profile_and_in_the_session() {
    let api = Canned::new(|_, path, head| {
        assert!(head.to_ascii_lowercase().contains("authorization: bearer "), "{path}");
        (200, "application/json", r#"{"notes":["buy milk"]}"#.to_owned())
    });
    let url = format!("{}/notes", api.address);
    let demo = Program::demo(&["--call-api", &url]);
    let mut person = Person::new();
    person.open(demo.app());
    assert!(api.asked().is_empty(), "nobody is logged in");
    let page = person.log_in(&format!("{}/profile", demo.app()), "alice");
    assert!(page.text.contains("From the API") && page.text.contains("buy milk"), "{}", page.text);
    let session = person.fetch(&format!("{}/me", demo.app())).json();
    assert_eq!(session["api"]["status"], 200);
    assert_eq!(session["api"]["body"]["notes"][0], "buy milk");
    assert_eq!(api.asked(), ["/notes", "/notes"]);
}

#[test]
fn an_api_that_fails_breaks_no_page() {
    let sorry = Canned::new(|_, _, _| (500, "text/html", "<h1>sorry</h1>".to_owned()));
    let gone = format!("http://127.0.0.1:{}/", free_port());
    for (url, expected) in [(sorry.address.as_str(), "500"), (&gone, "network.unreachable")] {
        let demo = Program::demo(&["--call-api", url]);
        let mut person = Person::new();
        let page = person.log_in(&format!("{}/profile", demo.app()), "alice");
        assert_eq!(page.status, 200);
        assert!(page.text.contains("alice@example.org"), "{}", page.text);
        assert!(page.text.contains(expected), "{expected} in {}", page.text);
        assert!(!page.text.contains("<h1>sorry"), "escaped: {}", page.text);
    }
}

#[test]
fn a_token_that_an_api_echoes_is_not_shown() {
    let echo = Canned::new(|_, _, head| (200, "text/plain", head.to_owned()));
    let demo = Program::demo(&["--call-api", &echo.address]);
    let mut person = Person::new();
    let page = person.log_in(&format!("{}/profile", demo.app()), "alice");
    let session = person.fetch(&format!("{}/me", demo.app()));
    for text in [page.text, session.text] {
        assert!(text.contains("(access token)"), "{text}");
        assert!(!text.contains("eyJ"), "{text}");
    }
}

#[test]
fn each_route_lets_those_pass_who_have_what_it_asks_for() {
    let demo = Program::demo(&[]);
    let reader = minted(&demo, &json!({ "user": "bob", "scope": "notes:read" }));
    let editor = minted(&demo, &json!({ "user": "alice" }));
    let stranger = minted(&demo, &json!({ "sub": "a-stranger", "aud": "another-api" }));
    for (path, token, status, code) in [
        ("/api/me", &reader, 200, ""),
        ("/api/me", &editor, 200, ""),
        ("/api/notes", &reader, 200, ""),
        ("/api/notes", &editor, 403, "bearer.scope"),
        ("/api/editor", &reader, 403, "bearer.role"),
        ("/api/editor", &editor, 200, ""),
        ("/api/me", &stranger, 401, "access_token.audience"),
        ("/api/me", &"garbage".to_owned(), 401, "access_token.inactive"),
        ("/api/nothing", &editor, 404, ""),
    ] {
        let answer = ask(&demo, path, Some(token));
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert_eq!(answer.body["code"].as_str().unwrap_or_default(), code, "{path}");
    }
    let me = ask(&demo, "/api/me", Some(&reader));
    assert_eq!((&me.body["sub"], &me.body["iss"]), (&"bob".into(), &demo.issuer().into()));
    assert_eq!(me.header("cache-control"), "no-store");
}

#[test]
fn without_a_token_the_challenge_says_where_the_metadata_stand() {
    let demo = Program::demo(&[]);
    for path in ["/api/me", "/api/notes", "/api/editor"] {
        let answer = ask(&demo, path, None);
        assert_eq!((answer.status, &answer.body["code"]), (401, &"bearer.missing".into()));
        let metadata = format!("{}/.well-known/oauth-protected-resource/api", demo.app());
        let expected = format!("Bearer resource_metadata=\"{metadata}\"");
        assert_eq!(answer.header("www-authenticate"), expected);
    }
    let metadata = ask(&demo, "/.well-known/oauth-protected-resource/api", None).body;
    assert_eq!(metadata["resource"], format!("{}/api", demo.app()));
    assert_eq!(metadata["authorization_servers"], json!([demo.issuer()]));
    assert_eq!(metadata["scopes_supported"], json!(["notes:read"]));
    assert!(metadata["dpop_signing_alg_values_supported"].is_array());
}

#[test]
fn an_opaque_token_passes_by_the_providers_word() {
    let secret = ["--client-id", "web", "--client-secret", "a secret of the tests"];
    for client in [&secret[..], &[]] {
        let demo = Program::demo(client);
        let token = minted(&demo, &json!({ "user": "alice", "opaque": true }));
        let answer = ask(&demo, "/api/editor", Some(&token));
        assert_eq!((answer.status, &answer.body["sub"]), (200, &"alice".into()), "{client:?}");
        let other = minted(&demo, &json!({ "user": "alice", "opaque": true, "aud": "other" }));
        let refused = ask(&demo, "/api/me", Some(&other));
        assert_eq!(refused.body["code"], "access_token.audience");
    }
}

#[test]
fn a_bound_token_passes_with_a_proof_for_the_public_address() {
    let listen = format!("127.0.0.1:{}", free_port());
    let base = format!("http://localhost:{}", listen.rsplit(':').next().unwrap());
    let own = ["--listen", &listen, "--provider-listen", "127.0.0.1:0", "--base-url", &base];
    let demo = Program::start(&[&["demo"], &own[..]].concat());
    let key = DpopKey::generate();
    for opaque in [false, true] {
        let order = json!({ "user": "alice", "jkt": key.thumbprint(), "opaque": opaque });
        let token = minted(&demo, &order);
        let ask = |url: &str| {
            let proof = key.proof("GET", url).for_token(&token).sign();
            let request = agent().get(format!("http://{listen}/api/me"));
            let request = request.header("authorization", format!("DPoP {token}"));
            request.header("dpop", proof).call().unwrap().status().as_u16()
        };
        assert_eq!(ask(&format!("{base}/api/me")), 200, "opaque: {opaque}");
        assert_eq!(ask(&format!("http://{listen}/api/me")), 401, "not the public address");
        let plain = fetched(&format!("http://{listen}/api/me"), Some(&token));
        assert_eq!(plain.body["code"], "access_token.confirmation");
    }
}

#[test]
fn a_client_without_a_secret_asks_nobody_about_opaque_tokens() {
    let demo = Program::demo(&["--client-id", "spa", "--client-auth", "none"]);
    let token = minted(&demo, &json!({ "user": "alice", "opaque": true }));
    let refused = ask(&demo, "/api/me", Some(&token));
    assert_eq!((refused.status, &refused.body["code"]), (401, &"jws.malformed".into()));
    let token = minted(&demo, &json!({ "user": "alice" }));
    assert_eq!(ask(&demo, "/api/me", Some(&token)).status, 200);
}

#[test]
fn whoever_logs_in_may_use_the_own_api() {
    let listen = format!("127.0.0.1:{}", free_port());
    let url = format!("http://{listen}/api/me");
    let basis = ["demo", "--listen", &listen, "--provider-listen", "127.0.0.1:0"];
    for more in [&[][..], &["--audience", "notes"]] {
        let demo = Program::start(&[&basis[..], &["--call-api", &url], more].concat());
        let mut person = Person::new();
        person.log_in(&format!("{}/profile", demo.app()), "alice");
        let session = person.fetch(&format!("{}/me", demo.app())).json();
        assert_eq!(session["api"]["status"], 200, "{session}");
        assert_eq!(session["api"]["body"]["sub"], "alice");
        assert_eq!(session["api"]["body"]["aud"], more.get(1).copied().unwrap_or("api"));
        assert_eq!(demo.stop(), 0);
    }
}

#[test]
fn audiences_and_the_places_of_roles_are_those_that_were_set() {
    let demo = Program::demo(&[
        "--audience",
        "notes",
        "--audience",
        "https://notes.example",
        "--roles-claim",
        "/permissions",
        "--roles-claim",
        "/resource_access/notes/roles",
    ]);
    assert_eq!(demo.summary["audience"], json!(["notes", "https://notes.example"]));
    let of = |aud: &str, claims: Value| {
        let token = minted(&demo, &json!({ "sub": "somebody", "aud": aud, "claims": claims }));
        ask(&demo, "/api/editor", Some(&token)).status
    };
    let in_permissions = json!({ "permissions": ["editor"] });
    let of_client = json!({ "resource_access": { "notes": { "roles": ["editor"] } } });
    assert_eq!(of("notes", in_permissions.clone()), 200);
    assert_eq!(of("https://notes.example", of_client.clone()), 200);
    assert_eq!(of("api", of_client), 401);
    assert_eq!(of("notes", json!({ "roles": ["editor"] })), 403, "the usual places don't count");
    assert_eq!(of("notes", json!({ "permissions": { "editor": true } })), 403);
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let variables = [("COUNTERSIGN_AUDIENCE", "notes drafts"), ("COUNTERSIGN_ROLES_CLAIM", "")];
    let demo = Program::start_with(&["demo", "--listen", "127.0.0.1:0"], &variables, folder);
    assert_eq!(demo.summary["audience"], json!(["notes", "drafts"]));
    let token = minted(&demo, &json!({ "user": "alice" }));
    assert_eq!(ask(&demo, "/api/editor", Some(&token)).status, 200);
}

#[test]
fn the_clock_skew_counts_for_access_tokens_too() {
    let over = json!({ "user": "alice", "expires_in": -100 });
    for (skew, status) in [("60", 401), ("600", 200)] {
        let demo = Program::demo(&["--clock-skew", skew]);
        assert_eq!(ask(&demo, "/api/me", Some(&minted(&demo, &over))).status, status, "{skew}");
    }
}

#[test]
fn at_another_provider_the_api_is_called_by_its_address_unless_it_is_named() {
    let provider = Program::provider(&[]);
    let demo = Program::demo(&["--issuer", provider.issuer()]);
    let own = format!("{}/api", demo.app());
    let of = |demo: &Program, aud: &str| {
        ask(demo, "/api/me", Some(&minted(demo, &json!({ "sub": "somebody", "aud": aud }))))
    };
    assert_eq!(of(&demo, &own).status, 200);
    assert_eq!(of(&demo, "api").body["code"], "access_token.audience");
    let named = Program::demo(&["--issuer", provider.issuer(), "--audience", "api"]);
    assert_eq!(of(&named, "api").status, 200);
    assert_eq!(of(&named, &own).status, 401);
}

#[test]
fn a_provider_that_is_down_at_the_start_is_asked_once_it_is_up() {
    let listen = format!("127.0.0.1:{}", free_port());
    let issuer = format!("http://{listen}");
    let demo = Program::demo(&["--issuer", &issuer, "--audience", "api"]);
    for token in ["garbage", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA"] {
        let answer = ask(&demo, "/api/me", Some(token));
        assert_eq!((answer.status, &answer.body["error"]), (503, &"network.unreachable".into()));
        assert!(!answer.header("retry-after").is_empty());
    }
    let _provider = Program::start(&["provider", "--listen", &listen]);
    for opaque in [false, true] {
        let token = minted(&demo, &json!({ "user": "alice", "opaque": opaque }));
        in_time("a token passes", || {
            (ask(&demo, "/api/me", Some(&token)).status == 200).then_some(())
        });
    }
}

#[test]
fn what_is_no_such_route_is_told_in_json() {
    let demo = Program::demo(&[]);
    for path in ["/api", "/api/", "/api/nothing/here"] {
        let answer = ask(&demo, path, None);
        assert_eq!((answer.status, &answer.body["error"]), (404, &"not_found".into()), "{path}");
    }
    let token = format!("Bearer {}", minted(&demo, &json!({ "user": "alice" })));
    let request = agent().post(format!("{}/api/me", demo.app())).header("authorization", token);
    let mut response = request.send("").unwrap();
    assert_eq!(response.status(), 405);
    assert!(response.headers()["allow"].to_str().unwrap().contains("GET"));
    let body: Value = response.body_mut().read_json().unwrap();
    assert_eq!(body["error"], "method_not_allowed");
    assert_eq!(Person::new().fetch(&format!("{}/nothing", demo.app())).status, 404);
}

#[test]
fn below_a_path_the_api_knows_its_address() {
    let listen = format!("127.0.0.1:{}", free_port());
    let base = format!("http://{listen}/notes");
    let own = ["--listen", &listen, "--provider-listen", "127.0.0.1:0", "--base-url", &base];
    let demo = Program::start(&[&["demo"], &own[..]].concat());
    let token = minted(&demo, &json!({ "user": "alice" }));
    assert_eq!(ask(&demo, "/api/me", Some(&token)).status, 200);
    let address = format!("http://{listen}/.well-known/oauth-protected-resource/notes/api");
    let challenge = ask(&demo, "/api/me", None).header("www-authenticate");
    assert!(challenge.contains(&address), "{challenge}");
    assert_eq!(fetched(&address, None).body["resource"], format!("{base}/api"));
}

#[test]
fn no_token_that_comes_is_printed() {
    let mut demo = Program::demo(&["--verbose"]);
    let token = minted(&demo, &json!({ "user": "alice", "scope": "notes:read" }));
    assert_eq!(ask(&demo, "/api/notes", Some(&token)).status, 200);
    let mut wrong = token.clone();
    wrong.truncate(token.len() - 8);
    assert_eq!(ask(&demo, "/api/notes", Some(&wrong)).status, 401);
    let told = demo.end();
    assert!(!told.contains("eyJ"), "{told}");
}

#[test]
fn why_a_token_was_refused_is_told_on_the_terminal() {
    let mut demo = Program::demo(&[]);
    let token = minted(&demo, &json!({ "user": "alice", "aud": "another-api" }));
    assert_eq!(ask(&demo, "/api/me", Some(&token)).status, 401);
    let told = demo.end();
    assert!(told.contains("access_token.audience") && told.contains("another-api"), "{told}");
    assert!(told.contains("--audience"), "and what decides: {told}");
}

struct Answer {
    status: u16,
    headers: ureq::http::HeaderMap,
    body: Value,
}

impl Answer {
    /// The first line of this name, or nothing.
    fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        value.unwrap_or_default()
    }
}

/// Asks a route of the application.
fn ask(demo: &Program, path: &str, token: Option<&str>) -> Answer {
    fetched(&format!("{}{path}", demo.app()), token)
}

fn fetched(address: &str, token: Option<&str>) -> Answer {
    let mut request = agent().get(address);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut response = request.call().unwrap();
    let body = response.body_mut().read_to_string().unwrap();
    let body = serde_json::from_str(&body).unwrap_or_else(|why| panic!("{why}: {body}"));
    Answer { status: response.status().as_u16(), headers: response.headers().clone(), body }
}

/// A token of the demo's development provider.
fn minted(demo: &Program, order: &Value) -> String {
    let mint = format!("{}/dev/mint", demo.issuer());
    let request = agent().post(mint).header("content-type", "application/json");
    let mut response = request.send(order.to_string()).unwrap();
    let answer: Value = response.body_mut().read_json().unwrap();
    answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn agent() -> Agent {
    Agent::config_builder().max_redirects(0).http_status_as_error(false).build().into()
}
