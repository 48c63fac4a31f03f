use std::sync::Arc;

use countersign_protocol::jose::Algorithm;
use countersign_protocol::registration::{Registration, RegistrationError, RegistrationRequest};
use countersign_protocol::{ClientAuthMethod, Exchange, Response};
use serde_json::{Value, json};

use crate::support::{KEY, answer, document, metadata, metadata_of, raw_answer, secret, secs, url};

fn asking() -> RegistrationRequest {
    RegistrationRequest::new([url("https://app.example/auth/callback")])
        .auth_method(ClientAuthMethod::ClientSecretBasic)
}

fn judged(response: Response) -> Result<Registration, RegistrationError> {
    asking().at(&metadata()).unwrap().answer(response)
}

fn good() -> Value {
    json!({"client_id": "c1", "client_secret": "hush", "client_secret_expires_at": 0})
}

fn changed(member: &str, value: Value) -> Value {
    let mut answer = good();
    answer[member] = value;
    answer
}

#[test]
fn the_request_says_what_we_are() {
    let request = asking().client_name("Notes").id_token_alg(Algorithm::Es256);
    let request = request.at(&metadata()).unwrap().request();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.headers()["content-type"], "application/json");
    assert!(request.headers().get("authorization").is_none());
    let sent: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(
        sent,
        json!({
            "redirect_uris": ["https://app.example/auth/callback"],
            "application_type": "web",
            "response_types": ["code"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "client_secret_basic",
            "client_name": "Notes",
            "id_token_signed_response_alg": "ES256",
        })
    );
}

#[test]
fn the_initial_access_token_travels_as_bearer() {
    let register = asking().initial_access_token(secret("iat")).at(&metadata()).unwrap();
    assert_eq!(register.request().headers()["authorization"], "Bearer iat");
    assert!(!format!("{register:?} {:?}", register.request().headers()).contains("iat\""));
}

#[test]
fn a_provider_without_the_endpoint_is_refused() {
    let mut lacking = document();
    lacking.remove("registration_endpoint").unwrap();
    let error = asking().at(&metadata_of(lacking)).unwrap_err();
    assert_eq!(error.entry().code, "setup.endpoint");
}

#[test]
fn ok_and_created_are_both_good() {
    for status in [200, 201] {
        let registered = judged(answer(status, &good())).unwrap();
        assert_eq!(registered.client().id(), "c1");
        assert_eq!(registered.client().secret().unwrap().expose(), "hush");
        assert_eq!(registered.secret_expires_at(), None);
        assert!(!format!("{registered:?}").contains("hush"));
    }
}

#[test]
fn a_missing_end_of_the_secret_means_none() {
    let mut lacking = good();
    lacking.as_object_mut().unwrap().remove("client_secret_expires_at");
    assert_eq!(judged(answer(201, &lacking)).unwrap().secret_expires_at(), None);
    let ending = changed("client_secret_expires_at", json!(1_800_000_000));
    let registered = judged(answer(201, &ending)).unwrap();
    assert_eq!(registered.secret_expires_at(), Some(secs(1_800_000_000)));
}

#[test]
fn an_answer_without_client_id_is_refused() {
    for id in [json!(null), json!(""), json!(7), json!(["c1"])] {
        let error = judged(answer(201, &changed("client_id", id))).unwrap_err();
        assert_eq!(error.entry().code, "registration.member");
    }
}

#[test]
fn an_answer_without_the_secret_that_the_method_needs_is_refused() {
    for method in ["client_secret_basic", "client_secret_post", "client_secret_jwt"] {
        let mut lacking = changed("token_endpoint_auth_method", json!(method));
        lacking.as_object_mut().unwrap().remove("client_secret");
        let error = judged(answer(201, &lacking)).unwrap_err();
        assert!(error.to_string().contains("client_secret"), "{error}");
    }
}

#[test]
fn the_method_of_the_answer_counts() {
    for (name, method) in [
        ("client_secret_post", ClientAuthMethod::ClientSecretPost),
        ("client_secret_jwt", ClientAuthMethod::ClientSecretJwt),
        ("none", ClientAuthMethod::None),
    ] {
        let body = changed("token_endpoint_auth_method", json!(name));
        let registered = judged(answer(201, &body)).unwrap();
        assert_eq!(registered.client().authentication().method(), method);
    }
    let error =
        judged(answer(201, &changed("token_endpoint_auth_method", json!("tls_client_auth"))));
    assert_eq!(error.unwrap_err().entry().code, "registration.member");
}

#[test]
fn private_key_jwt_without_a_key_is_refused() {
    let body = changed("token_endpoint_auth_method", json!("private_key_jwt"));
    assert_eq!(judged(answer(201, &body)).unwrap_err().entry().code, "setup.client_auth");
}

#[test]
fn a_key_of_our_own_is_preferred_where_it_is_offered() {
    let request =
        RegistrationRequest::new([url("https://app.example/cb")]).key(Arc::new(KEY.clone()));
    let register = request.at(&metadata()).unwrap();
    let sent: Value = serde_json::from_slice(register.request().body()).unwrap();
    assert_eq!(sent["token_endpoint_auth_method"], "private_key_jwt");
    assert_eq!(sent["jwks"]["keys"][0]["kid"], json!(KEY.kid().unwrap()));
    assert!(sent["jwks"]["keys"][0].get("d").is_none());
    let registered = register.answer(answer(201, &json!({"client_id": "c1"}))).unwrap();
    let method = registered.client().authentication().method();
    assert_eq!(method, ClientAuthMethod::PrivateKeyJwt);
}

#[test]
fn without_a_choice_the_first_announced_method_with_a_secret_is_asked_for() {
    let request = RegistrationRequest::new([url("https://app.example/cb")]);
    let sent = request.at(&metadata()).unwrap().request();
    let sent: Value = serde_json::from_slice(sent.body()).unwrap();
    assert_eq!(sent["token_endpoint_auth_method"], "client_secret_post");
}

#[test]
fn the_algorithm_of_the_answer_counts_unless_it_is_the_default() {
    let alg = |body: &Value| judged(answer(201, body)).unwrap().client().expected_id_token_alg();
    assert_eq!(alg(&good()), None);
    assert_eq!(alg(&changed("id_token_signed_response_alg", json!("RS256"))), None);
    let es256 = changed("id_token_signed_response_alg", json!("ES256"));
    assert_eq!(alg(&es256), Some(Algorithm::Es256));
    for wrong in ["none", "XY1"] {
        let body = changed("id_token_signed_response_alg", json!(wrong));
        assert_eq!(judged(answer(201, &body)).unwrap_err().entry().code, "registration.member");
    }
}

#[test]
fn a_missing_initial_access_token_is_called_by_its_name() {
    for status in [401, 403] {
        let error = judged(answer(status, &json!({"error": "invalid_token"}))).unwrap_err();
        assert_eq!(error.entry().code, "registration.token");
    }
}

#[test]
fn a_refusal_keeps_the_providers_words() {
    let words = json!({"error": "invalid_redirect_uri", "error_description": "no http"});
    let error = judged(answer(400, &words)).unwrap_err();
    assert_eq!(error.entry().code, "registration.refused");
    assert_eq!(error.says().unwrap().to_string(), "invalid_redirect_uri: no http");

    let with_token = asking().initial_access_token(secret("iat")).at(&metadata()).unwrap();
    let error = with_token.answer(answer(401, &words)).unwrap_err();
    assert_eq!(error.entry().code, "registration.refused");
}

#[test]
fn a_provider_that_is_exhausted_did_not_refuse() {
    for status in [429, 500, 503] {
        let error = judged(answer(status, &json!({"error": "slow_down"}))).unwrap_err();
        assert_eq!(error.entry().code, "provider.refused", "{status}");
    }
    assert_eq!(judged(raw_answer(502, &[], "<html>")).unwrap_err().entry().code, "provider.status");
}
