use crate::support::canned::{Canned, bare_provider};
use crate::support::{folder, run};

/// Refused with exit code 5 before anything listens, in words that name what decides.
fn refused(arguments: &[&str], word: &str) {
    let ended = run(&[&["demo", "--listen", "127.0.0.1:0"], arguments].concat());
    assert_eq!(ended.code, 5, "{arguments:?}: {}", ended.stderr);
    assert!(ended.stderr.contains(word), "{arguments:?}: {word} in {}", ended.stderr);
    assert_eq!(ended.stdout, "", "{arguments:?}");
}

#[test]
fn what_is_not_built_is_refused_and_not_ignored() {
    refused(&["--store", "memory"], "--store memory is not built yet; cookie works");
    refused(&["--store", "sqlite:sessions.db"], "--store sqlite");
    refused(&["--response-type", "code id_token"], "--response-type code id_token");
    refused(&["--response-mode", "fragment"], "query or form_post");
}

#[test]
fn the_address_of_a_store_is_not_repeated() {
    let ended = run(&["demo", "--store", "postgres://me:hunter2@db.example/sessions"]);
    assert_eq!(ended.code, 5);
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    let issuer = ["--issuer", "https://op.example"];
    refused(&[&issuer[..], &["--users", "people.toml"]].concat(), "--users");
    refused(&[&issuer[..], &["--consent"]].concat(), "--consent");
    refused(&["--client-secret", "lonely"], "--client-id");
    refused(&["--client-id", "web", "--client-auth", "client_secret_post"], "--client-secret-file");
    refused(&["--client-id", "web", "--client-auth", "private_key_jwt"], "--client-key");
    refused(&["--client-auth", "private_key_jwt"], "--client-key");
    refused(
        &["--client-id", "web", "--client-secret", "a", "--client-secret-file", "b"],
        "both set",
    );
    refused(&["--client-id", "web", "--initial-access-token", "a"], "--initial-access-token");
    refused(&["--client-id", "web", "--client-secrets", "file"], "--client-secrets");
}

#[test]
fn a_parameter_that_countersign_sets_is_refused_at_once() {
    refused(&["--auth-param", "state=mine"], "\"state\"");
    refused(&["--logout-param", "client_id=mine"], "\"client_id\"");
    refused(&["--auth-param", "no value"], "NAME=VALUE");
    refused(&["--claims", "[]"], "--claims");
}

#[test]
fn an_address_that_would_weaken_the_application_is_refused() {
    refused(&["--base-url", "http://app.example"], "setup.public_address");
    refused(&["--issuer", "http://op.example"], "setup.issuer");
    refused(&["--issuer", "not an address"], "setup.issuer");
    refused(&["--call-api", "http://api.example/notes"], "--call-api");
    refused(&["--session-refresh-interval", "0"], "--session-refresh-interval");
    refused(&["--roles-claim", "roles"], "a JSON pointer, such as /realm_access/roles");
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let folder = folder("unusable-files");
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    refused(&["--ca-file", &file("ca.pem", "no certificate")], "ca.pem");
    refused(&["--secret-file", &file("short", "too short")], "setup.key_ring");
    refused(&["--client-key", &file("key.pem", "no key")], "key.pem");
    refused(&["--client-key", &file("key.jwk", "{}")], "key.jwk");
    refused(&["--users", &file("users.toml", "[[people]]")], "users.toml");
    refused(&["--provider-metadata", &file("metadata.json", "{}")], "issuer");
    refused(&["--client-secrets", &file("secrets.json", "{}")], "\"web\"");
    let secret = file("empty", "\n");
    refused(&["--client-id", "web", "--client-secret-file", &secret], "empty");
}

#[test]
fn metadata_of_another_issuer_than_the_one_named_are_refused() {
    let file = folder("other-issuer").join("metadata.json");
    let metadata = r#"{"issuer": "https://op.example", "authorization_endpoint": "https://op.example/a", "token_endpoint": "https://op.example/t"}"#;
    std::fs::write(&file, metadata).unwrap();
    let file = file.to_str().unwrap();
    refused(&["--provider-metadata", file, "--issuer", "https://op.example/"], "--issuer");
}

#[test]
fn a_provider_without_registration_asks_for_a_client_id() {
    let provider = bare_provider(|_| {});
    refused(&["--issuer", &provider.address], "set its client_id");
}

#[test]
fn a_provider_by_another_name_is_a_wrong_setting() {
    let provider = bare_provider(|metadata| metadata["issuer"] = "https://op.example".into());
    refused(&["--issuer", &provider.address], "discovery.issuer");
}

#[test]
fn a_client_secrets_file_for_another_address_is_refused() {
    let provider = Canned::new(|_, _, _| (404, "text/plain", String::new()));
    let file = folder("foreign-client-secrets").join("client_secrets.json");
    let text = serde_json::json!({"web": {
        "issuer": provider.address, "client_id": "web", "client_secret": "s3cret-of-the-file",
        "redirect_uris": ["https://app.example/authorize"],
    }});
    std::fs::write(&file, text.to_string()).unwrap();
    refused(&["--client-secrets", file.to_str().unwrap()], "https://app.example/authorize");
}
