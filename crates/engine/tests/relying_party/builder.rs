use countersign::protocol::discovery::Metadata;
use countersign::{Issuer, Provider, RelyingParty, danger};
use serde_json::{Value, json};

use crate::support::{World, client, discovered, redirect_uri};

fn build(provider: Provider, redirect_uri: &str) -> Result<RelyingParty, &'static str> {
    let builder = RelyingParty::builder(provider, client(), redirect_uri.parse().unwrap());
    builder.build(World::new().outside()).map_err(|error| error.code())
}

#[test]
fn a_redirect_uri_that_can_not_be_one_is_refused() {
    for uri in [
        "http://app.example/cb",
        "https://app.example/cb#x",
        "ftp://app.example/cb",
        "javascript:alert(1)",
        "myapp:/cb",
    ] {
        assert_eq!(build(discovered(), uri).unwrap_err(), "setup.redirect_uri", "{uri}");
    }
    for uri in ["https://app.example/cb?x=1", "http://127.0.0.1:3000/cb", "http://localhost/cb"] {
        assert!(build(discovered(), uri).is_ok(), "{uri}");
    }
}

#[test]
fn danger_allows_plain_http_and_no_other_scheme() {
    let dangerous = || danger::plain_http(discovered());
    assert!(build(dangerous(), "http://app.internal/cb").is_ok());
    for uri in ["javascript:alert(1)", "ftp://app.internal/cb", "http://app.internal/cb#x"] {
        assert_eq!(build(dangerous(), uri).unwrap_err(), "setup.redirect_uri", "{uri}");
    }
}

#[test]
fn a_provider_by_plain_http_is_refused_outside_danger() {
    let plain = || Provider::discover(danger::plain_http_issuer("http://op.internal").unwrap());
    let uri = "https://app.example/cb";
    assert_eq!(build(plain(), uri).unwrap_err(), "setup.option");
    assert!(build(danger::plain_http(plain()), uri).is_ok());
    let loopback = Provider::discover(Issuer::parse("http://127.0.0.1:9000").unwrap());
    assert!(build(loopback, uri).is_ok());
}

#[test]
fn a_detour_by_plain_http_is_refused_outside_danger() {
    let via = |address: &str| discovered().reached_at(address.parse().unwrap());
    let uri = "https://app.example/cb";
    for address in ["http://op.internal:8080", "ftp://op.internal", "https://user:pass@op.internal"]
    {
        assert_eq!(build(via(address), uri).unwrap_err(), "setup.option", "{address}");
    }
    assert!(build(danger::plain_http(via("http://op.internal:8080")), uri).is_ok());
    assert!(build(via("http://127.0.0.1:8080"), uri).is_ok());
}

#[test]
fn written_metadata_by_plain_http_is_refused_outside_danger() {
    let mut document = World::new().op().document.clone();
    document.insert("issuer".into(), json!("http://op.internal"));
    document.insert("token_endpoint".into(), json!("http://op.internal/token"));
    let text = Value::Object(document).to_string();
    assert!(Metadata::from_json(text.as_bytes()).is_err());
    let written =
        || Provider::written(danger::plain_http_metadata(text.as_bytes()).unwrap()).unwrap();
    assert_eq!(build(written(), "https://app.example/cb").unwrap_err(), "setup.option");
    assert!(build(danger::plain_http(written()), "https://app.example/cb").is_ok());
}

#[test]
fn a_refused_address_shows_no_password() {
    let provider = discovered().reached_at("https://user:hush@op.internal".parse().unwrap());
    let builder = RelyingParty::builder(provider, client(), redirect_uri());
    let error = builder.build(World::new().outside()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
    assert!(error.to_string().contains("https://op.internal"), "{error}");
}

#[test]
fn what_was_set_can_be_read() {
    let rp = World::new().rp();
    assert_eq!(rp.issuer(), "https://op.example");
    assert_eq!(rp.redirect_uri(), &redirect_uri());
    assert!(rp.issuer_is("https://op.example"));
    assert!(!rp.issuer_is("https://op.example/"));
}
