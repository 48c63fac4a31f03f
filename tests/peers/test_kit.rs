//! Tokens and proofs of the test kit in front of an API library that nobody here wrote: the good ones are good
//! there, too, and the broken ones are broken.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use countersign_jose::Algorithm;
use countersign_test_kit::{Broken, BrokenProof, DpopKey, TestIssuer};
use serde::Deserialize;
use serde_json::{Value, json};

#[test]
fn good_tokens_and_proofs_pass_with_each_algorithm() {
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa] {
        let issuer = TestIssuer::new(ISSUER).with_algorithm(algorithm);
        let key = DpopKey::generate_for(algorithm);
        let plain =
            issuer.token("ada").audience(AUDIENCE).scope("notes:read").role("editor").sign();
        let bound = issuer.token("ada").audience(AUDIENCE).bound_to(&key).sign();
        let proof = key.proof("GET", ADDRESS).for_token(&bound).sign();
        let requests = [bearer(&plain), dpop(&bound, &proof), bearer(&bound), dpop(&plain, &proof)];
        let said = judge(&issuer, &requests);
        for good in &said[..2] {
            assert_eq!(good.subject.as_deref(), Some("ada"), "{algorithm}: {said:?}");
        }
        for bad in &said[2..] {
            assert!(bad.error.is_some(), "{algorithm}: {said:?}");
        }
    }
}

#[test]
fn broken_tokens_are_refused_but_for_what_that_library_leaves_to_others() {
    let issuer = TestIssuer::new(ISSUER);
    let token = |broken| issuer.token("ada").audience(AUDIENCE).broken(broken).sign();
    let requests: Vec<_> = Broken::ALL.into_iter().map(|broken| bearer(&token(broken))).collect();
    let said = judge(&issuer, &requests);
    let passed = Broken::ALL.iter().zip(&said).filter(|(_, said)| said.error.is_none());
    let passed: Vec<_> = passed.map(|(broken, _)| broken.name()).collect();
    // Scopes and roles are for its caller to read; in JSON it takes what JavaScript takes.
    let left = [
        "issued_in_future",
        "expiry_huge",
        "scope_of_wrong_type",
        "roles_of_wrong_type",
        "duplicate_claim",
        "deep_nesting",
    ];
    assert_eq!(passed, left, "{said:?}");
}

#[test]
fn broken_proofs_are_refused_but_for_what_that_library_leaves_to_others() {
    let issuer = TestIssuer::new(ISSUER);
    let key = DpopKey::generate();
    let token = issuer.token("ada").audience(AUDIENCE).bound_to(&key).sign();
    let proof = |broken| key.proof("GET", ADDRESS).for_token(&token).broken(broken).sign();
    let requests: Vec<_> =
        BrokenProof::ALL.into_iter().map(|broken| dpop(&token, &proof(broken))).collect();
    let said = judge(&issuer, &requests);
    let passed = BrokenProof::ALL.iter().zip(&said).filter(|(_, said)| said.error.is_none());
    let passed: Vec<_> = passed.map(|(broken, _)| broken.name()).collect();
    assert_eq!(passed, ["empty_id"], "{said:?}");
}

fn bearer(token: &str) -> Value {
    json!({ "authorization": format!("Bearer {token}") })
}

fn dpop(token: &str, proof: &str) -> Value {
    json!({ "authorization": format!("DPoP {token}"), "dpop": proof })
}

/// What the library says of requests with these headers.
fn judge(issuer: &TestIssuer, headers: &[Value]) -> Vec<Said> {
    let known = json!({ "issuer": ISSUER, "audience": AUDIENCE, "jwks": issuer.jwks() });
    let mut node = Command::new("node");
    node.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/node"));
    node.args(["judge.mjs", &known.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut node = node.spawn().expect("node is on the PATH: run `cargo xtask test peers`");
    let mut stdin = node.stdin.take().unwrap();
    for headers in headers {
        let request = json!({ "method": "GET", "url": ADDRESS, "headers": headers });
        writeln!(stdin, "{request}").unwrap();
    }
    drop(stdin);
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success(), "the judge failed, its words are above: {}", output.status);
    let lines = String::from_utf8(output.stdout).unwrap();
    let said: Vec<Said> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(said.len(), headers.len());
    said
}

#[derive(Debug, Deserialize)]
struct Said {
    subject: Option<String>,
    error: Option<String>,
}

const ISSUER: &str = "https://issuer.test";
const AUDIENCE: &str = "notes-api";
const ADDRESS: &str = "https://api.test/notes";
