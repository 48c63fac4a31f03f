use serde_json::{Value, json};

use crate::support::canned::{Canned, bare_provider};
use crate::support::{Person, Program, free_port, run};

#[test]
fn a_provider_is_shown_as_a_table_and_as_json() {
    let provider = Program::provider(&[]);
    let issuer = provider.issuer();
    let ended = run(&["discover", issuer]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    for text in ["token_endpoint", "jwks_uri", "S256", "client_secret_basic", "Keys", "RS256"] {
        assert!(ended.stdout.contains(text), "{text} in {}", ended.stdout);
    }
    assert!(ended.stdout.contains(&format!("{issuer}/authorize")));

    let ended = run(&["discover", issuer, "--json"]);
    let found: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(found["issuer"], issuer);
    assert_eq!(found["endpoints"]["token_endpoint"], format!("{issuer}/token"));
    assert_eq!(found["metadata"]["issuer"], issuer);
    assert!(!found["keys"]["usable"].as_array().unwrap().is_empty());
    assert_eq!(found["keys"]["skipped"], json!([]));
    assert_eq!(found["warnings"], json!([]), "a good provider gives no reason to warn");
}

#[test]
fn the_address_of_the_metadata_does_as_well() {
    let provider = Program::provider(&[]);
    let address = format!("{}/.well-known/openid-configuration", provider.issuer());
    let ended = run(&["discover", &address, "--json"]);
    let found: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(found["issuer"], provider.issuer());
}

#[test]
fn keys_that_are_of_no_use_are_named_with_the_reason() {
    let provider = Program::provider(&[]);
    let mischief = |case: &str| {
        let body = json!({ "case": case }).to_string();
        let request = ureq::post(format!("{}/dev/mischief", provider.issuer()));
        request.header("content-type", "application/json").send(body).unwrap();
    };
    mischief("keys.symmetric");
    let ended = run(&["discover", provider.issuer()]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.contains("not used: "), "{}", ended.stdout);
    let found: Value =
        serde_json::from_str(&run(&["discover", provider.issuer(), "--json"]).stdout).unwrap();
    assert_eq!(found["keys"]["skipped"][0]["code"], "key.symmetric");
    assert!(found["warnings"][0].as_str().unwrap().contains("is not used"), "{found}");
}

#[test]
fn what_is_odd_is_warned_of() {
    let provider = bare_provider(|metadata| {
        metadata["code_challenge_methods_supported"] = json!(["plain"]);
        metadata["id_token_signing_alg_values_supported"] = json!(["none"]);
        metadata["token_endpoint_auth_methods_supported"] = json!(["tls_client_auth"]);
    });
    let ended = run(&["discover", &provider.address, "--json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let found: Value = serde_json::from_str(&ended.stdout).unwrap();
    let warnings = found["warnings"].to_string();
    for word in [
        "S256",
        "alg none",
        "asymmetric",
        "client authentication",
        "RFC 9207",
        "end_session",
        "usable key",
    ] {
        assert!(warnings.contains(word), "{word} in {warnings}");
    }
}

#[test]
fn a_provider_without_keys_is_shown_and_fails() {
    let provider = bare_provider(|metadata| {
        metadata.as_object_mut().unwrap().remove("jwks_uri");
    });
    let ended = run(&["discover", &provider.address]);
    assert_eq!(ended.code, 5);
    assert!(ended.stdout.contains("there is no jwks_uri"), "{}", ended.stdout);
    assert!(ended.stderr.contains("setup.jwks_uri"), "{}", ended.stderr);
}

#[test]
fn whose_fault_it_is_stands_in_the_exit_code() {
    let html = Canned::new(|_, _, _| (200, "text/html", "<p>hello".to_owned()));
    let busy = Canned::new(|_, _, _| (503, "text/plain", String::new()));
    let other = bare_provider(|metadata| metadata["issuer"] = "https://op.example".into());
    let down = format!("http://127.0.0.1:{}", free_port());
    for (issuer, code, word) in [
        (html.address.as_str(), 3, "provider.not_json"),
        (&busy.address, 4, "503"),
        (&down, 4, "network.unreachable"),
        (&other.address, 5, "discovery.issuer"),
        ("ftp://op.example", 5, "setup.issuer"),
    ] {
        let ended = run(&["discover", issuer]);
        assert_eq!(ended.code, code, "{issuer}: {}", ended.stderr);
        assert!(ended.stderr.contains(word), "{word} in {}", ended.stderr);
        assert_eq!(ended.stdout, "", "{issuer}");
    }
}

#[test]
fn a_providers_text_does_not_steer_the_terminal() {
    let provider = bare_provider(|metadata| {
        metadata["scopes_supported"] = json!(["openid", "\u{1b}[2Jgone\u{9b}31m"]);
    });
    let ended = run(&["discover", &provider.address]);
    assert!(ended.stdout.contains("gone"), "{}", ended.stdout);
    assert!(!ended.stdout.contains('\u{1b}') && !ended.stdout.contains('\u{9b}'));
}

#[test]
fn nobody_is_asked_for_anything_but_metadata_and_keys() {
    let provider = bare_provider(|_| {});
    run(&["discover", &provider.address]);
    assert_eq!(provider.asked(), ["/.well-known/openid-configuration", "/jwks"]);
    assert_eq!(Person::new().fetch(&provider.address).status, 404);
}
