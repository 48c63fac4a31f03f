use std::net::TcpListener;

use serde_json::Value;

use crate::support::{Person, Program, folder, free_port, in_time, run};

#[test]
fn a_login_works_with_every_kind_of_provider_and_client() {
    let port = free_port();
    let client = format!("web:a secret of the tests=http://127.0.0.1:{port}/auth/callback");
    let provider = Program::provider(&["--client", &client]);
    let issuer = provider.issuer();
    let metadata = Person::new().fetch(&format!("{issuer}/.well-known/openid-configuration")).text;
    let file = folder("provider-metadata").join("metadata.json");
    std::fs::write(&file, metadata).unwrap();

    let providers = [["--issuer", issuer], ["--provider-metadata", file.to_str().unwrap()]];
    let clients = [vec![], vec!["--client-id", "web", "--client-secret", "a secret of the tests"]];
    for provider in &providers {
        for client in &clients {
            let listen = format!("127.0.0.1:{port}");
            let arguments = [&["demo", "--listen", &listen], &provider[..], &client[..]].concat();
            let demo = Program::start(&arguments);
            assert_eq!(demo.app(), format!("http://{listen}"));
            assert_eq!(demo.issuer(), issuer);
            let profile = Person::new().log_in(&format!("{}/profile", demo.app()), "alice");
            assert_eq!(profile.status, 200, "{arguments:?}: {}", profile.text);
            assert!(profile.text.contains("alice@example.org"), "{arguments:?}: {}", profile.text);
            assert_eq!(demo.stop(), 0);
        }
    }
}

#[test]
fn a_login_works_with_every_client_authentication() {
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/../jose/tests/vectors/p256_pkcs8.pem");
    // RFC 7515 appendix A.3.1.
    let jwk = r#"{"kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
    let file = folder("client-key").join("key.jwk");
    std::fs::write(&file, jwk).unwrap();
    let ways: [(&str, &[&str]); 6] = [
        ("none", &[]),
        ("client_secret_basic", &["--client-secret", "s3cret: with/odd+chars"]),
        ("client_secret_post", &["--client-secret", "s3cret: with/odd+chars"]),
        ("client_secret_jwt", &["--client-secret", "a secret that is long enough for HS256"]),
        ("private_key_jwt", &["--client-key", key]),
        ("private_key_jwt", &["--client-key", file.to_str().unwrap()]),
    ];
    for (method, credentials) in ways {
        let by_hand = [&["--client-id", "web", "--client-auth", method], credentials].concat();
        let by_itself: Vec<&str> = if method == "private_key_jwt" {
            [&["--client-auth", method], credentials].concat()
        } else {
            vec!["--client-auth", method]
        };
        for arguments in [by_hand, by_itself] {
            let demo = Program::demo(&arguments);
            let page = Person::new().log_in(&format!("{}/profile", demo.app()), "bob");
            assert!(page.text.contains("bob@example.org"), "{arguments:?}: {}", page.text);
        }
    }
}

#[test]
fn the_one_algorithm_of_id_tokens_is_asked_for_and_insisted_on() {
    let secret = ["--client-id", "web", "--client-secret", "a secret long enough for HS256, this"];
    for arguments in
        [[&secret[..], &["--id-token-alg", "HS256"]].concat(), vec!["--id-token-alg", "EdDSA"]]
    {
        let demo = Program::demo(&arguments);
        let page = Person::new().log_in(&format!("{}/profile", demo.app()), "alice");
        assert!(page.text.contains("alice@example.org"), "{arguments:?}: {}", page.text);
    }
    let port = free_port();
    let client = format!("web=http://127.0.0.1:{port}/auth/callback");
    let provider = Program::provider(&["--client", &client]);
    let listen = format!("127.0.0.1:{port}");
    let basis = ["demo", "--listen", &listen, "--issuer", provider.issuer(), "--client-id", "web"];
    let demo = Program::start(&[&basis[..], &["--id-token-alg", "ES256"]].concat());
    let page = Person::new().log_in(&format!("{}/profile", demo.app()), "alice");
    assert_eq!(page.status, 502, "{}", page.text);
    assert!(page.text.contains("jws.algorithm"), "{}", page.text);
}

#[test]
fn a_clock_that_differs_is_forgiven_as_far_as_was_said() {
    let provider = Program::provider(&[]);
    let request = ureq::post(format!("{}/dev/clock", provider.issuer()));
    request.header("content-type", "application/json").send(r#"{"advance": 300}"#).unwrap();
    for (skew, status) in [("60", 502), ("600", 200)] {
        let demo = Program::demo(&["--issuer", provider.issuer(), "--clock-skew", skew]);
        let page = Person::new().log_in(&format!("{}/profile", demo.app()), "alice");
        assert_eq!(page.status, status, "{skew}: {}", page.text);
        assert_eq!(page.text.contains("id_token.issued_at"), status == 502, "{}", page.text);
    }
}

#[test]
fn somebody_with_many_claims_logs_in() {
    let groups: Vec<String> = (0..300).map(|n| format!("cn=department-{n:03},ou=groups")).collect();
    let people =
        serde_json::json!({ "users": [{ "username": "big", "claims": { "groups": groups } }] });
    let file = folder("many-claims").join("people.json");
    std::fs::write(&file, people.to_string()).unwrap();
    let demo = Program::demo(&["--users", file.to_str().unwrap()]);
    let mut person = Person::new();
    let page = person.log_in(&format!("{}/profile", demo.app()), "big");
    assert!(page.text.contains("cn=department-299"), "{}", page.text);
    let session = person.fetch(&format!("{}/me", demo.app())).json();
    assert_eq!(session["userinfo"]["groups"].as_array().unwrap().len(), 300);
}

#[test]
fn the_session_as_json_says_all_but_the_tokens() {
    let demo = Program::demo(&["--scope", "openid email offline_access"]);
    let me = format!("{}/me", demo.app());
    let mut person = Person::new();
    let nobody = person.fetch(&me);
    assert_eq!(nobody.status, 401);
    assert_eq!(nobody.json()["error"], "session.required");
    assert!(nobody.json()["login"].as_str().unwrap().starts_with(demo.app()));

    person.log_in(&format!("{}/profile", demo.app()), "alice");
    let page = person.fetch(&me);
    assert_eq!((page.status, page.kind.as_str()), (200, "application/json"));
    let session = page.json();
    assert_eq!(session["sub"], "alice");
    assert_eq!(session["id_token"]["iss"], demo.issuer());
    assert_eq!(session["userinfo"]["email"], "alice@example.org");
    assert_eq!(session["scope"], "openid email offline_access");
    assert_eq!(session["refreshed"], 0);
    let (access, ends) = (&session["access_token_expires_at"], &session["session_expires_at"]);
    assert!(access.as_i64().unwrap() < ends.as_i64().unwrap(), "{session}");
    assert!(!page.text.contains("eyJ"), "no token: {}", page.text);
    assert!(!page.text.contains("\"access_token\"") && !page.text.contains("\"refresh_token\""));

    let profile = person.fetch(&format!("{}/profile", demo.app()));
    assert_eq!(profile.json(), session, "the profile says the same as JSON");
}

#[test]
fn a_program_without_a_session_gets_401_and_the_login_address() {
    let demo = Program::demo(&[]);
    let answer = Person::new().fetch(&format!("{}/profile", demo.app()));
    assert_eq!(answer.status, 401);
    assert!(answer.json()["login"].as_str().unwrap().contains("/auth/login"));
}

#[test]
fn a_posted_answer_logs_in_and_leaves_no_code_in_an_address() {
    let demo = Program::demo(&["--response-mode", "form_post"]);
    let mut person = Person::new();
    let page = person.log_in(&format!("{}/profile?tab=2", demo.app()), "carol");
    assert_eq!(page.url.as_str(), format!("{}/profile?tab=2", demo.app()));
    assert!(page.text.contains("Carol"), "{}", page.text);
    let codes = person.visited.iter().filter(|url| url.query().unwrap_or("").contains("code="));
    assert_eq!(codes.count(), 0);
}

#[test]
fn what_a_login_asks_for_reaches_the_provider() {
    let demo = Program::demo(&[
        "--auth-param",
        "resource=https://api.example",
        "--claims",
        r#"{"userinfo":{"phone_number":null}}"#,
        "--max-age",
        "300",
        "--acr-values",
        "mfa",
        "--logout-param",
        "revoke_tokens=1",
    ]);
    let mut person = Person::new();
    person.open(&format!("{}/profile", demo.app()));
    let asked = person.visited.iter().find(|url| url.path() == "/authorize").unwrap();
    let has = |name: &str, value: &str| {
        asked.query_pairs().any(|pair| pair == (name.into(), value.into()))
    };
    assert!(has("resource", "https://api.example"), "{asked}");
    assert!(has("claims", r#"{"userinfo":{"phone_number":null}}"#), "{asked}");
    assert!(has("max_age", "300") && has("acr_values", "mfa"), "{asked}");

    let page = person.log_in(&format!("{}/profile", demo.app()), "alice");
    assert!(page.text.contains("+44 20 7946 0001"), "{}", page.text);
    person.visited.clear();
    person.open(&format!("{}/auth/logout", demo.app()));
    let left = person.visited.iter().find(|url| url.path() == "/logout").unwrap();
    assert!(left.query().unwrap().contains("revoke_tokens=1"), "{left}");
}

#[test]
fn a_logout_ends_the_session_and_says_so() {
    let demo = Program::demo(&[]);
    let mut person = Person::new();
    person.log_in(&format!("{}/profile", demo.app()), "alice");
    let page = person.post(&format!("{}/auth/logout", demo.app()), &[]);
    assert_eq!(page.url.path(), "/auth/logged-out");
    assert!(page.text.contains("You are signed out"), "{}", page.text);
    assert_eq!(person.fetch(&format!("{}/me", demo.app())).status, 401);
    assert!(person.open(demo.app()).text.contains("Nobody is signed in"));
}

#[test]
fn a_session_is_confirmed_unseen_after_the_interval() {
    let demo = Program::demo(&["--session-refresh-interval", "1"]);
    let profile = format!("{}/profile", demo.app());
    let mut person = Person::new();
    person.log_in(&profile, "alice");
    let session = in_time("a silent login", || {
        let page = person.open(&profile);
        assert_eq!(page.url.as_str(), profile);
        let session = person.fetch(&format!("{}/me", demo.app())).json();
        (session["refreshed"] != 0).then_some(session)
    });
    assert_eq!(session["sub"], "alice");
    assert!(person.visited.iter().any(|url| url.query().unwrap_or("").contains("prompt=none")));
}

#[test]
fn metrics_count_logins_failures_and_logouts() {
    let demo = Program::demo(&[]);
    let mut person = Person::new();
    person.log_in(&format!("{}/profile", demo.app()), "alice");
    person.open(&format!("{}/auth/logout", demo.app()));
    let mut other = Person::new();
    other.open(&format!("{}/auth/callback?error=access_denied&state=unknown", demo.app()));
    let text = person.fetch(&format!("{}/metrics", demo.app())).text;
    for line in [
        "countersign_logins_completed_total 1",
        "countersign_logouts_total 1",
        "countersign_logins_failed_total{code=\"login.unknown_state\"} 1",
        "# TYPE countersign_logins_started_total counter",
    ] {
        assert!(text.lines().any(|own| own == line), "{line} in {text}");
    }
}

#[test]
fn the_start_page_shows_who_can_log_in_and_who_did() {
    let demo = Program::demo(&[]);
    let mut person = Person::new();
    let page = person.open(demo.app());
    assert!(page.text.contains("Nobody is signed in") && page.text.contains("Carol Çelik"));
    for link in [
        "/profile",
        "/me",
        "/api/me",
        "/api/notes",
        "/auth/login",
        "/healthz",
        "/readyz",
        "/metrics",
    ] {
        assert!(page.text.contains(&format!("href=\"{link}")), "{link} in {}", page.text);
    }
    person.log_in(&format!("{}/profile", demo.app()), "carol");
    assert!(person.open(demo.app()).text.contains("Hello, Carol Çelik"));
    let users = demo.summary["users"].as_array().unwrap();
    let names: Vec<&Value> = users.iter().map(|user| &user["username"]).collect();
    assert_eq!(names, ["alice", "bob", "carol"]);
    assert_eq!(users[0]["password"], "password");
}

#[test]
fn below_a_path_everything_works_with_and_without_it() {
    let port = free_port();
    let base = format!("http://127.0.0.1:{port}/notes");
    let listen = format!("127.0.0.1:{port}");
    let demo = Program::start(&[
        "demo",
        "--listen",
        &listen,
        "--provider-listen",
        "127.0.0.1:0",
        "--base-url",
        &base,
    ]);
    assert_eq!(demo.app(), base);
    let mut person = Person::new();
    let page = person.log_in(&format!("{base}/profile"), "alice");
    assert_eq!(page.url.as_str(), format!("{base}/profile"));
    assert!(page.text.contains("href=\"/notes/assets/style.css\""), "{}", page.text);
    assert_eq!(person.fetch(&format!("{base}/assets/style.css")).status, 200);
    for start in [&base, &format!("{base}/")] {
        assert!(person.open(start).text.contains("Hello, Alice"), "{start}");
    }
    // As a proxy asks that takes the path away.
    assert_eq!(person.open(&format!("http://127.0.0.1:{port}/healthz")).status, 200);
}

#[test]
fn a_provider_that_is_down_at_the_start_is_used_once_it_is_up() {
    let listen = format!("127.0.0.1:{}", free_port());
    let issuer = format!("http://{listen}");
    let mut demo = Program::demo(&["--issuer", &issuer]);
    let mut person = Person::new();
    assert_eq!(person.fetch(&format!("{}/healthz", demo.app())).status, 200);
    let ready = person.fetch(&format!("{}/readyz", demo.app()));
    assert_eq!((ready.status, &ready.json()["error"]), (503, &"network.unreachable".into()));
    let page = person.open(&format!("{}/profile", demo.app()));
    assert_eq!(page.status, 503);
    assert!(page.text.contains("network."), "the page names the code: {}", page.text);

    let _provider = Program::start(&["provider", "--listen", &listen]);
    let up = || (person.fetch(&format!("{}/readyz", demo.app())).status == 200).then_some(());
    in_time("readiness", {
        let mut up = up;
        move || up()
    });
    let page = Person::new().log_in(&format!("{}/profile", demo.app()), "alice");
    assert!(page.text.contains("alice@example.org"));
    let told = demo.end();
    assert!(told.contains("The provider can't be used yet: network.unreachable"), "{told}");
}

#[test]
fn a_port_that_is_taken_is_named_with_what_to_type() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (arguments, flag) in [
        (["--listen", &address, "--provider-listen", "127.0.0.1:0"], "--listen"),
        (["--listen", "127.0.0.1:0", "--provider-listen", &address], "--provider-listen"),
    ] {
        let ended = run(&[&["demo"], &arguments[..]].concat());
        assert_eq!(ended.code, 5, "{}", ended.stderr);
        assert!(ended.stderr.contains(&format!("{address} is taken")), "{}", ended.stderr);
        assert!(ended.stderr.contains(&format!("{flag} 127.0.0.1:0")), "{}", ended.stderr);
    }
}

#[test]
fn a_request_to_stop_is_followed_with_exit_code_0() {
    assert_eq!(Program::demo(&[]).stop(), 0);
    assert_eq!(Program::provider(&[]).stop(), 0);
}

#[test]
fn sessions_outlive_the_process_with_a_secret_file_and_only_then() {
    let provider = Program::provider(&[]);
    let listen = format!("127.0.0.1:{}", free_port());
    let file = folder("secret-file").join("cookie-secrets");
    std::fs::write(&file, "# newest first\na-secret-of-32-characters-or-more-1\n").unwrap();
    let basis = ["demo", "--listen", &listen, "--issuer", provider.issuer()];
    for (more, status) in [(vec!["--secret-file", file.to_str().unwrap()], 200), (vec![], 401)] {
        let arguments = [&basis[..], &more].concat();
        let mut person = Person::new();
        let demo = Program::start(&arguments);
        person.log_in(&format!("{}/profile", demo.app()), "alice");
        assert_eq!(demo.stop(), 0);
        let again = Program::start(&arguments);
        assert_eq!(person.fetch(&format!("{}/me", again.app())).status, status);
    }
}

#[test]
fn nothing_that_is_printed_holds_a_secret_a_token_or_a_code() {
    let mut demo = Program::demo(&[
        "--verbose",
        "--client-id",
        "web",
        "--client-secret",
        "Un1que-s3cret",
        "--scope",
        "openid email offline_access",
    ]);
    let mut person = Person::new();
    person.log_in(&format!("{}/profile", demo.app()), "alice");
    person.open(&format!("{}/auth/callback?code=another-c0de&state=unknown", demo.app()));
    let code = person.visited.iter().flat_map(|url| url.query_pairs().into_owned());
    let codes: Vec<String> =
        code.filter(|(name, _)| name == "code").map(|(_, value)| value).collect();
    assert!(codes.len() >= 2, "{:?}", person.visited);
    let told = demo.end();
    assert!(told.contains("the provider answered"), "it does tell something: {told}");
    for secret in codes.iter().map(String::as_str).chain(["Un1que-s3cret", "eyJ"]) {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
}

#[test]
fn a_logout_at_the_provider_signs_people_out_of_the_demo() {
    let known = ["--client-id", "web", "--client-secret", "a secret of the tests"];
    for arguments in [&[][..], &known] {
        let demo = Program::demo(arguments);
        let mut alice = Person::new();
        alice.log_in(&format!("{}/profile", demo.app()), "alice");
        let asked = alice.open(&format!("{}/logout", demo.issuer()));
        alice.submit(&asked);
        // The provider tells it behind the browser's back, in its own time.
        in_time("the demo hears of the logout", || {
            let metrics = alice.fetch(&format!("{}/metrics", demo.app()));
            metrics.text.contains("countersign_provider_logouts_total 1").then_some(())
        });
        assert_eq!(alice.fetch(&format!("{}/me", demo.app())).status, 401, "{arguments:?}");
    }
}
