use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::support::canned::{Canned, bare_provider};
use crate::support::{Ended, Program, folder, free_port, run};

const CALLBACK: &str = "http://127.0.0.1:4711/callback";

fn provider_with_client() -> Program {
    Program::provider(&["--client", &format!("web:s3cret-of-web={CALLBACK}")])
}

fn found(ended: &Ended) -> Vec<Value> {
    let report: Value = serde_json::from_str(&ended.stdout)
        .unwrap_or_else(|why| panic!("{why}: {} {}", ended.stdout, ended.stderr));
    let sections = report["providers"].as_array().unwrap().iter();
    sections.flat_map(|section| section["findings"].as_array().unwrap().clone()).collect()
}

fn of(findings: &[Value], check: &str) -> Value {
    let found = findings.iter().find(|finding| finding["check"] == check);
    found.unwrap_or_else(|| panic!("{check} in {findings:#?}")).clone()
}

fn doctor(issuer: &str, more: &[&str]) -> Ended {
    run(&[&["doctor", issuer, "--json"], more].concat())
}

#[test]
fn a_good_configuration_is_called_well() {
    let provider = provider_with_client();
    let client =
        ["--client-id", "web", "--client-secret", "s3cret-of-web", "--redirect-uri", CALLBACK];
    let ended = doctor(provider.issuer(), &client);
    assert_eq!(ended.code, 0, "{} {}", ended.stdout, ended.stderr);
    let findings = found(&ended);
    for check in
        ["issuer", "clock", "keys", "id_token_alg", "pkce", "scope", "client_auth", "redirect_uri"]
    {
        assert_eq!(of(&findings, check)["level"], "ok", "{check}");
    }
    assert_eq!(of(&findings, "login")["level"], "ok", "the provider knows client and address");
    assert_eq!(of(&findings, "client")["level"], "ok", "the secret was tried");
    assert!(!ended.stdout.contains("s3cret-of-web"));

    let ended = run(&[&["doctor", provider.issuer()], &client[..]].concat());
    assert!(ended.stdout.contains("0 wrong"), "{}", ended.stdout);
    assert!(ended.stdout.contains("the provider takes the client's authentication"));
}

#[test]
fn a_wrong_secret_is_found_before_a_person_finds_it() {
    let provider = provider_with_client();
    let ended = doctor(
        provider.issuer(),
        &["--client-id", "web", "--client-secret", "another-secret", "--redirect-uri", CALLBACK],
    );
    assert_eq!(ended.code, 5, "{}", ended.stdout);
    let client = of(&found(&ended), "client");
    assert_eq!(client["level"], "wrong");
    assert!(client["message"].as_str().unwrap().contains("invalid_client"), "{client}");
    assert!(client["setting"].as_str().unwrap().contains("--client-secret"));
    assert!(!ended.stdout.contains("another-secret") && !ended.stderr.contains("another-secret"));
}

#[test]
fn a_redirect_uri_that_is_not_registered_is_found() {
    let provider = provider_with_client();
    let uri = "http://127.0.0.1:4711/callback/";
    let ended = doctor(
        provider.issuer(),
        &["--client-id", "web", "--client-secret", "s3cret-of-web", "--redirect-uri", uri],
    );
    assert_eq!(ended.code, 5, "{}", ended.stdout);
    let login = of(&found(&ended), "login");
    assert_eq!(login["level"], "wrong");
    assert!(login["message"].as_str().unwrap().contains(uri), "{login}");
}

#[test]
fn a_redirect_uri_that_can_not_be_one_is_named() {
    let provider = bare_provider(|_| {});
    for (uri, why) in [
        ("http://app.example/callback", "in the clear"),
        ("https://app.example/callback#there", "fragment"),
        ("/callback", "absolute"),
        ("https://*.app.example/callback", "placeholders"),
        ("https://me:hunter2@app.example/callback", "user name"),
    ] {
        let ended = doctor(&provider.address, &["--passive", "--redirect-uri", uri]);
        let finding = of(&found(&ended), "redirect_uri");
        assert_eq!(finding["level"], "wrong", "{uri}");
        assert!(finding["message"].as_str().unwrap().contains(why), "{finding}");
    }
}

#[test]
fn a_slash_too_many_in_the_issuer_is_told() {
    let provider = Program::provider(&[]);
    let ended = doctor(&format!("{}/", provider.issuer()), &[]);
    assert_eq!(ended.code, 5, "{}", ended.stdout);
    let issuer = of(&found(&ended), "issuer");
    assert_eq!(issuer["level"], "wrong");
    assert!(issuer["change"].as_str().unwrap().contains(provider.issuer()));
}

#[test]
fn a_provider_that_is_down_does_not_hide_what_else_is_wrong() {
    let nowhere = format!("http://127.0.0.1:{}", free_port());
    let ended = doctor(&nowhere, &["--redirect-uri", CALLBACK]);
    assert_eq!(ended.code, 4, "{}", ended.stdout);
    assert_eq!(of(&found(&ended), "discovery")["fault"], "network");

    let ended = doctor(&nowhere, &["--redirect-uri", "http://app.example/callback"]);
    assert_eq!(ended.code, 5, "the worst fault decides: {}", ended.stdout);
}

#[test]
fn what_the_provider_lacks_is_told() {
    let provider = bare_provider(|metadata| {
        metadata["code_challenge_methods_supported"] = json!(["plain"]);
        metadata["scopes_supported"] = json!(["openid"]);
        metadata["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt"]);
        metadata["id_token_signing_alg_values_supported"] = json!(["none", "ES256"]);
        metadata["response_types_supported"] = json!(["id_token"]);
    });
    let more = ["--client-id", "web", "--client-secret", "s3cret", "--id-token-alg", "RS256"];
    let ended = doctor(&provider.address, &more);
    let findings = found(&ended);
    for (check, level) in [
        ("pkce", "warning"),
        ("scope", "warning"),
        ("client_auth", "wrong"),
        ("id_token_alg", "wrong"),
        ("keys", "wrong"),
        ("response_type", "wrong"),
        ("logout", "warning"),
        ("endpoints", "warning"),
    ] {
        assert_eq!(of(&findings, check)["level"], level, "{check}: {findings:#?}");
    }
    assert_eq!(ended.code, 5);
}

#[test]
fn a_client_that_can_not_register_itself_is_told() {
    let provider = bare_provider(|_| {});
    let registration = of(&found(&doctor(&provider.address, &[])), "registration");
    assert_eq!(registration["level"], "wrong");
    assert_eq!(registration["setting"], "--client-id");
}

#[test]
fn clocks_that_are_apart_are_told() {
    let provider = Canned::new(|base, path, _| {
        let date = httpdate_in(SystemTime::now() + Duration::from_secs(300));
        let kind: &'static str = format!("application/json\r\ndate: {date}").leak();
        let metadata = json!({
            "issuer": base,
            "authorization_endpoint": format!("{base}/authorize"),
            "token_endpoint": format!("{base}/token"),
            "jwks_uri": format!("{base}/jwks"),
        });
        let body = if path == "/jwks" { json!({ "keys": [] }) } else { metadata };
        (200, kind, body.to_string())
    });
    let clock = of(&found(&doctor(&provider.address, &["--passive"])), "clock");
    assert_eq!(clock["level"], "wrong");
    let message = clock["message"].as_str().unwrap();
    assert!(message.contains("ahead of this machine's"), "{message}");
    let wide = doctor(&provider.address, &["--passive", "--clock-skew", "400"]);
    assert_eq!(of(&found(&wide), "clock")["level"], "ok");
}

#[test]
fn passive_asks_for_metadata_and_keys_only() {
    let provider = bare_provider(|_| {});
    let client = ["--client-id", "web", "--client-secret", "x", "--redirect-uri", CALLBACK];
    doctor(&provider.address, &[&client[..], &["--passive"]].concat());
    assert_eq!(provider.asked(), ["/.well-known/openid-configuration", "/jwks"]);
}

#[test]
fn without_a_provider_it_says_how_to_name_one() {
    let ended = run(&["doctor"]);
    assert_eq!(ended.code, 5);
    assert!(ended.stderr.contains("--client-secrets or --flask"), "{}", ended.stderr);
    let ended = doctor("http://login.example.com", &[]);
    assert_eq!(ended.code, 5);
    assert_eq!(of(&found(&ended), "issuer")["level"], "wrong");
}

/// An interpreter that knows one answer.
fn interpreter(name: &str, answer: &str) -> String {
    let file = folder(name).join("python");
    std::fs::write(&file, format!("#!/bin/sh\ncat <<'END'\n{answer}\nEND\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_flask_application_is_asked_and_its_provider_looked_at() {
    let provider = provider_with_client();
    let told = json!({
        "application": "app:app",
        "findings": [{ "check": "SECRET_KEY", "level": "warning", "message": "short" }],
        "differences": [{
            "package": "flask_oidc", "name": "An unsigned ID token", "before": "status 500",
            "after": "status 401", "switch": "",
        }],
        "providers": [{
            "issuer": provider.issuer(), "client_id": "web", "client_auth": "client_secret_post",
            "redirect_uris": [CALLBACK], "scope": "openid email",
        }],
    });
    let python = interpreter("doctor-flask", &told.to_string());
    let ended = run(&["doctor", "--flask", "app:app", "--python", &python]);
    assert_eq!(ended.code, 0, "{} {}", ended.stdout, ended.stderr);
    for text in
        ["Application app:app", "SECRET_KEY", "An unsigned ID token", "status 401", CALLBACK]
    {
        assert!(ended.stdout.contains(text), "{text} in {}", ended.stdout);
    }
    assert!(ended.stdout.contains("the provider knows the client"), "{}", ended.stdout);
    let ended = run(&["doctor", "--flask", "app:app", "--python", &python, "--json"]);
    assert_eq!(of(&found(&ended), "client_auth")["level"], "ok");
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(report["application"]["differences"][0]["after"], "status 401");
}

#[test]
fn what_is_wrong_with_a_flask_application_decides_the_exit_code() {
    let told = json!({
        "application": "app:app",
        "findings": [{
            "check": "SECRET_KEY", "level": "wrong", "message": "missing", "fault": "setup",
        }],
    });
    let python = interpreter("doctor-flask-wrong", &told.to_string());
    let ended = run(&["doctor", "--flask", "app:app", "--python", &python]);
    assert_eq!(ended.code, 5, "{} {}", ended.stdout, ended.stderr);
}

#[test]
fn an_interpreter_without_our_package_is_explained() {
    let python = interpreter("doctor-flask-none", "");
    let ended = run(&["doctor", "--flask", "app:app", "--python", &python]);
    assert_eq!(ended.code, 5);
    assert!(ended.stderr.contains("pip install countersign-oidc"), "{}", ended.stderr);
    let ended = run(&["doctor", "--flask", "app:app", "--python", "/nowhere/python"]);
    assert_eq!(ended.code, 5);
    assert!(ended.stderr.contains("--python /nowhere/python"), "{}", ended.stderr);
}

/// IMF-fixdate by way of the system's `date`, which is no code of ours.
fn httpdate_in(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let mut date = std::process::Command::new("date");
    let date = date.args(["-u", "-d", &format!("@{seconds}"), "+%a, %d %b %Y %H:%M:%S GMT"]);
    String::from_utf8(date.env("LC_ALL", "C").output().unwrap().stdout).unwrap().trim().to_owned()
}
