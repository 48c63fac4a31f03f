use countersign_protocol::discovery::{DiscoveryError, Fetch, Metadata};
use countersign_protocol::value::issuer::IssuerIdentity;
use countersign_protocol::{Exchange, Issuer, IssuerTemplate, Response};
use serde_json::{Value, json};

use crate::support::{ISSUER, answer, document, issuer, raw_answer, url};

fn ask(identity: IssuerIdentity) -> Fetch {
    Fetch::new(identity, url("https://op.example/.well-known/openid-configuration"), false)
}

fn judged(response: Response) -> Result<Metadata, DiscoveryError> {
    ask(issuer()).answer(response)
}

#[test]
fn the_document_is_asked_for_with_get_and_nothing_else() {
    let request = ask(issuer()).request();
    assert_eq!(request.method(), "GET");
    assert_eq!(request.url().path(), "/.well-known/openid-configuration");
    assert!(request.body().is_empty());
    let names: Vec<_> = request.headers().keys().map(|name| name.as_str()).collect();
    assert_eq!(names, ["accept", "user-agent"]);
}

#[test]
fn metadata_of_another_issuer_is_refused() {
    for got in ["https://op.example/", "https://OP.example", "https://evil.example", "", "x"] {
        let mut other = document();
        other.insert("issuer".into(), json!(got));
        let error = judged(answer(200, &Value::Object(other))).unwrap_err();
        assert_eq!(error.entry().code, "discovery.issuer", "{got}");
    }
}

#[test]
fn a_trailing_slash_is_named_as_the_difference() {
    let identity = IssuerIdentity::One(Issuer::parse("https://op.example/").unwrap());
    let error = ask(identity).answer(answer(200, &Value::Object(document()))).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("they differ at character 19: '/' against the end"), "{message}");
    assert!(message.contains("set the issuer exactly as it does"), "{message}");
}

#[test]
fn a_template_is_what_the_common_document_calls_its_issuer() {
    let text = "https://login.example/{tenantid}/v2.0";
    let template = || IssuerTemplate::new(text, "tid", ["contoso"]).unwrap();
    let mut common = document();
    common.insert("issuer".into(), json!(text));
    let read = ask(IssuerIdentity::Template(template())).answer(answer(200, &json!(common)));
    assert_eq!(read.unwrap().issuer(), text);

    common.insert("issuer".into(), json!("https://login.example/contoso/v2.0"));
    let read = ask(IssuerIdentity::Template(template())).answer(answer(200, &json!(common)));
    assert_eq!(read.unwrap_err().entry().code, "discovery.issuer");
}

#[test]
fn what_is_no_answer_is_refused() {
    let good = Value::Object(document()).to_string();
    let json = ("content-type", "application/json");
    for (response, code) in [
        (raw_answer(302, &[("location", "https://evil.example/?a=hush")], ""), "provider.redirect"),
        (raw_answer(404, &[json], &good), "provider.status"),
        (raw_answer(500, &[json], &good), "provider.status"),
        (raw_answer(200, &[("content-type", "text/html")], &good), "provider.not_json"),
        (raw_answer(200, &[json, ("content-encoding", "gzip")], &good), "provider.encoding"),
        (raw_answer(200, &[json], "<html>"), "provider.not_json"),
        (
            raw_answer(200, &[json], &good.replacen('{', r#"{"issuer":"x","#, 1)),
            "provider.not_json",
        ),
        (raw_answer(200, &[json], &format!("{good}x")), "provider.not_json"),
    ] {
        let shown = format!("{response:?}");
        let error = judged(response).unwrap_err();
        assert_eq!(error.entry().code, code, "{shown}");
        assert!(!error.to_string().contains("hush"), "{error}");
    }
}

#[test]
fn a_document_without_media_type_is_read() {
    let body = Value::Object(document()).to_string();
    assert_eq!(judged(raw_answer(200, &[], &body)).unwrap().issuer(), ISSUER);
}

#[test]
fn plain_http_endpoints_need_the_danger_switch() {
    let mut plain = document();
    plain.insert("token_endpoint".into(), json!("http://op.example/token"));
    let body = Value::Object(plain);
    assert_eq!(judged(answer(200, &body)).unwrap_err().entry().code, "discovery.member");
    let fetch = Fetch::new(issuer(), url("http://op.example"), true);
    assert!(fetch.answer(answer(200, &body)).is_ok());
}

#[test]
fn an_api_needs_no_endpoint_of_a_login_and_a_login_does() {
    for needed in ["authorization_endpoint", "token_endpoint"] {
        for absent in [None, Some(Value::Null)] {
            let mut document = document();
            document.remove(needed).unwrap();
            document.extend(absent.map(|null| (needed.to_owned(), null)));
            let body = Value::Object(document);
            let error = judged(answer(200, &body)).unwrap_err();
            assert_eq!(error, DiscoveryError::Missing { member: needed });
            assert!(ask(issuer()).for_api().answer(answer(200, &body)).is_ok(), "{needed}");
        }
    }
}

#[test]
fn an_api_takes_no_metadata_of_somebody_else_and_none_of_a_wrong_form() {
    let judged = |body: Value| ask(issuer()).for_api().answer(answer(200, &body)).unwrap_err();
    let code = |body| judged(body).entry().code;
    assert_eq!(code(json!({"issuer": "https://evil.example"})), "discovery.issuer");
    assert_eq!(code(json!({"jwks_uri": "https://op.example/jwks"})), "discovery.member");
    for member in ["token_endpoint", "jwks_uri", "introspection_endpoint"] {
        for wrong in [json!(1), json!("nowhere"), json!("http://op.example/x"), json!(["x"])] {
            assert_eq!(code(json!({"issuer": ISSUER, member: wrong})), "discovery.member");
        }
    }
}

#[test]
fn only_a_plain_no_means_that_nothing_is_there() {
    let json = ("content-type", "application/json");
    for (status, not_there) in [
        (400, true),
        (403, true),
        (404, true),
        (410, true),
        (429, false),
        (500, false),
        (302, false),
    ] {
        for body in ["", r#"{"error":"not_found"}"#] {
            let error = judged(raw_answer(status, &[json], body)).unwrap_err();
            assert_eq!(error.is_not_there(), not_there, "{status}");
        }
    }
    assert!(!judged(raw_answer(200, &[json], "<html>")).unwrap_err().is_not_there());
}
