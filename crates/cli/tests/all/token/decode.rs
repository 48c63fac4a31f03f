use std::time::Duration;

use countersign_test_kit::{Broken, TestIssuer, UnixTime};
use serde_json::Value;

use crate::support::{run, run_fed};

fn issuer() -> TestIssuer {
    TestIssuer::new("https://issuer.test")
}

#[test]
fn a_token_is_shown_with_its_times_and_called_unverified() {
    let issuer = issuer();
    let token = issuer.token("alice").scope("notes:read").sign();
    let ended = run(&["token", "decode", &token]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    for part in [
        "UNVERIFIED",
        "\"alg\": \"ES256\"",
        "\"sub\": \"alice\"",
        " GMT",
        "issued ",
        "good for another 59 minutes",
    ] {
        assert!(ended.stdout.contains(part), "{part} in {}", ended.stdout);
    }
    assert!(!ended.stdout.contains(token.as_str()));
}

#[test]
fn a_token_that_is_over_says_since_when() {
    let issuer = issuer();
    let before = issuer.now() - Duration::from_secs(3600 + 185);
    let token = issuer.token("alice").at(before).sign();
    let ended = run(&["token", "decode", &token]);
    assert!(ended.stdout.contains("EXPIRED 3 minutes ago"), "{}", ended.stdout);
    let json: Value =
        serde_json::from_str(&run(&["token", "decode", "--json", &token]).stdout).unwrap();
    assert_eq!(json["expired"], true);
}

#[test]
fn a_token_comes_as_argument_from_a_pipe_or_with_its_scheme() {
    let token = issuer().token("alice").sign();
    let with_scheme = format!("Bearer {token}");
    let header = format!("Authorization: Bearer {token}\n");
    for ended in [
        run(&["token", "decode", "--json", &token]),
        run(&["token", "decode", "--json", &with_scheme]),
        run_fed(&["token", "decode", "--json"], &format!("{token}\n")),
        run_fed(&["token", "decode", "--json", "-"], &header),
    ] {
        let json: Value = serde_json::from_str(&ended.stdout).expect(&ended.stderr);
        assert_eq!(json["claims"]["sub"], "alice");
        assert_eq!((&json["verified"], &json["refused"]), (&Value::Bool(false), &Value::Null));
    }
}

#[test]
fn a_token_that_every_api_refuses_is_shown_all_the_same() {
    let issuer = issuer();
    for (broken, code) in [
        (Broken::Unsigned, "jws.algorithm"),
        (Broken::Critical, "jws.critical"),
        (Broken::LooksEncrypted, "jws.encrypted"),
    ] {
        let ended = run(&["token", "decode", &issuer.token("alice").broken(broken).sign()]);
        assert_eq!(ended.code, 0, "{broken}: {}", ended.stderr);
        assert!(ended.stdout.contains(code), "{broken}: {}", ended.stdout);
    }
}

#[test]
fn what_is_no_token_is_refused_without_being_shown() {
    let issuer = issuer();
    for token in [
        issuer.token("alice").broken(Broken::NotJson).sign(),
        issuer.token("alice").broken(Broken::DuplicateClaim).sign(),
        issuer.token("alice").broken(Broken::Truncated).sign(),
        issuer.token("alice").broken(Broken::FourParts).sign(),
        "an-opaque-token-of-some-length".to_owned(),
    ] {
        let ended = run(&["token", "decode", &token]);
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        assert!(ended.stderr.contains("jws.malformed"), "{}", ended.stderr);
        assert!(!ended.stderr.contains(&token[..20]) && ended.stdout.is_empty());
    }
    let opaque = run(&["token", "decode", "an-opaque-token-of-some-length"]);
    assert!(opaque.stderr.contains("introspect"), "{}", opaque.stderr);
}

#[test]
fn a_token_where_none_belongs_is_never_shown() {
    let token = issuer().token("alice").sign();
    for arguments in [
        &["token", &token][..],
        &["token", "decode", &token, &token],
        &["token", "mint", &token],
        &["token", "mint", "--expires-in", &token],
        &["discover", "https://op.example", &token],
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, 5, "{}", ended.stderr);
        assert!(!ended.stderr.contains("eyJ"), "{}", ended.stderr);
        assert!(!ended.stderr.is_empty());
    }
}

#[test]
fn no_token_at_all_is_asked_for() {
    for ended in [run_fed(&["token", "decode"], ""), run_fed(&["token", "decode", "-"], " \n")] {
        assert_eq!(ended.code, 5);
        assert!(ended.stderr.contains("standard input"), "{}", ended.stderr);
    }
}

#[test]
fn a_token_cannot_steer_the_terminal() {
    let token = issuer().token("al\u{1b}[31mice\u{202e}").claim("exp", "soon").sign();
    let ended = run(&["token", "decode", &token]);
    assert!(!ended.stdout.contains(['\u{1b}', '\u{202e}']), "{}", ended.stdout);
    assert!(ended.stdout.contains("is no time"), "{}", ended.stdout);
}

#[test]
fn times_beyond_all_calendars_are_survived() {
    let issuer = issuer();
    for exp in [-1.0, -1e18, 1e300, 253_402_300_799.0] {
        let ended = run(&["token", "decode", &issuer.token("alice").claim("exp", exp).sign()]);
        assert_eq!(ended.code, 0, "{exp}: {}", ended.stderr);
    }
    let far = issuer.token("alice").at(UnixTime::from_secs(253_402_000_000)).sign();
    assert!(run(&["token", "decode", &far]).stdout.contains("in the future"));
}

#[test]
fn a_time_that_is_none_cannot_steer_the_terminal() {
    let token = issuer().token("alice").claim("exp", "\u{9b}31m\u{202e}soon").sign();
    let ended = run(&["token", "decode", &token]);
    assert!(ended.stdout.contains("is no time"), "{}", ended.stdout);
    assert!(!ended.stdout.contains(['\u{9b}', '\u{202e}']), "{}", ended.stdout);
}
