use serde_json::{Value, json};

use super::minted;
use crate::support::canned::{Canned, bare_provider};
use crate::support::{Ended, Program, folder, run_fed, run_with};

fn provider() -> Program {
    Program::provider(&["--client", "api:s3cret-of-the-api=http://127.0.0.1:1/"])
}

fn introspect(issuer: &str, token: &str, more: &[&str]) -> Ended {
    run_fed(&[&["token", "introspect", "--issuer", issuer], more].concat(), token)
}

const CLIENT: [&str; 4] = ["--client-id", "api", "--client-secret", "s3cret-of-the-api"];

#[test]
fn a_token_is_shown_as_its_provider_knows_it() {
    let provider = provider();
    for more in [&[][..], &["--opaque"]] {
        let token = minted(&provider, &[&["--scope", "notes:read"], more].concat());
        let ended = introspect(provider.issuer(), &token, &CLIENT);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        for part in
            ["ACTIVE", "\"sub\": \"alice\"", "\"scope\": \"notes:read\"", "good for another"]
        {
            assert!(ended.stdout.contains(part), "{part} in {}", ended.stdout);
        }
        let ended = introspect(provider.issuer(), &token, &[&CLIENT[..], &["--json"]].concat());
        let found: Value = serde_json::from_str(&ended.stdout).expect(&ended.stderr);
        assert_eq!((&found["active"], &found["username"]), (&json!(true), &json!("alice")));
    }
}

#[test]
fn it_can_be_asked_by_the_token_itself_and_answered_with_a_signature() {
    let provider = provider();
    let token = minted(&provider, &["--opaque"]);
    let ended = introspect(provider.issuer(), &token, &["--bearer"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let ended = introspect(provider.issuer(), &token, &[&CLIENT[..], &["--signed"]].concat());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.contains("ACTIVE"), "{}", ended.stdout);
}

#[test]
fn a_token_that_is_not_active_is_refused() {
    let provider = provider();
    let over = minted(&provider, &["--expires-in", "-60"]);
    for token in [over.as_str(), "an-unknown-token-of-some-length"] {
        let ended = introspect(provider.issuer(), token, &[&CLIENT[..], &["--json"]].concat());
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        assert_eq!(ended.stdout.trim_end(), r#"{"active":false}"#);
        assert!(ended.stderr.contains("access_token.inactive"), "{}", ended.stderr);
        assert!(!ended.stderr.contains(token));
    }
}

#[test]
fn the_endpoint_can_be_named_and_must_be_if_it_is_not_announced() {
    let provider = bare_provider(|_| {});
    let ended = introspect(&provider.address, "token", &CLIENT);
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    assert!(ended.stderr.contains("--introspection-endpoint"), "{}", ended.stderr);

    let server = Canned::new(|_, _, _| (200, "application/json", r#"{"active":true}"#.to_owned()));
    let endpoint = format!("{}/ask", server.address);
    let more = [&CLIENT[..], &["--introspection-endpoint", &endpoint]].concat();
    assert_eq!(introspect("https://op.example", "token", &more).code, 0);
    assert_eq!(server.asked(), ["/ask"], "nothing else has to be known");
}

#[test]
fn answers_that_say_nothing_clear_are_not_taken_for_yes() {
    for (status, body) in [
        (200, r#"{"active":"true"}"#),
        (200, r#"{"sub":"alice"}"#),
        (200, "<html>"),
        (500, "{}"),
        (401, r#"{"error":"invalid_client"}"#),
        (302, ""),
    ] {
        let server = Canned::new(move |_, _, _| (status, "application/json", body.to_owned()));
        let more = [&CLIENT[..], &["--introspection-endpoint", &server.address]].concat();
        let ended = introspect("https://op.example", "some-token", &more);
        assert!(![0, 2, 70].contains(&ended.code), "{status} {body}: {}", ended.stderr);
        assert!(ended.stdout.is_empty());
    }
}

#[test]
fn a_plain_answer_is_refused_where_a_signed_one_was_wanted() {
    let server = bare_provider(|metadata| {
        let base = metadata["issuer"].as_str().unwrap().to_owned();
        metadata["introspection_endpoint"] = json!(format!("{base}/jwks"));
    });
    let ended = introspect(&server.address, "token", &[&CLIENT[..], &["--signed"]].concat());
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    assert!(ended.stderr.contains("signed"), "{}", ended.stderr);
}

#[test]
fn who_asks_must_be_said_and_secrets_may_stand_elsewhere() {
    let provider = provider();
    let token = minted(&provider, &[]);
    for more in [&[][..], &["--client-id", "api"], &["--client-secret", "lonely"]] {
        let ended = introspect(provider.issuer(), &token, more);
        assert_eq!(ended.code, 5, "{more:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("--client-id"), "{}", ended.stderr);
    }
    let variables = [("COUNTERSIGN_CLIENT_SECRET", "s3cret-of-the-api")];
    let arguments =
        ["token", "introspect", "--issuer", provider.issuer(), "--client-id", "api", &token];
    let ended = run_with(&arguments, &variables, &folder("introspect-by-variable"));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let wrong =
        introspect(provider.issuer(), &token, &["--client-id", "api", "--client-secret", "x"]);
    assert!(![0, 2].contains(&wrong.code), "{}", wrong.stderr);
}
