use countersign_protocol::access_token::{AccessTokenError, Profile};
use serde_json::json;

use super::scene::{Scene, code};

#[test]
fn one_of_several_audiences_suffices_on_either_side() {
    for aud in [json!("api"), json!(["api"]), json!(["account", "api"]), json!(["api", "api"])] {
        assert_eq!(code(Scene::new().with(json!({"aud": aud}))), "", "{aud}");
        let scene = Scene::new().audiences(&["other", "api"]);
        assert_eq!(code(scene.with(json!({"aud": aud}))), "", "{aud}");
    }
}

#[test]
fn a_token_for_somebody_else_is_refused() {
    for aud in [
        json!("web"),
        json!(["web", "account"]),
        json!([]),
        json!(""),
        json!([""]),
        json!("api "),
        json!(" api"),
        json!("API"),
        json!("api\u{0}"),
        json!("api web"),
        json!("ap"),
        json!("apis"),
        json!("https://api"),
    ] {
        let judged = Scene::new().with(json!({"aud": aud}));
        assert_eq!(code(judged), "access_token.audience", "{aud}");
    }
}

#[test]
fn a_token_for_nobody_is_refused() {
    let error = Scene::new().without("aud").unwrap_err();
    assert_eq!(error.entry().code, "access_token.audience");
    assert!(error.to_string().contains("nobody (it has no \"aud\"; "), "{error}");
    assert!(error.to_string().contains("TrustedIssuer::clients"), "{error}");
}

#[test]
fn an_audience_that_is_no_text_is_refused_even_beside_ours() {
    for aud in [
        json!(null),
        json!(1),
        json!(true),
        json!({}),
        json!({"api": true}),
        json!(["api", 1]),
        json!(["api", null]),
        json!(["api", ["web"]]),
        json!([["api"]]),
    ] {
        let judged = Scene::new().with(json!({"aud": aud}));
        assert_eq!(code(judged), "access_token.claim", "{aud}");
    }
}

#[test]
fn an_api_without_a_name_accepts_nothing() {
    for aud in [json!("api"), json!(""), json!([])] {
        let judged = Scene::new().audiences(&[]).with(json!({"aud": aud}));
        assert_eq!(code(judged), "access_token.audience", "{aud}");
    }
}

#[test]
fn the_message_names_both_sides_and_the_setting() {
    let error = Scene::new().audiences(&["api", "notes"]);
    let error = error.with(json!({"aud": ["web", "a\"\n"]})).unwrap_err();
    let text = error.to_string();
    for part in ["\"web\", \"a\\\"\\n\"", "expected \"api\", \"notes\"", "--audience"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(matches!(error, AccessTokenError::Audience { expected, got }
        if expected == ["api", "notes"] && got == ["web", "a\"\n"]));
}

#[test]
fn a_message_about_many_audiences_stays_short() {
    let many: Vec<String> = (0..1000).map(|n| format!("{n}{}", "a".repeat(1000))).collect();
    let error = Scene::new().with(json!({"aud": many})).unwrap_err();
    assert!(error.to_string().len() < 4000, "{}", error.to_string().len());
}

#[test]
fn an_introspected_token_may_lack_its_audience_only_where_that_is_set() {
    let said = |aud| json!({"iss": "https://op.example", "aud": aud});
    assert_eq!(code(Scene::new().said(json!({}), true)), "");
    assert_eq!(code(Scene::new().said(json!({}), false)), "access_token.audience");
    assert_eq!(code(Scene::new().said(said(json!("api")), true)), "");
    assert_eq!(code(Scene::new().said(said(json!("web")), true)), "access_token.audience");
    assert_eq!(code(Scene::new().said(said(json!(7)), true)), "access_token.claim");
}

fn of_clients(clients: &[&str]) -> Scene {
    Scene { clients: clients.iter().map(|one| (*one).to_owned()).collect(), ..Scene::new() }
}

#[test]
fn a_token_for_nobody_passes_by_its_client_where_that_is_set() {
    assert_eq!(code(of_clients(&["other", "web"]).without("aud")), "");
    for clients in [vec![], vec!["other"], vec![""], vec!["WEB"]] {
        let judged = of_clients(&clients).without("aud");
        assert_eq!(code(judged), "access_token.audience", "{clients:?}");
    }
    let mut claims = Scene::claims();
    claims.remove("aud");
    claims.remove("client_id");
    let judged = of_clients(&["web", ""]).of(claims.into());
    assert_eq!(code(judged), "access_token.audience", "the client of nobody");
}

/// An audience that is there decides, whoever the client is.
#[test]
fn the_client_opens_nothing_for_a_token_that_has_an_audience() {
    for aud in [json!("other"), json!([]), json!(""), json!(["other"])] {
        let judged = of_clients(&["web"]).with(json!({"aud": aud}));
        assert_eq!(code(judged), "access_token.audience", "{aud}");
    }
    assert_eq!(code(of_clients(&["web"]).with(json!({"aud": null}))), "access_token.claim");
}

#[test]
fn the_profile_of_rfc_9068_knows_no_token_without_audience() {
    let strict = Scene { profile: Profile::Rfc9068, ..of_clients(&["web"]) }.typ("at+jwt");
    assert_eq!(code(strict.without("aud")), "access_token.audience");
}
