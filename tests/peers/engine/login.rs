//! Logins: what is asked for, what comes back, what is refused.

use countersign::protocol::discovery::Metadata;
use countersign::protocol::jose::Algorithm;
use countersign::{Callback, LoginOptions, Provider, RelyingParty, ResponseMode};
use serde_json::{Value, json};

use crate::support::node_provider::NodeProvider;
use crate::support::party::{Party, callback, discovered, form, named};
use crate::support::person::{Arrival, Person};

#[test]
fn a_login_brings_identity_profile_and_tokens() {
    let provider = NodeProvider::start(&json!({}));
    let party = Party::of(&provider, "client_secret_basic");
    let session = party.log_in(&Person::new("ada"), LoginOptions::new()).unwrap();
    assert_eq!(session.issuer(), provider.issuer);
    assert_eq!(session.claim("email"), Some(&json!("ada@example.test")));
    assert!(session.user_info().is_some() && session.access_token_expires_at().is_some());
    assert!(session.scope().split(' ').any(|scope| scope == "openid"), "{}", session.scope());
}

#[test]
fn id_tokens_of_each_algorithm_are_read() {
    let provider = NodeProvider::start(&json!({}));
    for (name, alg) in
        [("es256", Algorithm::Es256), ("eddsa", Algorithm::EdDsa), ("ps256", Algorithm::Ps256)]
    {
        for client in [named(&provider, name), named(&provider, name).id_token_alg(alg)] {
            let builder = RelyingParty::builder(discovered(&provider), client, callback());
            let session = Party::with(builder).log_in(&Person::new("ada"), LoginOptions::new());
            assert_eq!(session.unwrap_or_else(|error| panic!("{name}: {error}")).subject(), "ada");
        }
    }
}

#[test]
fn another_algorithm_than_the_expected_one_is_refused() {
    let provider = NodeProvider::start(&json!({}));
    let client = named(&provider, "es256").id_token_alg(Algorithm::Rs256);
    let party = Party::with(RelyingParty::builder(discovered(&provider), client, callback()));
    let error = party.log_in(&Person::new("ada"), LoginOptions::new()).unwrap_err();
    assert_eq!(error.code(), "jws.algorithm_not_allowed", "{error}");
}

#[test]
fn hs256_is_read_with_the_client_secret_where_the_client_is_registered_for_it() {
    let hs256 = json!({
        "client_id": "client-hs256",
        "client_secret": "a secret of thirty-two bytes or more",
        "redirect_uris": [callback().as_str()],
        "id_token_signed_response_alg": "HS256",
    });
    let provider = NodeProvider::start(&json!({ "clients": [hs256] }));
    let plain = named(&provider, "hs256");
    let registered = plain.clone().id_token_alg(Algorithm::Hs256);
    let party = Party::with(RelyingParty::builder(discovered(&provider), registered, callback()));
    assert_eq!(party.log_in(&Person::new("ada"), LoginOptions::new()).unwrap().subject(), "ada");

    let party = Party::with(RelyingParty::builder(discovered(&provider), plain, callback()));
    let error = party.log_in(&Person::new("ada"), LoginOptions::new()).unwrap_err();
    assert_eq!(error.code(), "jws.algorithm_not_allowed", "{error}");
}

#[test]
fn the_answer_may_come_as_a_form() {
    let provider = NodeProvider::start(&json!({}));
    let party = Party::of(&provider, "none");
    let options = LoginOptions::new().response_mode(ResponseMode::FormPost);
    let (url, pending) = party.wait(party.rp.begin(options)).unwrap();
    let arrival = Person::new("ada").log_in(url.as_str());
    assert!(matches!(arrival, Arrival::Form { .. }), "{arrival:?}");
    let callback = Callback::parse(&form(&arrival)).unwrap();
    assert_eq!(party.wait(party.rp.complete(pending, callback)).unwrap().subject(), "ada");
}

#[test]
fn a_cancelled_login_brings_the_providers_words() {
    let provider = NodeProvider::start(&json!({}));
    let party = Party::of(&provider, "none");
    let (url, pending) = party.wait(party.rp.begin(LoginOptions::new())).unwrap();
    let arrival = Person::new("ada").cancel(url.as_str());
    let callback = Callback::parse(&form(&arrival)).unwrap();
    let error = party.wait(party.rp.complete(pending, callback)).unwrap_err();
    assert_eq!(error.code(), "login.refused");
    assert_eq!(error.provider_says().unwrap().error, "access_denied");
}

#[test]
fn a_code_is_good_once() {
    let provider = NodeProvider::start(&json!({}));
    let party = Party::of(&provider, "none");
    let (url, pending) = party.wait(party.rp.begin(LoginOptions::new())).unwrap();
    // A pending login can't be cloned; its sealed record could be replayed by a browser.
    let record = serde_json::to_string(&pending).unwrap();
    let answer = form(&Person::new("ada").log_in(url.as_str()));
    let again = || Callback::parse(&answer).unwrap();
    party.wait(party.rp.complete(pending, again())).unwrap();
    let replayed = serde_json::from_str(&record).unwrap();
    let error = party.wait(party.rp.complete(replayed, again())).unwrap_err();
    assert_eq!(error.code(), "token.refused");
    assert_eq!(error.provider_says().unwrap().error, "invalid_grant");
}

#[test]
fn max_age_acr_values_and_claims_are_asked_for_and_their_answers_checked() {
    let provider = NodeProvider::start(&json!({}));
    let party = Party::of(&provider, "client_secret_post");
    let claims = json!({ "id_token": { "email": { "essential": true } } });
    let Value::Object(claims) = claims else { unreachable!() };
    let options = LoginOptions::new()
        .max_age(300)
        .acr_values("urn:countersign:gold urn:countersign:silver")
        .claims(claims);
    let session = party.log_in(&Person::new("ada"), options).unwrap();
    assert_eq!(session.claims()["acr"], "urn:countersign:gold");
    assert_eq!(session.claims()["email"], "ada@example.test");
    assert!(session.identity().auth_time().is_some());

    // Single sign-on answers with the strength of the login before.
    let bob = Person::new("bob");
    let asking = |acr| LoginOptions::new().acr_values(acr);
    party.log_in(&bob, asking("urn:countersign:silver")).unwrap();
    let error = party.log_in(&bob, asking("urn:countersign:gold")).unwrap_err();
    assert_eq!(error.code(), "id_token.acr", "{error}");
}

#[test]
fn written_metadata_serves_as_well_as_discovered() {
    let provider = NodeProvider::start(&json!({}));
    let party = Party::of(&provider, "none");
    let document = party.wait(party.rp.metadata()).unwrap().all().clone();
    let few =
        ["issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"];
    let written: Value = document.into_iter().filter(|(name, _)| few.contains(&&**name)).collect();
    let metadata = Metadata::from_json(written.to_string().as_bytes()).unwrap();
    let asked = provider.requests("GET /.well-known/openid-configuration");
    let written = Provider::written(metadata).unwrap();
    let client = named(&provider, "client_secret_basic");
    let party = Party::with(RelyingParty::builder(written, client, callback()));
    assert_eq!(party.log_in(&Person::new("ada"), LoginOptions::new()).unwrap().subject(), "ada");
    assert_eq!(provider.requests("GET /.well-known/openid-configuration"), asked);
}

#[test]
fn userinfo_can_be_switched_off() {
    let provider = NodeProvider::start(&json!({}));
    let client = named(&provider, "none");
    let builder = RelyingParty::builder(discovered(&provider), client, callback());
    let party = Party::with(builder.user_info(false));
    let session = party.log_in(&Person::new("ada"), LoginOptions::new()).unwrap();
    assert!(session.user_info().is_none());
    assert_eq!(provider.requests("GET /me"), 0);
}
