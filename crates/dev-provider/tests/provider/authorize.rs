//! What the authorization endpoint accepts, asks back, and refuses.

use std::time::Duration;

use crate::support::{Browser, CALLBACK, SECRET, provider, request, verified, with};
use countersign_dev_provider::{Client, Pkce};
use http::StatusCode;

/// The error that comes back by redirect; empty when the login page is shown instead.
async fn error(client: &str, more: &[(&str, &str)]) -> String {
    let provider = provider();
    let location = Browser::new(&provider).authorize(client, more).await.location();
    if location.path() == "/login" {
        return String::new();
    }
    let parameters = location.query().or(location.fragment()).unwrap();
    let parameters: std::collections::BTreeMap<String, String> =
        url::form_urlencoded::parse(parameters.as_bytes()).into_owned().collect();
    assert_eq!(parameters["iss"], provider.issuer(), "every answer names the issuer");
    parameters["error"].clone()
}

#[tokio::test]
async fn an_unregistered_redirect_uri_gets_a_page_and_no_redirect() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    for uri in [
        "https://evil.example/",
        "http://127.0.0.1:3000/auth/callback/",
        "http://127.0.0.1:3000/auth/callback?x=1",
        "http://127.0.0.1:3001/auth/callback",
        "",
    ] {
        let answer = browser.authorize("web", &[("redirect_uri", uri)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{uri}");
        assert_eq!(answer.header("location"), "");
        assert!(answer.text().contains("redirect_uri"));
    }
    let answer = browser.authorize("nobody", &[]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let twice = format!("/authorize?{}&client_id=web", request("web", &[]));
    assert_eq!(browser.get(&twice).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_page_never_carries_what_a_request_wrote_as_markup() {
    let provider = provider();
    let evil = "\"><script>alert(1)</script>";
    let mut browser = Browser::new(&provider);
    let answer = browser.authorize("web", &[("redirect_uri", evil)]).await;
    assert!(!answer.text().contains("<script>alert"));
    let page = browser.authorize("web", &[("login_hint", evil)]).await;
    let page = browser.get(page.header("location")).await;
    assert!(!page.text().contains("<script>alert"));
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[tokio::test]
async fn a_native_client_may_return_to_any_loopback_port_and_a_web_client_may_not() {
    let provider = with(|builder| {
        let native = Client::public("native").redirect_uri("http://127.0.0.1/cb").native();
        let web = Client::confidential("fixed", "s").redirect_uri("http://127.0.0.1/cb");
        builder.client(native).client(web)
    });
    let mut browser = Browser::new(&provider);
    let uri = ("redirect_uri", "http://127.0.0.1:51234/cb");
    assert_eq!(browser.authorize("native", &[uri]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.authorize("fixed", &[uri]).await.status, StatusCode::BAD_REQUEST);
    let path = ("redirect_uri", "http://127.0.0.1:51234/other");
    assert_eq!(browser.authorize("native", &[path]).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_public_client_without_pkce_is_refused() {
    let none = [("code_challenge", ""), ("code_challenge_method", "")];
    assert_eq!(error("app", &none).await, "invalid_request");
    assert_eq!(error("web", &none).await, "", "a confidential client may leave it out");

    let strict = with(|builder| builder.pkce(Pkce::Always));
    let answer = Browser::new(&strict).authorize("web", &none).await;
    assert_eq!(answer.query()["error"], "invalid_request");
}

#[tokio::test]
async fn a_plain_code_challenge_is_refused() {
    assert_eq!(error("app", &[("code_challenge_method", "plain")]).await, "invalid_request");
    assert_eq!(error("app", &[("code_challenge_method", "")]).await, "invalid_request");
    assert_eq!(error("app", &[("code_challenge", "short")]).await, "invalid_request");
}

#[tokio::test]
async fn wrong_parameters_come_back_as_errors() {
    for (name, value, expected) in [
        ("response_type", "", "invalid_request"),
        ("response_type", "magic", "unsupported_response_type"),
        ("response_mode", "carrier_pigeon", "invalid_request"),
        ("scope", "profile", "invalid_scope"),
        ("prompt", "none login", "invalid_request"),
        ("prompt", "maybe", "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("claims", "{not json", "invalid_request"),
        ("id_token_hint", "a.b.c", "invalid_request"),
        ("request", "a.b.c", "request_not_supported"),
        ("request_uri", "https://x.example", "request_uri_not_supported"),
        ("resource", "not-absolute", "invalid_target"),
    ] {
        assert_eq!(error("web", &[(name, value)]).await, expected, "{name}={value}");
    }
    let provider = provider();
    let twice = format!("/authorize?{}&nonce=again", request("web", &[]));
    let answer = Browser::new(&provider).get(&twice).await;
    assert_eq!(answer.query()["error"], "invalid_request");
    assert_eq!(answer.query()["state"], "the-state");
    let description = &answer.query()["error_description"];
    assert!(!description.contains('"'), "RFC 6749 has no quotes there: {description}");
}

#[tokio::test]
async fn prompt_none_never_shows_a_page() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let silent = [("prompt", "none")];
    assert_eq!(browser.authorize("web", &silent).await.query()["error"], "login_required");
    browser.log_in("web", "alice", &[]).await;
    assert!(browser.authorize("web", &silent).await.query().contains_key("code"));

    let asking = with(|builder| builder.consent(true));
    let mut browser = Browser::new(&asking);
    let page = browser.authorize("web", &[]).await;
    browser.click(&page, "alice").await;
    assert_eq!(browser.authorize("web", &silent).await.query()["error"], "consent_required");
}

#[tokio::test]
async fn a_second_login_is_silent_until_prompt_max_age_acr_or_hint_ask_for_it() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    browser.log_in("web", "alice", &[]).await;
    assert!(browser.authorize("app", &[]).await.query().contains_key("code"));
    provider.advance_clock(Duration::from_secs(100));
    for (name, value) in [
        ("prompt", "login"),
        ("prompt", "select_account"),
        ("max_age", "99"),
        ("max_age", "0"),
        ("acr_values", "mfa"),
        ("claims", r#"{"id_token":{"acr":{"essential":true,"values":["mfa"]}}}"#),
        ("claims", r#"{"id_token":{"sub":{"value":"bob"}}}"#),
    ] {
        let answer = browser.authorize("web", &[(name, value)]).await;
        assert_eq!(answer.location().path(), "/login", "{name}={value}");
    }
    for (name, value) in [("max_age", "200"), ("acr_values", "pwd"), ("acr_values", "unheard-of")] {
        let answer = browser.authorize("web", &[(name, value)]).await;
        assert!(answer.query().contains_key("code"), "{name}={value}");
    }
    provider.advance_clock(Duration::from_secs(13 * 3600));
    assert_eq!(browser.authorize("web", &[]).await.location().path(), "/login");
}

#[tokio::test]
async fn an_id_token_hint_about_somebody_else_asks_for_that_person() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let tokens = browser.tokens("web", "alice", &[]).await;
    let hint = ("id_token_hint", tokens["id_token"].as_str().unwrap());
    assert!(browser.authorize("web", &[hint]).await.query().contains_key("code"));

    let mut other = Browser::new(&provider);
    other.log_in("web", "bob", &[]).await;
    let silent = other.authorize("web", &[hint, ("prompt", "none")]).await;
    assert_eq!(silent.query()["error"], "login_required");
    let page = other.authorize("web", &[hint]).await;
    let back = other.click(&page, "bob").await;
    assert_eq!(back.query()["error"], "login_required", "bob is still not alice");
}

#[tokio::test]
async fn auth_time_and_acr_tell_of_the_login() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let start = provider.now();
    let first = browser.tokens("web", "alice", &[("acr_values", "mfa")]).await;
    provider.advance_clock(Duration::from_secs(50));
    let code = browser.authorize("web", &[]).await.query()["code"].clone();
    let second = browser.redeem("web", &code).await.json();
    let first = verified(&provider, first["id_token"].as_str().unwrap());
    let second = verified(&provider, second["id_token"].as_str().unwrap());
    assert!(first["auth_time"].as_i64().unwrap() - start <= 5);
    assert_eq!(first["auth_time"], second["auth_time"]);
    assert_eq!(first["acr"], "mfa");
    assert_eq!(first["sid"], second["sid"]);
    assert!(second["iat"].as_i64().unwrap() >= start + 50);
}

#[tokio::test]
async fn an_answer_travels_as_query_fragment_or_form() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    browser.log_in("web", "alice", &[]).await;
    let fragment = browser.authorize("web", &[("response_mode", "fragment")]).await.location();
    assert!(fragment.fragment().unwrap().contains("code="));
    assert_eq!(fragment.query(), None);

    let form = browser.authorize("web", &[("response_mode", "form_post")]).await;
    assert_eq!(form.status, StatusCode::OK);
    for part in [CALLBACK, "name=\"code\"", "name=\"state\"", "name=\"iss\"", "Continue"] {
        assert!(form.text().contains(part), "{part}");
    }
    let refused =
        browser.authorize("web", &[("response_mode", "form_post"), ("max_age", "x")]).await;
    assert!(refused.text().contains("value=\"invalid_request\""));
}

#[tokio::test]
async fn a_hybrid_answer_carries_c_hash_and_at_hash() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    browser.log_in("web", "alice", &[]).await;
    let hybrid = [("response_type", "code id_token token")];
    let location = browser.authorize("web", &hybrid).await.location();
    let parts: std::collections::BTreeMap<String, String> =
        url::form_urlencoded::parse(location.fragment().unwrap().as_bytes()).into_owned().collect();
    let claims = verified(&provider, &parts["id_token"]);
    let half = |text| countersign_jose::digest::half(countersign_jose::Algorithm::Es256, text);
    assert_eq!(claims["c_hash"], half(&parts["code"]).unwrap());
    assert_eq!(claims["at_hash"], half(&parts["access_token"]).unwrap());

    let in_query = browser.authorize("web", &[hybrid[0], ("response_mode", "query")]).await;
    assert_eq!(in_query.query()["error"], "invalid_request", "tokens never travel in a query");
    let no_nonce = browser.authorize("web", &[hybrid[0], ("nonce", "")]).await.location();
    assert!(no_nonce.fragment().unwrap().contains("error=invalid_request"));
}

#[tokio::test]
async fn a_post_asks_like_a_get() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let query = request("web", &[]);
    let form: Vec<(String, String)> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let answer = browser.post("/authorize", &form).await;
    let path = answer.header("location").to_owned();
    let page = browser.get(&path).await;
    assert!(browser.click(&page, "alice").await.query().contains_key("code"));
}

#[tokio::test]
async fn another_browser_cannot_answer_a_login_page() {
    let provider = provider();
    let mut victim = Browser::new(&provider);
    let page = victim.authorize("web", &[]).await;
    let mut thief = Browser::new(&provider);
    thief.authorize("web", &[]).await;
    let interaction = page.query()["interaction"].clone();
    let form = [("interaction", interaction.as_str()), ("user", "alice")];
    assert_eq!(thief.post("/login", &form).await.status, StatusCode::BAD_REQUEST);
    assert!(victim.post("/login", &form).await.query().contains_key("code"));
    assert_eq!(victim.post("/login", &form).await.status, StatusCode::BAD_REQUEST, "once only");
}

#[tokio::test]
async fn two_tabs_can_log_in_one_after_the_other() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let first = browser.authorize("web", &[("state", "first")]).await;
    let second = browser.authorize("web", &[("state", "second")]).await;
    assert_eq!(browser.click(&second, "bob").await.query()["state"], "second");
    assert_eq!(browser.click(&first, "bob").await.query()["state"], "first");
}

#[tokio::test]
async fn each_login_gets_a_new_session_cookie() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    browser.log_in("web", "alice", &[]).await;
    let before = browser.cookies["dev_provider_session_9000"].clone();
    browser.log_in("web", "alice", &[("prompt", "login")]).await;
    assert_ne!(before, browser.cookies["dev_provider_session_9000"]);
    let mut planted = Browser::new(&provider);
    planted.cookies.insert("dev_provider_session_9000".to_owned(), before);
    assert_eq!(planted.authorize("web", &[]).await.location().path(), "/login");
}

#[tokio::test]
async fn cancelling_the_login_and_denying_consent_are_access_denied() {
    let provider = with(|builder| builder.consent(true));
    let mut browser = Browser::new(&provider);
    let page = browser.authorize("web", &[]).await;
    let interaction = page.query()["interaction"].clone();
    let cancelled = browser.post("/login", &[("interaction", &interaction), ("cancel", "1")]).await;
    assert_eq!(cancelled.query()["error"], "access_denied");
    assert_eq!(cancelled.query()["state"], "the-state");

    let page = browser.authorize("web", &[]).await;
    let consent = browser.click(&page, "alice").await;
    assert_eq!(consent.location().path(), "/consent");
    let interaction = consent.query()["interaction"].clone();
    let shown = browser.get(consent.header("location")).await.text();
    assert!(shown.contains("Alice Adams") && shown.contains("your mail address"), "{shown}");
    let denied = browser.post("/consent", &[("interaction", &interaction), ("deny", "1")]).await;
    assert_eq!(denied.query()["error"], "access_denied");

    let consent = browser.authorize("web", &[]).await;
    let interaction = consent.query()["interaction"].clone();
    let allowed = browser.post("/consent", &[("interaction", &interaction), ("allow", "1")]).await;
    assert!(allowed.query().contains_key("code"));
    assert!(browser.authorize("web", &[]).await.query().contains_key("code"), "asked once only");
    let more = browser.authorize("web", &[("scope", "openid phone")]).await;
    assert_eq!(more.location().path(), "/consent", "more scopes ask again");
}

#[tokio::test]
async fn the_claims_parameter_is_honoured() {
    let provider = provider();
    let claims = r#"{
        "id_token": {"email": null, "locale": {"value": "xx"}, "zoneinfo": {"values": ["Europe/London"]}},
        "userinfo": {"phone_number": {"essential": true}},
        "authmachine_permissions": ["object1", "object2"]
    }"#;
    let mut browser = Browser::new(&provider);
    let tokens = browser.tokens("web", "alice", &[("scope", "openid"), ("claims", claims)]).await;
    let id_token = verified(&provider, tokens["id_token"].as_str().unwrap());
    assert_eq!(id_token["email"], "alice@example.org");
    assert_eq!(id_token["zoneinfo"], "Europe/London");
    assert_eq!(id_token.get("locale"), None, "hers is another one");
    let person = browser.user_info(tokens["access_token"].as_str().unwrap()).await.json();
    assert_eq!(person["phone_number"], "+44 20 7946 0001");
    assert_eq!(person["authmachine_permissions"][1], "object2");
    assert_eq!(person.get("email"), None);
}

#[tokio::test]
async fn unknown_scopes_are_left_out() {
    let provider = provider();
    let mut browser = Browser::new(&provider);
    let tokens = browser.tokens("web", "bob", &[("scope", "openid notes:read nonsense")]).await;
    assert_eq!(tokens["scope"], "openid notes:read");
    let secret = SECRET;
    assert!(!format!("{provider:?}").contains(secret));
}
