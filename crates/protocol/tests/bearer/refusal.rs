use countersign_protocol::access_token::AccessTokenError;
use countersign_protocol::bearer::dpop::DpopError;
use countersign_protocol::bearer::{ConfirmationFault, Refusal, RequestFault, Unmet};

#[test]
fn every_refusal_has_its_stable_code() {
    let role = Unmet::Role { needed: vec![], places: String::new() };
    let form = Unmet::RolesForm { pointer: String::new(), got: "null" };
    let refusals: [(Refusal, &str); 12] = [
        (Refusal::Missing, "bearer.missing"),
        (Refusal::Request(RequestFault::Several), "bearer.request"),
        (Refusal::Request(RequestFault::Form), "bearer.request"),
        (AccessTokenError::Inactive.into(), "access_token.inactive"),
        (DpopError::Missing.into(), "dpop.missing"),
        (Refusal::Confirmation(ConfirmationFault::NeedsDpop), "access_token.confirmation"),
        (Refusal::Confirmation(ConfirmationFault::NotBound), "access_token.confirmation"),
        (Unmet::Scope { needed: vec![] }.into(), "bearer.scope"),
        (role.into(), "bearer.role"),
        (form.into(), "bearer.role"),
        (Unmet::Claim { pointer: String::new() }.into(), "bearer.claim"),
        (Unmet::StepUp { acr_values: vec![], max_age: None }.into(), "bearer.step_up"),
    ];
    for (refusal, code) in refusals {
        assert_eq!(refusal.code(), code, "{refusal:?}");
    }
}

#[test]
fn messages_say_which_rule_was_broken() {
    for (refusal, part) in [
        (Refusal::Request(RequestFault::TooLong { bytes: 70_000, most: 65_536 }), "70000 bytes"),
        (Refusal::Request(RequestFault::Form), "RFC 6750 section 2.1"),
        (Refusal::Confirmation(ConfirmationFault::DpopIsOff), "ResourceServerBuilder::dpop"),
        (Refusal::Confirmation(ConfirmationFault::Certificate), "client certificate"),
    ] {
        assert!(refusal.to_string().contains(part), "{refusal}");
    }
}
