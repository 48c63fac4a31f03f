use countersign_protocol::jose::Algorithm;
use countersign_protocol::registration::{ClientSecrets, RegistrationRequest};
use countersign_protocol::{ClientAuthMethod, Exchange};
use serde_json::{Value, json};

use crate::support::{answer, metadata, url};

fn good() -> Value {
    json!({"client_id": "web", "client_secret": "hush", "redirect_uris": ["https://app.example/cb"]})
}

fn read(web: &Value) -> Result<ClientSecrets, String> {
    ClientSecrets::parse(json!({ "web": web }).to_string().as_bytes()).map_err(|e| e.to_string())
}

fn changed(member: &str, value: Value) -> Value {
    let mut web = good();
    web[member] = value;
    web
}

#[test]
fn what_is_no_such_file_is_refused() {
    for text in ["", "[]", "{}", r#"{"web":1}"#, r#"{"installed":{}}"#, r#"{"web":{},"web":{}}"#] {
        let error = ClientSecrets::parse(text.as_bytes()).unwrap_err();
        assert_eq!(error.entry().code, "setup.option", "{text}");
    }
}

#[test]
fn a_member_of_a_wrong_form_is_named() {
    for member in ["client_id", "client_secret", "issuer", "auth_uri", "token_uri", "userinfo_uri"]
    {
        for wrong in [json!(1), json!(""), json!([]), json!(null)] {
            assert!(read(&changed(member, wrong)).unwrap_err().contains(member), "{member}");
        }
    }
    for wrong in [json!("https://app.example"), json!([1]), json!({})] {
        assert!(read(&changed("redirect_uris", wrong)).unwrap_err().contains("redirect_uris"));
    }
}

#[test]
fn the_method_decides_how_the_client_authenticates() {
    let method =
        |web: &Value| read(web).unwrap().client().map(|client| client.authentication().method());
    assert_eq!(method(&good()), Ok(ClientAuthMethod::ClientSecretPost));
    for name in ["client_secret_basic", "client_secret_post", "client_secret_jwt", "none"] {
        let expected = name.parse().unwrap();
        assert_eq!(method(&changed("token_endpoint_auth_method", json!(name))), Ok(expected));
    }
    for name in ["private_key_jwt", "tls_client_auth"] {
        assert!(method(&changed("token_endpoint_auth_method", json!(name))).is_err());
    }
    let mut public = good();
    public.as_object_mut().unwrap().remove("client_secret");
    assert_eq!(method(&public), Ok(ClientAuthMethod::None));
    public["token_endpoint_auth_method"] = json!("client_secret_basic");
    assert!(method(&public).is_err());
}

#[test]
fn an_unknown_algorithm_is_refused() {
    let alg = |name| {
        let web = changed("id_token_signed_response_alg", json!(name));
        read(&web).unwrap().client().map(|client| client.expected_id_token_alg())
    };
    assert_eq!(alg("HS256"), Ok(Some(Algorithm::Hs256)));
    assert!(alg("none").is_err());
}

#[test]
fn a_registration_is_read_back_as_it_was_written() {
    let register = RegistrationRequest::new([url("https://app.example/cb")]).at(&metadata());
    let body = json!({
        "client_id": "c1",
        "client_secret": "hush",
        "client_secret_expires_at": 1_800_000_000,
        "token_endpoint_auth_method": "client_secret_basic",
        "redirect_uris": ["https://app.example/cb"],
        "vendor": "x",
    });
    let registration = register.unwrap().answer(answer(201, &body)).unwrap();
    let written = ClientSecrets::of(&registration, &metadata());
    let read = ClientSecrets::parse(written.to_json().as_bytes()).unwrap();
    assert_eq!(read.web(), written.web());
    assert_eq!(read.issuer(), Some("https://op.example"));
    assert_eq!(read.redirect_uris().collect::<Vec<_>>(), ["https://app.example/cb"]);
    let client = read.client().unwrap();
    assert_eq!(client.authentication().method(), ClientAuthMethod::ClientSecretBasic);
    assert!(!format!("{written:?} {read:?}").contains("hush"));
}
