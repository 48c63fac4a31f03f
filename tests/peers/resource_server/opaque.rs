//! Tokens that only their issuer can judge, RFC 7662.

use std::sync::Arc;
use std::time::Duration;

use countersign::protocol::jose::{Algorithm, SigningKey};
use countersign::{
    CheckError, Client, ClientAuthentication, Dpop, Introspection, LoginOptions, ResourceServer,
    Secret,
};
use countersign_test_kit::DpopKey;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::api::{ADDRESS, AUDIENCE, Api, trusted};
use crate::support::mock_issuer::MockIssuer;
use crate::support::node_provider::NodeProvider;
use crate::support::party::{Party, named};
use crate::support::person::Person;

#[test]
fn opaque_tokens_pass_by_their_issuers_word_whichever_way_the_api_authenticates() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let keys = json!({ "keys": [Value::Object(key.public_jwk())] });
    let provider = provider(&json!({
        "clientJwks": keys,
        "apiClaims": { "realm_access": { "roles": ["editor"] } },
    }));
    let given = provider.token(&[("resource", AUDIENCE), ("scope", "notes:read")]);
    let methods = ["client_secret_basic", "client_secret_post", "client_secret_jwt"];
    let mut clients: Vec<_> = methods.iter().map(|name| named(&provider, name)).collect();
    let id = &provider.client("private_key_jwt").client_id;
    clients.push(Client::new(id, ClientAuthentication::PrivateKeyJwt(Arc::new(key))));
    for client in clients {
        let name = format!("{client:?}");
        let api = asking(&provider, Introspection::new(client));
        let token = api.bearer(&given.access_token).unwrap_or_else(|e| panic!("{name}: {e}"));
        let client = provider.client("client_secret_post").client_id.as_str();
        assert_eq!(token.access_token().client_id(), Some(client));
        assert_eq!(token.issuer(), provider.issuer);
        assert!(token.has_scope("notes:read") && !token.has_scope("notes:write"));
        assert!(token.has_role("editor"));
    }
}

#[test]
fn jwts_of_the_same_issuer_need_no_question() {
    let provider = NodeProvider::start(&json!({}));
    let api = asking(&provider, Introspection::new(named(&provider, "api")));
    api.bearer(&provider.token(&[("resource", AUDIENCE)]).access_token).unwrap();
    assert_eq!(provider.requests(INTROSPECTION), 0);
}

#[test]
fn an_answer_is_kept_and_shared_by_all_who_ask_at_once() {
    let provider = provider(&json!({}));
    let api = asking(&provider, Introspection::new(named(&provider, "api")));
    let good = provider.token(&[("resource", AUDIENCE)]).access_token;
    for (token, passes) in [(&*good, true), ("nobody-has-issued-this", false)] {
        let asked = provider.requests(INTROSPECTION);
        let credentials = countersign::Credentials::new(BEARER, token).unwrap();
        let presented = countersign::Presented::new(credentials);
        let requirement = countersign::Requirement::new();
        let all = || join_all((0..50).map(|_| api.server.check(&presented, &requirement)));
        for _ in 0..2 {
            assert!(api.wait(async { all().await }).iter().all(|one| one.is_ok() == passes));
        }
        assert_eq!(provider.requests(INTROSPECTION), asked + 1, "{passes}");
    }
}

#[test]
fn a_revoked_token_stops_when_the_answer_is_forgotten() {
    let provider = provider(&json!({}));
    let keep = Duration::from_secs(60);
    let api = asking(&provider, Introspection::new(named(&provider, "api")).keep(keep));
    let [seen, unseen] = [(); 2].map(|()| provider.token(&[("resource", AUDIENCE)]).access_token);
    api.bearer(&seen).unwrap();
    provider.revoke(&seen);
    provider.revoke(&unseen);
    assert_eq!(api.bearer(&unseen).unwrap_err().code(), "access_token.inactive");
    api.bearer(&seen).unwrap();
    api.later(keep);
    assert_eq!(api.bearer(&seen).unwrap_err().code(), "access_token.inactive");
}

#[test]
fn a_kept_answer_ends_with_its_token() {
    let provider = provider(&json!({ "ttl": { "ClientCredentials": 120 } }));
    let keep = Duration::from_secs(86400);
    let api = asking(&provider, Introspection::new(named(&provider, "api")).keep(keep));
    let token = provider.token(&[("resource", AUDIENCE)]).access_token;
    api.bearer(&token).unwrap();
    api.later(Duration::from_secs(190));
    assert_eq!(api.bearer(&token).unwrap_err().code(), "access_token.expired");
}

#[test]
fn signed_answers_are_checked_with_the_issuers_keys_as_they_change() {
    let provider = provider(&json!({}));
    for client in ["api", "api-es256"] {
        let api = asking(&provider, Introspection::new(named(&provider, client)).signed());
        for keep in [false, true] {
            let given = provider.token(&[("resource", AUDIENCE)]).access_token;
            let token = api.bearer(&given).unwrap_or_else(|error| panic!("{client}: {error}"));
            assert_eq!(token.issuer(), provider.issuer);
            let error = api.bearer("nobody-has-issued-this").unwrap_err();
            assert_eq!(error.code(), "access_token.inactive");
            provider.rotate_keys(keep);
            api.later(Duration::from_secs(60));
        }
    }
}

#[test]
fn a_token_for_another_api_is_refused() {
    let other = "https://other.example.test";
    let provider = provider(&json!({ "apis": { other: { "format": "opaque" } } }));
    let api = asking(&provider, Introspection::new(named(&provider, "api")));
    let given = provider.token(&[("resource", other)]).access_token;
    assert_eq!(api.bearer(&given).unwrap_err().code(), "access_token.audience");
    // For no API at all, which this provider writes as no audience at all.
    let given = provider.token(&[]).access_token;
    assert_eq!(api.bearer(&given).unwrap_err().code(), "access_token.audience");
    let introspection = Introspection::new(named(&provider, "api")).may_lack_audience();
    asking(&provider, introspection).bearer(&given).unwrap();
}

#[test]
fn nobody_passes_while_the_issuer_cannot_be_asked() {
    let provider = provider(&json!({}));
    let [seen, unseen] = [(); 2].map(|()| provider.token(&[("resource", AUDIENCE)]).access_token);
    let api = asking(&provider, Introspection::new(named(&provider, "api")));
    api.bearer(&seen).unwrap();
    provider.be_down(true);
    assert!(matches!(api.bearer(&unseen), Err(CheckError::Unavailable(_))));
    api.bearer(&seen).unwrap();
    api.later(Duration::from_secs(30));
    assert!(matches!(api.bearer(&seen), Err(CheckError::Unavailable(_))));
    provider.be_down(false);
    api.bearer(&seen).unwrap();
    api.bearer(&unseen).unwrap();
}

#[test]
fn a_wrong_secret_of_the_api_is_no_fault_of_the_token() {
    let provider = provider(&json!({}));
    let token = provider.token(&[("resource", AUDIENCE)]).access_token;
    let id = &provider.client("api").client_id;
    let client = Client::with_secret(id, Secret::from("wrong"));
    let error = asking(&provider, Introspection::new(client)).bearer(&token).unwrap_err();
    assert_eq!(error.code(), "introspection.refused", "{error}");
    let CheckError::Unavailable(error) = error else { panic!("{error}") };
    assert_eq!(error.provider_says().unwrap().error, "invalid_client");
}

#[test]
fn an_opaque_token_that_is_bound_needs_its_proof() {
    let provider = provider(&json!({}));
    let issuer = trusted(&provider.issuer)
        .introspection(Introspection::new(named(&provider, "api")).signed());
    let api = Api::with(ResourceServer::builder([AUDIENCE]).issuer(issuer).dpop(Dpop::new()));
    let key = DpopKey::generate();
    let proof = key.proof("POST", format!("{}/token", provider.issuer)).sign();
    let given = provider.token_with(&[("resource", AUDIENCE)], Some(&proof)).unwrap();
    let token = &given.access_token;
    let proof = key.proof("GET", ADDRESS).for_token(token).sign();
    api.dpop(token, &proof).unwrap();
    assert_eq!(api.dpop(token, &proof).unwrap_err().code(), "dpop.replay");
    assert_eq!(api.bearer(token).unwrap_err().code(), "access_token.confirmation");
    let stranger = DpopKey::generate().proof("GET", ADDRESS).for_token(token).sign();
    assert_eq!(api.dpop(token, &stranger).unwrap_err().code(), "dpop.key");
}

#[test]
fn the_profile_of_a_person_is_asked_once() {
    let provider = NodeProvider::start(&json!({}));
    let party = Party::of(&provider, "none");
    let session = party.log_in(&Person::new("ada"), LoginOptions::new()).unwrap();
    let asked = provider.requests("GET /me");
    let introspection = Introspection::new(named(&provider, "api")).may_lack_audience();
    let api = asking(&provider, introspection);
    let token = api.bearer(session.access_token().expose()).unwrap();
    assert_eq!(token.subject(), Some("ada"));
    for _ in 0..2 {
        let profile = api.wait(api.server.user_info(&token)).unwrap();
        assert_eq!(profile.claims()["email"], "ada@example.test");
    }
    assert_eq!(provider.requests("GET /me"), asked + 1);
}

#[test]
fn answers_that_say_nothing_clear_let_nobody_pass() {
    let mock = MockIssuer::start();
    let api = |signed: bool| {
        let introspection = Introspection::new(Client::with_secret("api", Secret::from("any")));
        let introspection = if signed { introspection.signed() } else { introspection };
        let issuer = trusted(&mock.issuer).introspection(introspection.keep(Duration::ZERO));
        Api::with(ResourceServer::builder([AUDIENCE]).issuer(issuer))
    };
    mock.say(&json!({ "active": true, "aud": AUDIENCE, "sub": "bob" }));
    let plain = api(false);
    assert_eq!(plain.bearer("opaque").unwrap().subject(), Some("bob"));
    assert_eq!(api(true).bearer("opaque").unwrap_err().code(), "introspection.not_signed");
    for (said, code) in [
        (json!({}), "introspection.member"),
        (json!({ "active": "true", "aud": AUDIENCE }), "introspection.member"),
        (json!({ "active": 1, "aud": AUDIENCE }), "introspection.member"),
        (json!({ "active": null, "aud": AUDIENCE }), "introspection.member"),
        (json!({ "active": false, "aud": AUDIENCE }), "access_token.inactive"),
        (json!({ "active": true }), "access_token.audience"),
        (json!({ "active": true, "aud": "other" }), "access_token.audience"),
        (
            json!({ "active": true, "aud": AUDIENCE, "iss": "https://x.test" }),
            "access_token.issuer",
        ),
        (json!({ "active": true, "aud": AUDIENCE, "exp": 1 }), "access_token.expired"),
        (json!({ "active": true, "aud": AUDIENCE, "exp": "soon" }), "access_token.claim"),
        (json!({ "active": true, "aud": AUDIENCE, "scope": 7 }), "access_token.claim"),
    ] {
        mock.say(&said);
        plain.later(Duration::from_secs(60));
        assert_eq!(plain.bearer("opaque").unwrap_err().code(), code, "{said}");
    }
}

/// One whose tokens for the API are opaque.
fn provider(more: &Value) -> NodeProvider {
    let mut settings = json!({ "apis": { AUDIENCE: { "format": "opaque" } } });
    for (name, value) in more.as_object().unwrap() {
        settings[name] = value.clone();
    }
    NodeProvider::start(&settings)
}

fn asking(provider: &NodeProvider, introspection: Introspection) -> Api {
    let issuer = trusted(&provider.issuer).introspection(introspection);
    Api::with(ResourceServer::builder([AUDIENCE]).issuer(issuer))
}

const INTROSPECTION: &str = "POST /token/introspection";
const BEARER: countersign::protocol::bearer::Scheme = countersign::protocol::bearer::Scheme::Bearer;
