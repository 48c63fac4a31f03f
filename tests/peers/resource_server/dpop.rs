//! Tokens that are bound to a key of their bearer, RFC 9449.

use countersign::{Dpop, ResourceServer};
use countersign_jose::Algorithm;
use countersign_test_kit::DpopKey;
use serde_json::json;

use crate::support::api::{ADDRESS, AUDIENCE, Api, trusted};
use crate::support::node_provider::{NodeProvider, TokenAnswer};

#[test]
fn a_bound_token_passes_with_a_proof_and_in_no_other_way() {
    let provider = NodeProvider::start(&json!({}));
    let api = api(&provider, Dpop::new());
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256] {
        let key = DpopKey::generate_for(algorithm);
        let given = bound(&provider, &key);
        assert_eq!(given.token_type, "DPoP");
        let token = &given.access_token;
        let proof = key.proof("GET", ADDRESS).for_token(token).sign();
        api.dpop(token, &proof).unwrap_or_else(|error| panic!("{algorithm}: {error}"));

        assert_eq!(api.dpop(token, &proof).unwrap_err().code(), "dpop.replay");
        assert_eq!(api.bearer(token).unwrap_err().code(), "access_token.confirmation");
        let stranger = DpopKey::generate().proof("GET", ADDRESS).for_token(token).sign();
        assert_eq!(api.dpop(token, &stranger).unwrap_err().code(), "dpop.key");
        let unbound = key.proof("GET", ADDRESS).sign();
        assert_eq!(api.dpop(token, &unbound).unwrap_err().code(), "dpop.claim");
        let elsewhere =
            key.proof("GET", "https://other.example.test/notes").for_token(token).sign();
        assert_eq!(api.dpop(token, &elsewhere).unwrap_err().code(), "dpop.htu");
        let other = bound(&provider, &key).access_token;
        let proof = key.proof("GET", ADDRESS).for_token(&other).sign();
        assert_eq!(api.dpop(token, &proof).unwrap_err().code(), "dpop.ath");
        api.dpop(&other, &proof).unwrap();
    }
}

#[test]
fn a_plain_token_does_not_pass_as_a_bound_one() {
    let provider = NodeProvider::start(&json!({}));
    let api = api(&provider, Dpop::new());
    let token = provider.token(&[("resource", AUDIENCE)]).access_token;
    let proof = DpopKey::generate().proof("GET", ADDRESS).for_token(&token).sign();
    assert_eq!(api.dpop(&token, &proof).unwrap_err().code(), "access_token.confirmation");
    api.bearer(&token).unwrap();
}

#[test]
fn without_the_setting_bound_tokens_are_refused() {
    let provider = NodeProvider::start(&json!({}));
    let api = Api::of(&provider.issuer);
    let key = DpopKey::generate();
    let token = bound(&provider, &key).access_token;
    let proof = key.proof("GET", ADDRESS).for_token(&token).sign();
    assert_eq!(api.dpop(&token, &proof).unwrap_err().code(), "access_token.confirmation");
}

#[test]
fn nonces_of_provider_and_api_are_two() {
    let provider = NodeProvider::start(&json!({ "dpopNonce": true }));
    let api = api(&provider, Dpop::new().nonces());
    let key = DpopKey::generate();
    let proof = || key.proof("POST", format!("{}/token", provider.issuer));
    let form = [("resource", AUDIENCE)];
    let refused = provider.token_with(&form, Some(&proof().sign())).unwrap_err();
    assert_eq!(refused.body["error"], "use_dpop_nonce", "{refused}");
    let of_the_provider = refused.nonce.expect("the provider gives a nonce");
    let proof = proof().nonce(&*of_the_provider).sign();
    let token = provider.token_with(&form, Some(&proof)).unwrap().access_token;

    let proof = || key.proof("GET", ADDRESS).for_token(&token);
    for proof in [proof().sign(), proof().nonce(of_the_provider).sign()] {
        assert_eq!(api.dpop(&token, &proof).unwrap_err().code(), "dpop.nonce");
    }
    let refusal = match api.dpop(&token, &proof().sign()).unwrap_err() {
        countersign::CheckError::Refused(refusal) => refusal,
        other => panic!("{other}"),
    };
    let nonce = api.server.dpop_nonce(&refusal).unwrap().expect("the API gives one as well");
    api.dpop(&token, &proof().nonce(&*nonce).sign()).unwrap();
    // It is good for many proofs.
    api.dpop(&token, &proof().nonce(nonce).sign()).unwrap();
}

/// A token for the API that is bound to this key.
fn bound(provider: &NodeProvider, key: &DpopKey) -> TokenAnswer {
    let proof = key.proof("POST", format!("{}/token", provider.issuer)).sign();
    let given = provider.token_with(&[("resource", AUDIENCE)], Some(&proof));
    given.unwrap_or_else(|error| panic!("{error}"))
}

fn api(provider: &NodeProvider, dpop: Dpop) -> Api {
    let issuer = trusted(&provider.issuer);
    Api::with(ResourceServer::builder([AUDIENCE]).issuer(issuer).dpop(dpop))
}
