use std::path::Path;

use serde_json::Value;

use crate::support::canned::bare_provider;
use crate::support::{Ended, Person, Program, folder, free_port, run_with};

fn register(provider: &Program, more: &[&str], folder: &Path) -> Ended {
    let basis = ["register", provider.issuer(), "http://127.0.0.1:5000/authorize"];
    run_with(&[&basis[..], more].concat(), &[], folder)
}

fn written(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("client_secrets.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_registration_leaves_client_secrets_for_its_owner_alone() {
    let provider = Program::provider(&[]);
    let folder = folder("register");
    let ended = register(&provider, &["--client-name", "Notes"], &folder);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let web = &written(&folder)["web"];
    assert_eq!(web["issuer"], provider.issuer());
    assert_eq!(web["auth_uri"], format!("{}/authorize", provider.issuer()));
    assert_eq!(web["token_uri"], format!("{}/token", provider.issuer()));
    assert_eq!(web["userinfo_uri"], format!("{}/userinfo", provider.issuer()));
    assert_eq!(web["redirect_uris"][0], "http://127.0.0.1:5000/authorize");
    let (id, secret) = (web["client_id"].as_str().unwrap(), web["client_secret"].as_str().unwrap());
    assert!(ended.stdout.contains(id), "{}", ended.stdout);
    assert!(!ended.stdout.contains(secret) && !ended.stderr.contains(secret));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let rights = std::fs::metadata(folder.join("client_secrets.json")).unwrap().permissions();
        assert_eq!(rights.mode() & 0o777, 0o600);
    }
}

#[test]
fn a_file_that_is_there_is_overwritten_by_force_only() {
    let provider = Program::provider(&[]);
    let folder = folder("register-twice");
    let file = folder.join("client_secrets.json");
    std::fs::write(&file, "precious").unwrap();
    let ended = register(&provider, &[], &folder);
    assert_eq!(ended.code, 5);
    assert!(ended.stderr.contains("--force"), "{}", ended.stderr);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
    let counted = Person::new().fetch(&format!("{}/dev/requests", provider.issuer())).text;

    assert_eq!(register(&provider, &["--force"], &folder).code, 0);
    assert!(written(&folder)["web"]["client_id"].is_string());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let now = Person::new().fetch(&format!("{}/dev/requests", provider.issuer())).text;
    assert_ne!(counted, now, "only the second one was a registration");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn json_names_no_secret_and_standard_output_holds_the_document_on_demand() {
    let provider = Program::provider(&[]);
    let folder = folder("register-json");
    let ended = register(&provider, &["--json", "--output", "own.json"], &folder);
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(told["file"], "own.json");
    assert!(told["client_id"].is_string() && told.get("client_secret").is_none(), "{told}");

    let ended = register(&provider, &["--output", "-"], &folder);
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(document["web"]["client_secret"].is_string());
    let secret = document["web"]["client_secret"].as_str().unwrap();
    assert!(!ended.stderr.contains(secret));
    assert!(!folder.join("-").exists());
}

#[test]
fn the_file_is_all_that_the_demo_needs() {
    let provider = Program::provider(&[]);
    let folder = folder("register-demo");
    let listen = format!("127.0.0.1:{}", free_port());
    let callback = format!("http://{listen}/auth/callback");
    for method in ["client_secret_basic", "client_secret_post", "client_secret_jwt", "none"] {
        let arguments =
            ["register", provider.issuer(), &callback, "--force", "--auth-method", method];
        let ended = run_with(&arguments, &[], &folder);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let file = folder.join("client_secrets.json");
        let file = file.to_str().unwrap();
        let demo = Program::start(&["demo", "--listen", &listen, "--client-secrets", file]);
        assert_eq!(demo.issuer(), provider.issuer());
        let page = Person::new().log_in(&format!("{}/profile", demo.app()), "alice");
        assert!(page.text.contains("alice@example.org"), "{method}: {}", page.text);
        assert_eq!(demo.stop(), 0);
    }
}

#[test]
fn what_goes_wrong_has_its_exit_code_and_leaves_no_file() {
    let folder = folder("register-fails");
    let bare = bare_provider(|_| {});
    let down = format!("http://127.0.0.1:{}", free_port());
    let mine = "https://app.example/callback";
    for (arguments, code, word) in [
        (vec![bare.address.as_str(), mine], 5, "registration_endpoint"),
        (vec![&down, mine], 4, "network.unreachable"),
        (vec!["http://op.example", mine], 5, "setup.issuer"),
        (vec![&bare.address], 5, "REDIRECT_URI"),
        (vec![&bare.address, "not an address"], 5, "REDIRECT_URI"),
        (vec![&bare.address, mine, "--output", "no/such/folder/file"], 5, "no such folder"),
        (vec![&bare.address, mine, "--auth-method", "private_key_jwt"], 5, "--client-key"),
    ] {
        let ended = run_with(&[&["register"], &arguments[..]].concat(), &[], &folder);
        assert_eq!(ended.code, code, "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(word), "{arguments:?}: {word} in {}", ended.stderr);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "{arguments:?}");
    }
}

#[test]
fn an_initial_access_token_is_sent_and_never_shown() {
    let provider = crate::support::canned::Canned::new(|base, path, head| match path {
        "/register" if head.contains("Bearer initial-t0ken") => {
            (201, "application/json", r#"{"client_id": "given", "client_secret": "s"}"#.to_owned())
        }
        "/register" => (401, "application/json", r#"{"error": "invalid_token"}"#.to_owned()),
        _ => {
            let metadata = serde_json::json!({
                "issuer": base,
                "authorization_endpoint": format!("{base}/authorize"),
                "token_endpoint": format!("{base}/token"),
                "registration_endpoint": format!("{base}/register"),
            });
            (200, "application/json", metadata.to_string())
        }
    });
    let folder = folder("register-token");
    let file = folder.join("token");
    std::fs::write(&file, "initial-t0ken\n").unwrap();
    let basis = ["register", &provider.address, "https://app.example/callback", "--output", "-"];
    let ended = run_with(&basis, &[], &folder);
    assert_eq!(ended.code, 5);
    assert!(ended.stderr.contains("registration.token"), "{}", ended.stderr);
    let with_file = [&basis[..], &["--initial-access-token-file", "token"]].concat();
    let ended = run_with(&with_file, &[], &folder);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.contains("\"given\""), "{}", ended.stdout);
    let wrong = [&basis[..], &["--initial-access-token", "wr0ng-token"]].concat();
    let ended = run_with(&wrong, &[], &folder);
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    assert!(ended.stderr.contains("registration.refused"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("wr0ng-token"));
}

#[test]
fn a_slash_at_the_end_of_the_typed_address_is_no_obstacle() {
    let provider = Program::provider(&[]);
    let folder = folder("register-slash");
    let typed = format!("{}/", provider.issuer());
    let basis = ["register", &typed, "http://127.0.0.1:5000/authorize"];
    let ended = run_with(&basis, &[], &folder);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    // Written as the provider writes it, since a login compares every byte.
    assert_eq!(written(&folder)["web"]["issuer"], provider.issuer());
}
