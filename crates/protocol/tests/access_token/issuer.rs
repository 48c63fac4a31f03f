use countersign_protocol::IssuerTemplate;
use countersign_protocol::access_token::{AccessTokenError, AccessTokenRules};
use countersign_protocol::jose::Jws;
use countersign_protocol::jose::json::Object;
use countersign_protocol::value::issuer::IssuerIdentity;
use serde_json::json;

use super::scene::{Scene, code};
use crate::support::KEY;

const CONTOSO: &str = "https://login.example/contoso/v2.0";
const FABRIKAM: &str = "https://login.example/fabrikam/v2.0";

fn tenants() -> Scene {
    let template =
        IssuerTemplate::new("https://login.example/{tid}/v2.0", "tid", ["contoso", "fabrikam"]);
    Scene { identity: IssuerIdentity::Template(template.unwrap()), ..Scene::new() }
}

#[test]
fn an_issuer_is_compared_byte_for_byte() {
    for iss in [
        "https://op.example/",
        "https://OP.example",
        "HTTPS://op.example",
        "http://op.example",
        "https://op.example:443",
        "https://op.example/x",
        "https://op.exampl",
        "https://op.example.evil",
        " https://op.example",
        "op.example",
        "",
    ] {
        let judged = Scene::new().with(json!({"iss": iss}));
        assert_eq!(code(judged), "access_token.issuer", "{iss}");
    }
}

#[test]
fn a_token_of_nobody_is_refused() {
    assert_eq!(code(Scene::new().without("iss")), "access_token.claim");
    for iss in [json!(null), json!(["https://op.example"]), json!({}), json!(1)] {
        let judged = Scene::new().with(json!({"iss": iss}));
        assert_eq!(code(judged), "access_token.claim", "{iss}");
    }
}

#[test]
fn the_message_shows_where_both_differ() {
    let error = Scene::new().with(json!({"iss": "https://op.example/"})).unwrap_err();
    assert!(error.to_string().contains("they differ at character 19: the end against '/'"));
}

#[test]
fn each_listed_tenant_is_an_issuer_of_its_own() {
    for (iss, tid) in [(CONTOSO, "contoso"), (FABRIKAM, "fabrikam")] {
        assert_eq!(code(tenants().with(json!({"iss": iss, "tid": tid}))), "", "{tid}");
    }
}

#[test]
fn a_tenant_that_is_not_listed_or_not_that_of_the_issuer_is_refused() {
    for (iss, tid) in [
        (CONTOSO, json!("fabrikam")),
        (FABRIKAM, json!("contoso")),
        ("https://login.example/evil/v2.0", json!("evil")),
        ("https://login.example//v2.0", json!("")),
        (CONTOSO, json!("")),
        (CONTOSO, json!(null)),
        (CONTOSO, json!(["contoso"])),
        (CONTOSO, json!("CONTOSO")),
        ("https://login.example/{tid}/v2.0", json!("{tid}")),
        ("https://login.example/{tid}/v2.0", json!("contoso")),
    ] {
        let judged = tenants().with(json!({"iss": iss, "tid": tid}));
        assert_eq!(code(judged), "access_token.issuer", "{iss} {tid}");
    }
    let judged = tenants().with(json!({"iss": CONTOSO}));
    assert_eq!(code(judged), "access_token.issuer", "no tenant at all");
}

#[test]
fn what_the_introspection_endpoint_says_of_the_issuer_counts() {
    let said = |iss| json!({"iss": iss, "aud": "api"});
    assert_eq!(code(Scene::new().said(said(json!("https://op.example")), false)), "");
    let other = Scene::new().said(said(json!("https://other.example")), false);
    assert_eq!(code(other), "access_token.issuer");
    assert_eq!(code(Scene::new().said(said(json!(null)), false)), "access_token.claim");
    assert_eq!(code(Scene::new().said(json!({"aud": "api"}), false)), "", "it may be silent");
}

#[test]
fn the_claimed_issuer_is_read_without_being_believed() {
    let claimed = |payload: &str| {
        let token = KEY.sign(&Object::new(), payload.as_bytes()).unwrap();
        AccessTokenRules::claimed_issuer(&Jws::parse(&token).unwrap())
    };
    assert_eq!(claimed(r#"{"iss":"https://x"}"#), Ok(Some("https://x".to_owned())));
    for silent in ["{}", r#"{"iss":1}"#, r#"{"iss":["https://x"]}"#, r#"{"a":{"iss":"b"}}"#] {
        assert_eq!(claimed(silent), Ok(None), "{silent}");
    }
    for broken in ["", "[]", "{", r#"{"iss":"a","iss":"b"}"#, r#"{"iss":"a","i\u0073s":"b"}"#] {
        assert!(matches!(claimed(broken), Err(AccessTokenError::Signature(_))), "{broken}");
    }
}
