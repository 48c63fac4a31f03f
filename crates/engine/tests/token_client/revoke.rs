use countersign::protocol::value::endpoint::Endpoint;
use countersign::{Fault, Secret, TokenAsk, TokenHint};
use serde_json::json;

use super::{form, tokens};
use crate::support::{World, answer, down, ready, secs};

#[test]
fn a_token_is_revoked_at_the_provider() {
    let world = World::new();
    let tokens = tokens(&world);
    ready(tokens.revoke(&Secret::from("rt-1"), Some(TokenHint::RefreshToken))).unwrap();
    assert_eq!(world.op().revoked, ["rt-1"]);
    assert_eq!(form(&world)["token_type_hint"], "refresh_token");
}

#[test]
fn a_revoked_token_is_not_handed_out_again() {
    let world = World::new();
    let tokens = tokens(&world);
    let ask = TokenAsk::new().scope("a");
    let first = ready(tokens.client_credentials(&ask)).unwrap().token;
    let other = ready(tokens.client_credentials(&TokenAsk::new())).unwrap().token;
    ready(tokens.revoke(&first, None)).unwrap();
    assert_ne!(ready(tokens.client_credentials(&ask)).unwrap().token, first);
    assert_eq!(ready(tokens.client_credentials(&TokenAsk::new())).unwrap().token, other);
}

#[test]
fn with_a_token_goes_whatever_was_given_for_it() {
    let world = World::new();
    let tokens = tokens(&world);
    let [one, two] = [(); 2].map(|()| Secret::from(world.op().access_token_of("alice")));
    let given = |subject: &Secret, audience: &str| {
        ready(tokens.exchange(subject, &TokenAsk::new().audience(audience))).unwrap().token
    };
    let (a, b, other) = (given(&one, "a"), given(&one, "b"), given(&two, "a"));
    ready(tokens.revoke(&one, Some(TokenHint::AccessToken))).unwrap();
    assert_ne!(given(&one, "a"), a);
    assert_ne!(given(&one, "b"), b);
    assert_eq!(given(&two, "a"), other);
    tokens.forget(&other);
    assert_ne!(given(&two, "a"), other);
}

#[test]
fn a_token_is_forgotten_here_even_if_the_provider_can_not_be_told() {
    let world = World::new();
    let tokens = tokens(&world);
    let ask = TokenAsk::new();
    let first = ready(tokens.client_credentials(&ask)).unwrap().token;
    world.op().instead.insert(Endpoint::Revocation, answer(503, &json!({})));
    let error = ready(tokens.revoke(&first, None)).unwrap_err();
    assert_eq!(error.fault(), Fault::Network);
    assert!(error.retry_after().is_some());
    assert_ne!(ready(tokens.client_credentials(&ask)).unwrap().token, first);
}

#[test]
fn a_kind_of_token_that_is_not_revoked_is_told() {
    let world = World::new();
    let refused = answer(400, &json!({"error": "unsupported_token_type"}));
    world.op().instead.insert(Endpoint::Revocation, refused);
    let error = ready(tokens(&world).revoke(&Secret::from("x"), None)).unwrap_err();
    assert_eq!(error.code(), "revocation.unsupported");
}

#[test]
fn a_provider_without_revocation_is_an_error_of_the_setup() {
    let world = World::new();
    world.op().document.remove("revocation_endpoint");
    let error = ready(tokens(&world).revoke(&Secret::from("x"), None)).unwrap_err();
    assert_eq!(error.code(), "setup.endpoint");
}

#[test]
fn a_provider_that_is_down_revokes_nothing() {
    let world = World::new();
    let tokens = tokens(&world);
    ready(tokens.client_credentials(&TokenAsk::new())).unwrap();
    world.op().down = Some(down());
    let error = ready(tokens.revoke(&Secret::from("x-hush"), None)).unwrap_err();
    assert_eq!(error.code(), "network.unreachable");
    assert!(!error.to_string().contains("hush"));
    world.op().down = None;
    world.forward(secs(1));
    assert!(ready(tokens.revoke(&Secret::from("x-hush"), None)).is_ok());
}
