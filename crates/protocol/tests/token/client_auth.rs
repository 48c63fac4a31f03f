use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use countersign_protocol::jose::{Algorithm, Allowed, Jws, KeySet, SigningKey};
use countersign_protocol::token::authenticated;
use countersign_protocol::value::endpoint::Endpoint;
use countersign_protocol::{Client, ClientAuthentication, Request};
use serde_json::json;

use crate::support::{ISSUER, KEY, NOW, pairs, proof, secret, url, value_of};

fn sent(client: &Client) -> Request {
    let form = vec![("grant_type", "authorization_code".to_owned())];
    let endpoint = url("https://op.example/token");
    authenticated(Endpoint::Token, &endpoint, client, form, proof()).unwrap()
}

fn form(request: &Request) -> Vec<(String, String)> {
    pairs(std::str::from_utf8(request.body()).unwrap())
}

fn basic(id: &str, password: &str) -> String {
    let request = sent(&Client::with_secret(id, secret(password)));
    request.headers()["authorization"].to_str().unwrap().to_owned()
}

#[test]
fn basic_is_the_example_of_rfc_6749() {
    // Section 2.3.1.
    let expected = "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3";
    assert_eq!(basic("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw"), expected);
}

#[test]
fn basic_encodes_both_halves_and_nothing_that_need_not_be() {
    let header = basic("a:b c+d%~ü", "p:%+ ~ü/&=");
    let decoded = BASE64_STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap();
    let text = String::from_utf8(decoded).unwrap();
    assert_eq!(text, "a%3Ab%20c%2Bd%25~%C3%BC:p%3A%25%2B%20~%C3%BC%2F%26%3D");
    // What a provider that decodes forms gets back.
    let (id, password) = text.split_once(':').unwrap();
    assert_eq!(pairs(id)[0].0, "a:b c+d%~ü");
    assert_eq!(pairs(&password.replace('=', "%3D"))[0].0, "p:%+ ~ü/&=");
    assert!(basic("a-b._~", "c-d._~").ends_with(&BASE64_STANDARD.encode("a-b._~:c-d._~")));
}

#[test]
fn basic_leaves_the_form_without_client() {
    let request = sent(&Client::with_secret("web", secret("hush")));
    assert_eq!(form(&request), [("grant_type".to_owned(), "authorization_code".to_owned())]);
    assert!(!format!("{request:?} {:?}", request.headers()).contains("aHVzaA"));
}

#[test]
fn post_sends_id_and_secret_in_the_form() {
    let client = Client::new("w&b", ClientAuthentication::SecretPost(secret("h=u sh")));
    let request = sent(&client);
    assert!(request.headers().get("authorization").is_none());
    assert_eq!(value_of(&form(&request), "client_id").as_deref(), Some("w&b"));
    assert_eq!(value_of(&form(&request), "client_secret").as_deref(), Some("h=u sh"));
}

#[test]
fn a_public_client_sends_its_id_only() {
    let request = sent(&Client::public("web"));
    assert!(request.headers().get("authorization").is_none());
    assert_eq!(value_of(&form(&request), "client_id").as_deref(), Some("web"));
    assert_eq!(form(&request).len(), 2);
}

fn assertion(client: &Client, keys: &KeySet, allowed: &Allowed) -> serde_json::Value {
    let form = form(&sent(client));
    let kind = value_of(&form, "client_assertion_type");
    assert_eq!(kind.as_deref(), Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
    assert_eq!(value_of(&form, "client_secret"), None);
    let token = value_of(&form, "client_assertion").unwrap();
    let payload = Jws::parse(&token).unwrap().verify(keys, allowed).unwrap();
    json!(payload.object().unwrap())
}

#[test]
fn an_assertion_is_for_this_provider_and_for_a_minute() {
    let client = Client::new("web", ClientAuthentication::PrivateKeyJwt(Arc::new(KEY.clone())));
    let keys = KeySet::from_jwks([KEY.public_jwk()]);
    let expected = json!({
        "iss": "web",
        "sub": "web",
        "aud": ISSUER,
        "jti": "CQkJCQkJCQkJCQkJCQkJCQ",
        "iat": NOW.as_secs(),
        "exp": NOW.as_secs() + 60,
    });
    assert_eq!(assertion(&client, &keys, &Allowed::asymmetric()), expected);
}

#[test]
fn an_assertion_by_secret_is_signed_with_it() {
    let authentication =
        ClientAuthentication::SecretJwt(secret("a secret of 32 bytes or more …"), Algorithm::Hs384);
    let keys = KeySet::from_secret("a secret of 32 bytes or more …".as_bytes()).unwrap();
    let allowed = Allowed::new([Algorithm::Hs384]).unwrap();
    assert_eq!(assertion(&Client::new("web", authentication), &keys, &allowed)["sub"], "web");
}

#[test]
fn a_secret_that_can_not_sign_is_an_error_of_the_setup() {
    let endpoint = url("https://op.example/token");
    for (text, alg) in [("", Algorithm::Hs256), ("hush", Algorithm::Rs256)] {
        let client = Client::new("web", ClientAuthentication::SecretJwt(secret(text), alg));
        let error =
            authenticated(Endpoint::Token, &endpoint, &client, vec![], proof()).unwrap_err();
        assert_eq!(error.entry().code, "setup.client_auth");
        assert!(!error.to_string().contains("hush"), "{error}");
    }
    assert!(SigningKey::from_secret(b"hush", Algorithm::Hs256).is_ok());
}
