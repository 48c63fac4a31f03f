use std::sync::{Arc, OnceLock};

use countersign_test_kit::{Broken, DpopKey, TestIssuer};
use serde_json::{Value, json};

use super::minted;
use crate::support::canned::Canned;
use crate::support::{Ended, Program, run, run_fed};

/// An issuer that publishes its keys.
struct Published {
    issuer: Arc<OnceLock<TestIssuer>>,
    server: Canned,
}

impl Published {
    fn new() -> Self {
        let issuer: Arc<OnceLock<TestIssuer>> = Arc::default();
        let own = Arc::clone(&issuer);
        let server = Canned::new(move |_, path, _| {
            let issuer = own.get().unwrap();
            let document = match path {
                "/jwks" => issuer.jwks(),
                _ => issuer.metadata(),
            };
            (200, "application/json", Value::Object(document).to_string())
        });
        issuer.set(TestIssuer::new(&server.address)).unwrap();
        Self { issuer, server }
    }

    fn issuer(&self) -> &TestIssuer {
        self.issuer.get().unwrap()
    }

    fn verify(&self, token: &str, more: &[&str]) -> Ended {
        let at = ["token", "verify", "--issuer", &self.server.address, "--audience", "api"];
        run_fed(&[&at[..], more].concat(), token)
    }
}

#[test]
fn a_good_token_passes_with_what_is_asked_of_it() {
    let provider = Program::provider(&[]);
    let token = minted(&provider, &["--scope", "notes:read notes:write"]);
    let at = ["token", "verify", "--issuer", provider.issuer(), "--audience", "api"];
    let more = ["--scope", "notes:read", "--role", "editor", "--rfc9068", &token];
    let ended = run(&[&at[..], &more].concat());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    for part in ["GOOD", provider.issuer(), "\"sub\": \"alice\"", "good for another"] {
        assert!(ended.stdout.contains(part), "{part} in {}", ended.stdout);
    }
    let ended = run(&[&at[..], &more, &["--json"]].concat());
    let found: Value = serde_json::from_str(&ended.stdout).expect(&ended.stderr);
    assert_eq!((&found["verified"], &found["sub"]), (&json!(true), &json!("alice")));
    assert!(found["roles"].as_array().unwrap().contains(&json!("editor")));
}

#[test]
fn every_broken_token_is_refused_with_its_code_and_not_shown() {
    let published = Published::new();
    let good = published.issuer().token("alice").scope("notes:read").role("editor");
    let more = ["--scope", "notes:read", "--role", "editor"];
    assert_eq!(published.verify(&good.sign(), &more).code, 0);
    for broken in Broken::ALL {
        let token = good.clone().broken(broken).sign();
        let ended = published.verify(&token, &more);
        assert_eq!(ended.code, 2, "{broken}: {}", ended.stderr);
        let told = format!("error: {}: ", broken.code());
        assert!(ended.stderr.contains(&told), "{broken}: {}", ended.stderr);
        assert!(!ended.stderr.contains("eyJ") && ended.stdout.is_empty(), "{broken}");
    }
}

#[test]
fn what_a_token_lacks_is_named_with_what_helps() {
    let published = Published::new();
    let token = published.issuer().token("alice").scope("notes:read").roles_at("/own", ["x"]);
    let token = token.sign();
    for (more, code, part) in [
        (&["--scope", "notes:read notes:write"][..], "bearer.scope", "notes:write"),
        (&["--role", "editor"], "bearer.role", "--roles-claim"),
        (&["--role", "editor", "--roles-claim", "/own"], "bearer.role", "/own"),
    ] {
        let ended = published.verify(&token, more);
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        assert!(ended.stderr.contains(code) && ended.stderr.contains(part), "{}", ended.stderr);
    }
    assert_eq!(published.verify(&token, &["--role", "x", "--roles-claim", "/own"]).code, 0);
    let other = published.issuer().token("alice").audience("other").sign();
    let ended = published.verify(&other, &[]);
    assert!(ended.stderr.contains("--audience"), "{}", ended.stderr);
}

#[test]
fn the_profile_and_the_skew_are_what_they_are_set_to() {
    let published = Published::new();
    let issuer = published.issuer();
    let plain = issuer.token("alice").header("typ", "JWT").sign();
    assert_eq!(published.verify(&plain, &[]).code, 0);
    let ended = published.verify(&plain, &["--rfc9068"]);
    assert!(ended.stderr.contains("access_token.profile"), "{}", ended.stderr);
    let over = issuer.token("alice").broken(Broken::Expired).sign();
    assert_eq!(published.verify(&over, &["--clock-skew", "7200"]).code, 0);
}

#[test]
fn a_bound_token_does_not_pass_as_a_plain_one() {
    let published = Published::new();
    let token = published.issuer().token("alice").bound_to(&DpopKey::generate()).sign();
    let ended = published.verify(&token, &[]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("access_token.confirmation"), "{}", ended.stderr);
}

#[test]
fn an_opaque_token_and_an_absent_provider_are_told_apart_from_a_bad_token() {
    let published = Published::new();
    let ended = published.verify("an-opaque-token", &[]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("introspect"), "{}", ended.stderr);

    let token = TestIssuer::new("http://127.0.0.1:1").token("alice").sign();
    let at = ["token", "verify", "--audience", "api", "--issuer"];
    let ended = run(&[&at[..], &["http://127.0.0.1:1", &token]].concat());
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert!(ended.stderr.contains("network.unreachable"), "{}", ended.stderr);
    let ended = run(&[&at[..], &["http://issuer.example", &token]].concat());
    assert_eq!(ended.code, 5, "{}", ended.stderr);
}

#[test]
fn what_decides_must_be_set() {
    for arguments in [
        &["token", "verify", "--issuer", "https://op.example"][..],
        &["token", "verify", "--audience", "api"],
        &[
            "token",
            "verify",
            "--issuer",
            "https://op.example",
            "--audience",
            "api",
            "--roles-claim",
            "roles",
        ],
    ] {
        let ended = run_fed(arguments, "eyJ.eyJ.x");
        assert_eq!(ended.code, 5, "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains("--"), "{}", ended.stderr);
    }
}
