use countersign_protocol::ClientAuthMethod;
use countersign_protocol::discovery::Metadata;
use countersign_protocol::jose::Algorithm;
use countersign_protocol::value::endpoint::Endpoint;
use serde_json::{Value, json};

use crate::support::{KEY, document, metadata, metadata_of};

fn with(member: &str, value: Value) -> Result<Metadata, String> {
    let mut changed = document();
    changed.insert(member.to_owned(), value);
    read(&Value::Object(changed).to_string())
}

fn read(text: &str) -> Result<Metadata, String> {
    Metadata::from_json(text.as_bytes()).map_err(|error| error.to_string())
}

const NEEDED: [&str; 3] = ["issuer", "authorization_endpoint", "token_endpoint"];
const ENDPOINTS: [&str; 8] = [
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "registration_endpoint",
    "end_session_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
];
const LISTS: [&str; 2] =
    ["id_token_signing_alg_values_supported", "token_endpoint_auth_methods_supported"];

#[test]
fn a_missing_member_is_named() {
    for member in NEEDED {
        let mut lacking = document();
        lacking.remove(member).unwrap();
        let error = read(&Value::Object(lacking).to_string()).unwrap_err();
        assert!(error.contains(&format!("lacks \"{member}\"")), "{error}");
        assert!(with(member, json!(null)).unwrap_err().contains(member));
    }
}

#[test]
fn an_endpoint_of_a_wrong_type_is_named() {
    for member in ENDPOINTS {
        for wrong in [json!(1), json!(true), json!([]), json!({}), json!(["https://op.example"])] {
            assert!(with(member, wrong).unwrap_err().contains(member), "{member}");
        }
    }
    for wrong in [json!(1), json!([]), json!({})] {
        assert!(with("issuer", wrong).is_err());
    }
}

#[test]
fn an_endpoint_that_is_no_safe_address_is_refused() {
    let long = format!("https://op.example/{}", "a".repeat(2048));
    for member in ENDPOINTS {
        for wrong in [
            "",
            "/token",
            "op.example/token",
            "http://op.example/token",
            "http://10.0.0.1/token",
            "ftp://op.example",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://op.example/token#fragment",
            "https://op.example/token#",
            "https://user:pass@op.example/token",
            "https://user@op.example/token",
            &long,
        ] {
            let error = with(member, json!(wrong)).unwrap_err();
            assert!(error.contains(member), "{member} {wrong}: {error}");
        }
    }
}

#[test]
fn an_endpoint_may_be_plain_http_on_the_loopback() {
    for member in ENDPOINTS {
        assert!(with(member, json!("http://127.0.0.1:9000/x")).is_ok(), "{member}");
        assert!(with(member, json!("https://op.example/x?tenant=a")).is_ok(), "{member}");
    }
}

#[test]
fn a_list_that_is_none_is_refused() {
    let long: Vec<String> = (0..300).map(|number| format!("alg{number}")).collect();
    for member in LISTS {
        for wrong in
            [json!("RS256"), json!({}), json!(1), json!([1]), json!(["RS256", null]), json!(long)]
        {
            assert!(with(member, wrong).unwrap_err().contains(member), "{member}");
        }
        assert!(with(member, json!(null)).is_ok());
        assert!(with(member, json!([])).is_ok());
    }
}

#[test]
fn a_flag_that_is_none_is_refused() {
    let member = "authorization_response_iss_parameter_supported";
    for wrong in [json!("true"), json!(1), json!([]), json!({})] {
        assert!(with(member, wrong).unwrap_err().contains(member));
    }
    assert!(with(member, json!(true)).unwrap().announces_iss());
    for no in [json!(false), json!(null)] {
        assert!(!with(member, no).unwrap().announces_iss());
    }
    assert!(!metadata().announces_iss());
}

#[test]
fn what_is_not_one_clean_object_is_refused() {
    for text in ["", "[]", "null", "{", "{\"issuer\":\"a\",\"issuer\":\"b\"}"] {
        assert!(read(text).unwrap_err().contains("not one JSON object"), "{text}");
    }
}

#[test]
fn only_known_asymmetric_algorithms_are_taken() {
    assert_eq!(metadata().asymmetric_algs(), [Algorithm::Rs256, Algorithm::Es256]);
    let none = with(LISTS[0], json!(["HS256", "none", "XY1"])).unwrap();
    assert_eq!(none.asymmetric_algs(), []);
    let silent = with(LISTS[0], json!(null)).unwrap();
    assert_eq!(silent.asymmetric_algs(), Algorithm::ASYMMETRIC);
}

#[test]
fn a_provider_that_announces_no_method_offers_basic_only() {
    let silent = with(LISTS[1], json!(null)).unwrap();
    for method in ClientAuthMethod::ALL {
        let basic = method == ClientAuthMethod::ClientSecretBasic;
        assert_eq!(silent.offers(method), basic, "{method}");
    }
    assert!(metadata().offers(ClientAuthMethod::PrivateKeyJwt));
    assert!(!metadata().offers(ClientAuthMethod::ClientSecretBasic));
}

#[test]
fn keys_may_be_written_into_the_document() {
    let keyed = with("jwks", json!({"keys": [KEY.public_jwk()]})).unwrap();
    assert_eq!(keyed.keys().unwrap().len(), 1);
    assert!(with("jwks", json!(null)).unwrap().keys().is_none());
    for wrong in [json!([]), json!("x"), json!({}), json!({"keys": {}})] {
        assert!(with("jwks", wrong).unwrap_err().contains("jwks"));
    }
}

#[test]
fn an_issuer_that_can_be_none_is_refused() {
    for wrong in ["", "op.example", "https://op.example?x", "https://op.example#x"] {
        assert!(with("issuer", json!(wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn the_whole_document_stays_at_hand() {
    let mut extended = document();
    extended.insert("vendor_switch".into(), json!({"a": 1}));
    assert_eq!(metadata_of(extended).all()["vendor_switch"]["a"], 1);
}

#[test]
fn an_endpoint_that_is_needed_and_not_there_is_named() {
    let api = Metadata::for_api(br#"{"issuer": "https://op.example"}"#).unwrap();
    for endpoint in [
        Endpoint::Authorization,
        Endpoint::Token,
        Endpoint::Introspection,
        Endpoint::Revocation,
        Endpoint::UserInfo,
    ] {
        let error = api.require(endpoint).unwrap_err();
        assert_eq!(error.entry().code, "setup.endpoint");
        assert!(error.to_string().contains(endpoint.name()), "{error}");
    }
    assert_eq!(metadata().require(Endpoint::Token).unwrap().path(), "/token");
}

#[test]
fn written_metadata_for_an_api_keep_every_other_rule() {
    for wrong in [
        r#"{}"#,
        r#"{"issuer": "ftp://op.example"}"#,
        r#"{"issuer": "http://op.example"}"#,
        r#"{"issuer": "https://op.example", "jwks_uri": "http://op.example/jwks"}"#,
        r#"{"issuer": "https://op.example", "jwks": 1}"#,
        r#"[]"#,
    ] {
        assert!(Metadata::for_api(wrong.as_bytes()).is_err(), "{wrong}");
    }
    let plain = br#"{"issuer": "http://op.internal", "jwks_uri": "http://op.internal/jwks"}"#;
    assert!(countersign_protocol::danger::plain_http_api_metadata(plain).is_ok());
}
