use countersign_protocol::IssuerTemplate;
use countersign_protocol::id_token::IdTokenError;
use countersign_protocol::login::LoginOptions;
use countersign_protocol::value::issuer::IssuerIdentity;
use serde_json::{Value, json};

use crate::support::{Scene, nonce, object};

fn code(scene: Scene, changes: Value) -> &'static str {
    scene.with(changes).unwrap_err().entry().code
}

#[test]
fn an_honest_token_passes() {
    assert!(Scene::new().with(json!({})).is_ok());
    assert!(Scene::new().with(json!({"aud": ["web"]})).is_ok());
    assert!(Scene::new().with(json!({"azp": "web"})).is_ok());
}

#[test]
fn another_issuer_is_refused() {
    for iss in ["https://op.example/", "https://OP.example", "http://op.example", "op.example", ""]
    {
        assert_eq!(code(Scene::new(), json!({ "iss": iss })), "id_token.issuer", "{iss}");
    }
    for iss in [json!(null), json!(1), json!(["https://op.example"])] {
        assert_eq!(code(Scene::new(), json!({ "iss": iss })), "id_token.claim");
    }
    assert_eq!(Scene::new().without("iss").unwrap_err().entry().code, "id_token.claim");
}

#[test]
fn a_trailing_slash_is_named_as_the_difference() {
    let error = Scene::new().with(json!({"iss": "https://op.example/"})).unwrap_err().to_string();
    assert!(error.contains("they differ at character 19: the end against '/'"), "{error}");
}

#[test]
fn another_audience_is_refused() {
    for aud in
        [json!("other"), json!("Web"), json!("web "), json!(["other"]), json!(["web", "other"])]
    {
        assert_eq!(
            code(Scene::new(), json!({"aud": aud, "azp": "web"})),
            "id_token.audience",
            "{aud}"
        );
    }
    for aud in
        [json!(null), json!([]), json!(1), json!([1]), json!(["web", null]), json!({"web": 1})]
    {
        assert_eq!(
            code(Scene::new(), json!({"aud": aud, "azp": "web"})),
            "id_token.claim",
            "{aud}"
        );
    }
    assert_eq!(Scene::new().without("aud").unwrap_err().entry().code, "id_token.claim");
}

#[test]
fn a_further_audience_must_be_trusted() {
    let trusting = || Scene { trusted: vec!["api".into()], ..Scene::new() };
    let both = json!({"aud": ["web", "api"], "azp": "web"});
    assert!(trusting().with(both.clone()).is_ok());
    let error = Scene::new().with(both).unwrap_err();
    assert!(error.to_string().contains("trusted_audiences"), "{error}");
    assert_eq!(
        code(trusting(), json!({"aud": ["web", "api", "x"], "azp": "web"})),
        "id_token.audience"
    );
    // Trusted, but not for us.
    assert_eq!(code(trusting(), json!({"aud": "api", "azp": "web"})), "id_token.audience");
}

#[test]
fn a_long_audience_is_shown_shortened() {
    let many: Vec<String> = (0..10_000).map(|number| format!("aud-{number}\r\n")).collect();
    let error = Scene::new().with(json!({ "aud": many })).unwrap_err().to_string();
    assert!(error.len() < 1000 && !error.contains(['\r', '\n']), "{error}");
}

#[test]
fn several_audiences_need_azp() {
    let trusting = || Scene { trusted: vec!["api".into()], ..Scene::new() };
    assert_eq!(code(trusting(), json!({"aud": ["web", "api"]})), "id_token.azp");
    assert_eq!(code(trusting(), json!({"aud": ["web", "api"], "azp": "api"})), "id_token.azp");
}

#[test]
fn another_authorized_party_is_refused() {
    for azp in ["other", "", "Web"] {
        assert_eq!(code(Scene::new(), json!({ "azp": azp })), "id_token.azp", "{azp}");
    }
    for azp in [json!(null), json!(1), json!(["web"])] {
        assert_eq!(code(Scene::new(), json!({ "azp": azp })), "id_token.claim", "{azp}");
    }
}

#[test]
fn another_nonce_is_refused() {
    let longer = format!("{}A", nonce());
    for other in ["", "x", &longer, &nonce()[1..], &nonce().to_lowercase()] {
        assert_eq!(code(Scene::new(), json!({ "nonce": other })), "id_token.nonce", "{other}");
    }
    for other in [json!(null), json!(1), json!([nonce()])] {
        assert_eq!(code(Scene::new(), json!({ "nonce": other })), "id_token.claim");
    }
    assert_eq!(Scene::new().without("nonce").unwrap_err().entry().code, "id_token.claim");
}

#[test]
fn an_error_shows_no_nonce() {
    let error = Scene::new().with(json!({"nonce": "other"})).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(&nonce()));
}

#[test]
fn acr_must_be_one_of_those_asked_for() {
    let asking =
        || Scene { options: LoginOptions::new().acr_values("urn:a urn:b"), ..Scene::new() };
    assert!(asking().with(json!({"acr": "urn:b"})).is_ok());
    for acr in ["urn:c", "", "urn:a urn:b", "URN:A"] {
        assert_eq!(code(asking(), json!({ "acr": acr })), "id_token.acr", "{acr}");
    }
    assert_eq!(code(asking(), json!({})), "id_token.acr");
    assert_eq!(code(asking(), json!({"acr": ["urn:a"]})), "id_token.claim");
    assert!(Scene::new().with(json!({"acr": "urn:c"})).is_ok());
}

#[test]
fn an_error_about_acr_writes_no_lines() {
    let asking = Scene { options: LoginOptions::new().acr_values("urn:a"), ..Scene::new() };
    let error = asking.with(json!({"acr": "x\r\nforged"})).unwrap_err().to_string();
    assert!(!error.contains(['\r', '\n']), "{error}");
}

fn claiming(claims: Value) -> Scene {
    let claims = object(json!({ "id_token": claims }));
    Scene { options: LoginOptions::new().claims(claims), ..Scene::new() }
}

#[test]
fn an_essential_claim_must_have_the_value_asked_for() {
    let one = || claiming(json!({"level": {"essential": true, "value": "high"}}));
    assert!(one().with(json!({"level": "high"})).is_ok());
    for level in [json!("low"), json!(null), json!(["high"]), json!("HIGH")] {
        assert_eq!(code(one(), json!({ "level": level })), "id_token.claim_value", "{level}");
    }
    assert_eq!(code(one(), json!({})), "id_token.claim_value");

    let many = || claiming(json!({"acr": {"essential": true, "values": ["a", "b"]}}));
    assert!(many().with(json!({"acr": "b"})).is_ok());
    assert_eq!(code(many(), json!({"acr": "c"})), "id_token.claim_value");
}

#[test]
fn a_voluntary_claim_decides_nothing() {
    let scene =
        || claiming(json!({"level": {"value": "high"}, "email": null, "a": {"essential": true}}));
    assert!(scene().with(json!({"level": "low"})).is_ok());
    assert!(scene().with(json!({})).is_ok());
}

#[test]
fn a_subject_asked_for_must_come() {
    let scene = || claiming(json!({"sub": {"value": "alice"}}));
    assert!(scene().with(json!({})).is_ok());
    assert_eq!(code(scene(), json!({"sub": "bob"})), "id_token.claim_value");
}

#[test]
fn a_silent_login_about_somebody_else_is_refused() {
    let scene = |subject: &str| Scene {
        options: LoginOptions::new().silent(subject, None),
        ..Scene::new()
    };
    assert!(scene("alice").with(json!({})).is_ok());
    assert_eq!(scene("bob").with(json!({})).unwrap_err(), IdTokenError::Subject);
}

fn tenants() -> Scene {
    let template =
        IssuerTemplate::new("https://login.example/{tenantid}/v2.0", "tid", ["contoso"]).unwrap();
    Scene { identity: IssuerIdentity::Template(template), ..Scene::new() }
}

#[test]
fn a_listed_tenant_signs_in_under_its_own_issuer() {
    let good = json!({"iss": "https://login.example/contoso/v2.0", "tid": "contoso"});
    assert!(tenants().with(good).is_ok());
}

#[test]
fn a_tenant_that_is_not_listed_does_not_sign_in() {
    for tid in [
        json!("fabrikam"),
        json!("contoso/"),
        json!("contoso/.."),
        json!(".."),
        json!("{tenantid}"),
        json!(""),
        json!(null),
        json!(1),
        json!(["contoso"]),
    ] {
        let iss = format!("https://login.example/{}/v2.0", tid.as_str().unwrap_or("contoso"));
        assert_eq!(code(tenants(), json!({"iss": iss, "tid": tid})), "id_token.tenant", "{tid}");
    }
    let absent = json!({"iss": "https://login.example/contoso/v2.0"});
    assert_eq!(code(tenants(), absent), "id_token.tenant");
}

#[test]
fn a_tenant_under_the_issuer_of_another_is_refused() {
    for iss in ["https://login.example/fabrikam/v2.0", "https://login.example/{tenantid}/v2.0", "x"]
    {
        assert_eq!(
            code(tenants(), json!({"iss": iss, "tid": "contoso"})),
            "id_token.issuer",
            "{iss}"
        );
    }
}
