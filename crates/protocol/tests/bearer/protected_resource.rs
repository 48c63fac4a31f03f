use countersign_protocol::bearer::ProtectedResource;
use countersign_protocol::jose::{Algorithm, Allowed};
use serde_json::{Value, json};

fn metadata_of(resource: &str) -> String {
    ProtectedResource::new(resource).unwrap().metadata_url().to_string()
}

/// RFC 9728 section 3.1: between host and path.
#[test]
fn the_well_known_path_stands_before_the_own_one() {
    const AT: &str = ".well-known/oauth-protected-resource";
    for (resource, expected) in [
        ("https://api.example", format!("https://api.example/{AT}")),
        ("https://api.example/", format!("https://api.example/{AT}")),
        ("https://api.example/notes", format!("https://api.example/{AT}/notes")),
        ("https://api.example/notes/", format!("https://api.example/{AT}/notes/")),
        ("https://api.example/a/b", format!("https://api.example/{AT}/a/b")),
        ("https://api.example:8443/a", format!("https://api.example:8443/{AT}/a")),
        ("https://api.example/a?tenant=1", format!("https://api.example/{AT}/a?tenant=1")),
        ("https://api.example/?tenant=1", format!("https://api.example/{AT}?tenant=1")),
        ("http://127.0.0.1:3000/a", format!("http://127.0.0.1:3000/{AT}/a")),
        ("https://api.example/a%20b", format!("https://api.example/{AT}/a%20b")),
    ] {
        assert_eq!(metadata_of(resource), expected, "{resource}");
    }
}

#[test]
fn an_address_that_tokens_must_not_go_to_is_refused() {
    for resource in [
        "http://api.example",
        "http://127.0.0.1.example",
        "http://localhost.example",
        "ftp://api.example",
        "file:///notes",
        "urn:notes",
        "https://api.example/#part",
        "https://api.example#",
        "https://user@api.example",
        "https://user:hush@api.example",
        "https://:hush@api.example",
    ] {
        let error = ProtectedResource::new(resource).unwrap_err();
        assert_eq!(error.entry().code, "setup.option", "{resource}");
    }
}

#[test]
fn the_document_says_whose_tokens_are_taken_and_how() {
    let api = ProtectedResource::new("https://api.example/notes").unwrap();
    let plain = api.clone().document(["https://op.example", "https://other.example"], None);
    assert_eq!(
        Value::Object(plain),
        json!({
            "resource": "https://api.example/notes",
            "authorization_servers": ["https://op.example", "https://other.example"],
            "bearer_methods_supported": ["header"],
        })
    );
    let allowed = Allowed::new([Algorithm::Es256, Algorithm::Rs256]).unwrap();
    let full = api.scopes(["notes:read"]).member("resource_name", "Notes");
    let full = full.document(["https://op.example"], Some(&allowed));
    assert_eq!(full["scopes_supported"], json!(["notes:read"]));
    assert_eq!(full["resource_name"], "Notes");
    assert_eq!(full["dpop_signing_alg_values_supported"], json!(["RS256", "ES256"]));
}

#[test]
fn further_members_do_not_replace_what_the_api_knows_better() {
    let api = ProtectedResource::new("https://api.example").unwrap().scopes(["a"]);
    let api = api.member("resource", "https://evil.example").member("authorization_servers", "x");
    let api = api.member("scopes_supported", "x").member("bearer_methods_supported", "query");
    let document = api.document(["https://op.example"], None);
    assert_eq!(document["resource"], "https://api.example", "as it is written");
    assert_eq!(document["authorization_servers"], json!(["https://op.example"]));
    assert_eq!(document["scopes_supported"], json!(["a"]));
    assert_eq!(document["bearer_methods_supported"], json!(["header"]));
}

#[test]
fn a_password_in_the_address_is_not_repeated() {
    for identifier in ["https://me:hush@api.example/notes", "//me:hush@api.example/notes"] {
        let error = ProtectedResource::new(identifier).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
    }
}
