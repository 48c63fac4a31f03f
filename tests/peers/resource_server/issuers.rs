//! One API, two issuers of different make.

use countersign::ResourceServer;
use serde_json::json;

use crate::support::api::{AUDIENCE, Api, trusted};
use crate::support::mock_issuer::MockIssuer;
use crate::support::node_provider::NodeProvider;

#[test]
fn tokens_of_both_pass_and_each_is_checked_by_its_own_issuers_keys() {
    let (provider, mock) = (NodeProvider::start(&json!({})), MockIssuer::start());
    let api = both(&provider, &mock);
    let first = provider.token(&[("resource", AUDIENCE)]).access_token;
    let second =
        mock.token(&json!({ "aud": [AUDIENCE, "more"], "sub": "bob", "scope": "notes:read" }));
    assert_eq!(api.bearer(&first).unwrap().issuer(), provider.issuer);
    let token = api.bearer(&second).unwrap();
    assert_eq!((token.issuer(), token.subject()), (&*mock.issuer, Some("bob")));
    // Seen before or not, whoever comes first.
    api.bearer(&first).unwrap();
    assert_eq!((provider.requests("GET /jwks"), mock.requests("GET /jwks")), (1, 1));
}

#[test]
fn a_token_of_one_never_passes_as_the_others() {
    let (provider, mock) = (NodeProvider::start(&json!({})), MockIssuer::start());
    let api = both(&provider, &mock);
    let claims = |iss: &str| json!({ "iss": iss, "aud": AUDIENCE, "sub": "bob" });
    api.bearer(&mock.token(&claims(&mock.issuer))).unwrap();
    // It signs in the other's name, also under the name of the other's key.
    let forged = mock.token(&claims(&provider.issuer));
    assert_eq!(api.bearer(&forged).unwrap_err().code(), "keys.unknown");
    let kid = provider.kids().remove(0);
    let forged = mock.token_with(&claims(&provider.issuer), &json!({ "kid": kid }));
    assert_eq!(api.bearer(&forged).unwrap_err().code(), "jws.signature");
    // In the name of nobody, and of somebody else.
    for iss in [json!(null), json!(format!("{}/", mock.issuer)), json!([mock.issuer]), json!("")] {
        let forged = mock.token(&json!({ "iss": iss, "aud": AUDIENCE, "sub": "bob" }));
        assert_eq!(api.bearer(&forged).unwrap_err().code(), "access_token.issuer", "{iss}");
    }
}

#[test]
fn one_that_is_down_leaves_the_other_alone() {
    let (provider, mock) = (NodeProvider::start(&json!({})), MockIssuer::start());
    let claims = json!({ "aud": AUDIENCE, "sub": "bob" });
    let second = mock.token(&claims);
    let api = both(&provider, &mock);
    mock.be_down(true);
    assert_eq!(api.bearer(&second).unwrap_err().code(), "provider.status");
    api.bearer(&provider.token(&[("resource", AUDIENCE)]).access_token).unwrap();
}

#[test]
fn keys_of_one_change_without_the_other() {
    let (provider, mock) = (NodeProvider::start(&json!({})), MockIssuer::start());
    let api = both(&provider, &mock);
    let claims = json!({ "aud": AUDIENCE, "sub": "bob" });
    let (first, old) =
        (provider.token(&[("resource", AUDIENCE)]).access_token, mock.token(&claims));
    api.bearer(&first).unwrap();
    api.bearer(&old).unwrap();
    mock.rotate_keys();
    api.bearer(&mock.token(&claims)).unwrap();
    assert_eq!(api.bearer(&old).unwrap_err().code(), "keys.unknown");
    api.bearer(&first).unwrap();
    assert_eq!(provider.requests("GET /jwks"), 1);
}

#[test]
fn claims_of_wrong_types_are_refused() {
    let mock = MockIssuer::start();
    let api = Api::of(&mock.issuer);
    let good = json!({ "aud": AUDIENCE, "sub": "bob" });
    api.bearer(&mock.token(&good)).unwrap();
    for (name, value, code) in [
        ("exp", json!(null), "access_token.claim"),
        ("exp", json!("tomorrow"), "access_token.claim"),
        ("exp", json!([1]), "access_token.claim"),
        ("exp", json!(1), "access_token.expired"),
        ("nbf", json!(4_000_000_000_u64), "access_token.not_before"),
        ("nbf", json!({}), "access_token.claim"),
        ("iat", json!(4_000_000_000_u64), "access_token.issued_at"),
        ("aud", json!(null), "access_token.audience"),
        ("aud", json!([[AUDIENCE]]), "access_token.claim"),
        ("aud", json!({ "a": AUDIENCE }), "access_token.claim"),
        ("sub", json!(17), "access_token.claim"),
        ("nonce", json!("of a login"), "access_token.kind"),
        ("cnf", json!({ "jkt": 1 }), "access_token.confirmation"),
        ("cnf", json!({ "something": "new" }), "access_token.confirmation"),
    ] {
        let mut claims = good.clone();
        claims[name] = value.clone();
        let error = api.bearer(&mock.token(&claims)).unwrap_err();
        assert_eq!(error.code(), code, "{name}: {value}");
    }
}

fn both(provider: &NodeProvider, mock: &MockIssuer) -> Api {
    let builder = ResourceServer::builder([AUDIENCE]);
    Api::with(builder.issuer(trusted(&provider.issuer)).issuer(trusted(&mock.issuer)))
}
