//! JWT access tokens of a certified provider.

use std::time::Duration;

use countersign::{LoginOptions, Profile, Requirement, ResourceServer, Roles};
use serde_json::{Value, json};

use crate::support::api::{AUDIENCE, Api, trusted};
use crate::support::node_provider::NodeProvider;
use crate::support::party::Party;
use crate::support::person::Person;

#[test]
fn tokens_of_each_algorithm_pass_by_their_profile() {
    let algorithms = ["RS256", "PS256", "ES256", "EdDSA"];
    let address = |alg: &str| format!("https://{}.example.test", alg.to_lowercase());
    let apis: Value =
        algorithms.map(|alg| (address(alg), json!({ "alg": alg }))).into_iter().collect();
    let claims = json!({ "realm_access": { "roles": ["editor"] } });
    let provider = NodeProvider::start(&json!({ "apis": apis, "apiClaims": claims }));
    let issuer = trusted(&provider.issuer).profile(Profile::Rfc9068).roles(Roles::keycloak_realm());
    let api = Api::with(ResourceServer::builder(algorithms.map(address)).issuer(issuer));
    for alg in algorithms {
        let given = provider.token(&[("resource", &address(alg)), ("scope", "notes:read")]);
        assert_eq!(given.token_type, "Bearer");
        let token =
            api.bearer(&given.access_token).unwrap_or_else(|error| panic!("{alg}: {error}"));
        let client = &provider.client("client_secret_post").client_id;
        assert_eq!(token.subject(), Some(client.as_str()));
        assert_eq!(token.access_token().client_id(), Some(client.as_str()));
        assert_eq!(token.issuer(), provider.issuer);
        assert_eq!(given.scope.as_deref(), Some("notes:read"));
        assert!(token.has_scope("notes:read") && !token.has_scope("notes:write"));
        assert!(token.has_role("editor") && !token.has_role("owner"));
    }
    assert_eq!(provider.requests("GET /jwks"), 1);
}

#[test]
fn what_a_route_requires_is_asked_of_the_token() {
    let provider = NodeProvider::start(&json!({}));
    let api = Api::of(&provider.issuer);
    let given = provider.token(&[("resource", AUDIENCE), ("scope", "notes:read")]);
    let header = format!("Bearer {}", given.access_token);
    let may = |requirement| api.shown(&[("authorization", &header)], &requirement);
    may(Requirement::new().scope("notes:read")).unwrap();
    let error = may(Requirement::new().scope("notes:read").scope("notes:write")).unwrap_err();
    assert_eq!(error.code(), "bearer.scope");
    assert_eq!(may(Requirement::new().role("editor")).unwrap_err().code(), "bearer.role");
}

#[test]
fn a_token_for_another_api_is_refused() {
    let provider = NodeProvider::start(&json!({}));
    let api = Api::of(&provider.issuer);
    let given = provider.token(&[("resource", "https://other.example.test")]);
    assert_eq!(api.bearer(&given.access_token).unwrap_err().code(), "access_token.audience");
}

#[test]
fn a_token_stops_when_it_ends_also_one_that_passed_before() {
    let provider = NodeProvider::start(&json!({ "ttl": { "ClientCredentials": 120 } }));
    let api = Api::of(&provider.issuer);
    let shown = provider.token(&[("resource", AUDIENCE)]).access_token;
    let unseen = provider.token(&[("resource", AUDIENCE)]).access_token;
    api.bearer(&shown).unwrap();
    // The clocks may be a minute apart.
    api.later(Duration::from_secs(140));
    api.bearer(&shown).unwrap();
    api.later(Duration::from_secs(50));
    for token in [shown, unseen] {
        assert_eq!(api.bearer(&token).unwrap_err().code(), "access_token.expired");
    }
}

#[test]
fn id_tokens_and_opaque_tokens_are_refused_by_an_api_that_checks_signatures() {
    let provider = NodeProvider::start(&json!({}));
    let party = Party::of(&provider, "none");
    let session = party.log_in(&Person::new("ada"), LoginOptions::new()).unwrap();
    // The audience fits: it is the client's name, as an API without a name of its own would take it.
    let client = provider.client("none").client_id.as_str();
    let api = Api::with(ResourceServer::builder([client]).issuer(trusted(&provider.issuer)));
    let id_token = provider.id_token("client_secret_post", "ada");
    let client = provider.client("client_secret_post").client_id.as_str();
    let other = Api::with(ResourceServer::builder([client]).issuer(trusted(&provider.issuer)));
    assert_eq!(other.bearer(&id_token).unwrap_err().code(), "access_token.kind");
    let opaque = session.access_token().expose();
    assert_eq!(api.bearer(opaque).unwrap_err().code(), "jws.malformed");
}
