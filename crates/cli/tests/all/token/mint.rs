use serde_json::Value;

use crate::support::canned::bare_provider;
use crate::support::{Program, run};

fn claims(token: &str) -> Value {
    let ended = run(&["token", "decode", "--json", token]);
    let json: Value = serde_json::from_str(&ended.stdout).expect(&ended.stderr);
    json["claims"].clone()
}

#[test]
fn a_token_of_the_running_provider_is_all_that_is_printed() {
    let provider = Program::provider(&[]);
    let at = ["token", "mint", "--issuer", provider.issuer()];
    let ended = run(&at);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let found = claims(ended.stdout.trim_end());
    assert_eq!((&found["sub"], &found["aud"]), (&"alice".into(), &"api".into()));
    assert_eq!(found["iss"], provider.issuer());

    let more = [
        "--user",
        "bob",
        "--scope",
        "notes:read",
        "--audience",
        "a",
        "--audience",
        "b",
        "--role",
        "editor",
        "--claims",
        r#"{"acr": "mfa", "jti": null}"#,
        "--expires-in",
        "-60",
    ];
    let ended = run(&[&at[..], &more].concat());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let found = claims(ended.stdout.trim_end());
    assert_eq!((&found["sub"], &found["scope"]), (&"bob".into(), &"notes:read".into()));
    assert_eq!(found["aud"], serde_json::json!(["a", "b"]));
    assert_eq!(found["realm_access"]["roles"], serde_json::json!(["editor"]));
    assert_eq!((&found["acr"], found.get("jti")), (&"mfa".into(), None));
    assert!(found["exp"].as_i64() <= found["iat"].as_i64());

    let ended = run(&[&at[..], &["--subject", "robot", "--opaque", "--json"]].concat());
    let answer: Value = serde_json::from_str(&ended.stdout).expect(&ended.stderr);
    assert_eq!(answer["token_type"], "Bearer");
    assert!(!answer["access_token"].as_str().unwrap().contains('.'));
}

#[test]
fn an_unknown_person_is_told_with_those_that_are_known() {
    let provider = Program::provider(&[]);
    let ended = run(&["token", "mint", "--issuer", provider.issuer(), "--user", "nobody"]);
    assert_eq!(ended.code, 5);
    assert!(ended.stderr.contains("alice, bob, carol"), "{}", ended.stderr);
}

#[test]
fn without_a_provider_it_says_how_to_start_one() {
    // Nobody listens on this port.
    let issuer = "http://127.0.0.1:1";
    let ended = run(&["token", "mint", "--issuer", issuer]);
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    for part in ["network.unreachable", "countersign provider", "--issuer", issuer] {
        assert!(ended.stderr.contains(part), "{part} in {}", ended.stderr);
    }
}

#[test]
fn another_provider_is_never_asked_to_mint() {
    let provider = bare_provider(|_| {});
    let ended = run(&["token", "mint", "--issuer", &provider.address]);
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    assert!(ended.stderr.contains("no development provider"), "{}", ended.stderr);
    assert_eq!(provider.asked(), ["/.well-known/openid-configuration"]);
}

#[test]
fn what_a_mint_answers_is_not_believed() {
    for (answer, code) in [
        ("<html>", 5),
        (r#"{"access_token": "with space"}"#, 5),
        (r#"{"access_token": 7}"#, 5),
        (r#"{"error": "server_error"}"#, 5),
    ] {
        let provider = crate::support::canned::Canned::new(move |base, path, _| {
            let metadata = serde_json::json!({
                "issuer": base, "authorization_endpoint": format!("{base}/a"),
                "token_endpoint": format!("{base}/t"), "jwks_uri": format!("{base}/jwks"),
                "countersign_dev_mint_endpoint": format!("{base}/mint"),
            });
            match path {
                "/mint" => (200, "application/json", answer.to_owned()),
                _ => (200, "application/json", metadata.to_string()),
            }
        });
        let ended = run(&["token", "mint", "--issuer", &provider.address]);
        assert_eq!((ended.code, ended.stdout.as_str()), (code, ""), "{answer}: {}", ended.stderr);
    }
}

#[test]
fn claims_that_are_no_object_are_refused_before_anybody_is_asked() {
    for claims in ["[]", "{", "{\"a\": 1, \"a\": 2}"] {
        let ended = run(&["token", "mint", "--issuer", "http://127.0.0.1:1", "--claims", claims]);
        assert_eq!(ended.code, 5, "{}", ended.stderr);
        assert!(ended.stderr.contains("--claims"), "{}", ended.stderr);
    }
}
