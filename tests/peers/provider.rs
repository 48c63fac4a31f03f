//! The peer itself does what the other tests rely on; what fails here is no fault of countersign.

use serde_json::{Value, json};
use url::Url;

use crate::support::node_provider::{NodeClient, NodeProvider};
use crate::support::person::{Arrival, Person};

#[test]
fn a_person_logs_in_and_comes_back_with_a_code() {
    let provider = NodeProvider::start(&json!({}));
    let arrival = Person::new("ada").log_in(&authorization(&provider, "client_secret_basic", &[]));
    assert!(
        matches!(&arrival, Arrival::Redirect(url) if url.as_str().starts_with(CALLBACK)),
        "{arrival:?}"
    );
    assert_eq!(arrival.parameter("state").as_deref(), Some("some-state"));
    assert_eq!(arrival.parameter("iss").as_deref(), Some(&*provider.issuer));
    assert!(arrival.parameter("code").is_some(), "{arrival:?}");
}

#[test]
fn a_cancelled_login_comes_back_with_an_error() {
    let provider = NodeProvider::start(&json!({}));
    let arrival = Person::new("ada").cancel(&authorization(&provider, "none", &[]));
    assert_eq!(arrival.parameter("error").as_deref(), Some("access_denied"), "{arrival:?}");
}

#[test]
fn the_answer_comes_as_a_form_when_wanted() {
    let provider = NodeProvider::start(&json!({}));
    let address = authorization(&provider, "none", &[("response_mode", "form_post")]);
    let arrival = Person::new("ada").log_in(&address);
    assert!(
        matches!(&arrival, Arrival::Form { action, .. } if action.as_str() == CALLBACK),
        "{arrival:?}"
    );
    assert!(arrival.parameter("code").is_some(), "{arrival:?}");
}

#[test]
fn keys_change_on_demand() {
    let provider = NodeProvider::start(&json!({}));
    let before = provider.kids();
    provider.rotate_keys(true);
    let both = provider.kids();
    assert!(
        both.len() == 2 * before.len() && before.iter().all(|kid| both.contains(kid)),
        "{both:?}"
    );
    provider.rotate_keys(false);
    let after = provider.kids();
    assert!(after.iter().all(|kid| !both.contains(kid)), "{after:?}");
    assert_eq!(provider.requests("GET /jwks"), 3);
}

#[test]
fn sessions_outlive_new_keys_and_new_settings() {
    let provider = NodeProvider::start(&json!({}));
    let ada = Person::new("ada");
    let _ = ada.log_in(&authorization(&provider, "none", &[]));
    provider.rotate_keys(false);
    provider.set(&json!({ "ttl": { "AccessToken": 5 } }));
    // prompt=none never shows a page: it needs the session.
    let arrival = ada.log_in(&authorization(&provider, "none", &[("prompt", "none")]));
    assert!(arrival.parameter("code").is_some(), "{arrival:?}");
}

#[test]
fn it_can_be_down_for_a_while() {
    let provider = NodeProvider::start(&json!({}));
    let address = format!("{}/.well-known/openid-configuration", provider.issuer);
    provider.be_down(true);
    assert!(matches!(ureq::get(&address).call(), Err(ureq::Error::StatusCode(503))));
    provider.be_down(false);
    let metadata: Value = ureq::get(&address).call().unwrap().body_mut().read_json().unwrap();
    assert_eq!(metadata["issuer"], *provider.issuer);
    for algorithm in ["RS256", "PS256", "ES256", "EdDSA"] {
        let announced = metadata["id_token_signing_alg_values_supported"].as_array().unwrap();
        assert!(announced.contains(&json!(algorithm)), "{announced:?}");
    }
}

#[test]
fn a_person_logs_out_and_comes_back() {
    let provider = NodeProvider::start(&json!({}));
    let ada = Person::new("ada");
    let _ = ada.log_in(&authorization(&provider, "none", &[]));
    let client = &provider.client("none").client_id;
    let mut address = Url::parse(&format!("{}/session/end", provider.issuer)).unwrap();
    address
        .query_pairs_mut()
        .append_pair("client_id", client)
        .append_pair("post_logout_redirect_uri", "http://127.0.0.1:3000/auth/logged-out");
    let arrival = ada.log_out(address.as_str());
    assert!(
        matches!(&arrival, Arrival::Redirect(url) if url.path() == "/auth/logged-out"),
        "{arrival:?}"
    );
    let arrival = ada.log_in(&authorization(&provider, "none", &[("prompt", "none")]));
    assert_eq!(arrival.parameter("error").as_deref(), Some("login_required"), "{arrival:?}");
}

#[test]
fn a_client_gets_a_token_for_an_api() {
    // client_credentials, so that no login is needed.
    let provider = NodeProvider::start(&json!({}));
    let NodeClient { client_id, client_secret, token_endpoint_auth_method } =
        provider.client("client_secret_post");
    assert_eq!(token_endpoint_auth_method, "client_secret_post");
    let form = [
        ("grant_type", "client_credentials"),
        ("resource", "https://api.example.test"),
        ("client_id", client_id),
        ("client_secret", client_secret.as_deref().unwrap()),
    ];
    let answer = ureq::post(format!("{}/token", provider.issuer)).send_form(form);
    let answer: Value = answer.unwrap().body_mut().read_json().unwrap();
    // A JWT, since a resource was named.
    assert_eq!(answer["access_token"].as_str().unwrap().split('.').count(), 3, "{answer}");
}

fn authorization(provider: &NodeProvider, client: &str, more: &[(&str, &str)]) -> String {
    let mut url = Url::parse(&format!("{}/auth", provider.issuer)).unwrap();
    url.query_pairs_mut()
        .append_pair("client_id", &provider.client(client).client_id)
        .append_pair("response_type", "code")
        .append_pair("scope", "openid email")
        .append_pair("redirect_uri", CALLBACK)
        .append_pair("state", "some-state")
        .append_pair("nonce", "some-nonce")
        // The example of RFC 7636, appendix B.
        .append_pair("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        .append_pair("code_challenge_method", "S256")
        .extend_pairs(more);
    url.into()
}

const CALLBACK: &str = "http://127.0.0.1:3000/auth/callback";
