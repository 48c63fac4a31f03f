//! Settings of an issuer's tokens that older applications need.

use countersign::outside::NoNetwork;
use countersign::outside::Outside;
use countersign::protocol::jose::KeySet;
use countersign::{Provider, Requirement, ResourceServer, TrustedIssuer, danger};
use countersign_test_kit::TestIssuer;
use serde_json::json;

use super::api::{AUDIENCE, api, at_once, check, code, issuer, presented};
use crate::support::ISSUER;

fn trusted(issuer: &TestIssuer) -> TrustedIssuer {
    TrustedIssuer::new(Provider::with_keys(issuer.issuer(), issuer.keys()))
}

fn codes(set: impl Fn(TrustedIssuer) -> TrustedIssuer) -> [&'static str; 3] {
    let issuer = issuer(ISSUER);
    let (api, _) = api(ResourceServer::builder([AUDIENCE]).issuer(set(trusted(&issuer))));
    let ours = issuer.token("alice").audience(AUDIENCE).sign();
    let others = issuer.token("alice").audience("other").sign();
    let nobodys = issuer.token("alice").without("aud").sign();
    [ours, others, nobodys]
        .map(|raw| at_once(&api, &raw, &Requirement::new()).err().map_or("", |error| error.code()))
}

#[test]
fn what_is_demanded_of_the_audience_is_a_setting() {
    let refused = "access_token.audience";
    assert_eq!(codes(|issuer| issuer), ["", refused, refused]);
    assert_eq!(codes(TrustedIssuer::no_audience), [refused, refused, ""]);
    assert_eq!(codes(danger::any_audience), ["", "", ""]);
}

#[test]
fn an_api_without_audience_needs_a_word_about_it() {
    let issuer = issuer(ISSUER);
    let build = |issuer| {
        ResourceServer::builder(Vec::<String>::new()).issuer(issuer).build(Outside::new(NoNetwork))
    };
    assert!(build(trusted(&issuer)).is_err());
    assert!(build(trusted(&issuer).no_audience()).is_ok());
}

#[test]
fn a_token_that_names_no_key_is_refused_where_names_are_needed() {
    let issuer = issuer(ISSUER);
    let raw = issuer.token("alice").audience(AUDIENCE).without_header("kid").sign();
    let (lax, _) = api(ResourceServer::builder([AUDIENCE]).issuer(trusted(&issuer)));
    assert!(at_once(&lax, &raw, &Requirement::new()).is_ok());
    let (strict, _) = api(ResourceServer::builder([AUDIENCE]).issuer(trusted(&issuer).needs_kid()));
    assert_eq!(code(at_once(&strict, &raw, &Requirement::new())), "access_token.claim");
    let named = issuer.token("alice").audience(AUDIENCE).sign();
    assert!(at_once(&strict, &named, &Requirement::new()).is_ok());
}

#[test]
fn a_name_that_is_no_address_is_compared_byte_for_byte() {
    let issuer = issuer(ISSUER);
    let provider = Provider::named_with_keys("the old login server", issuer.keys());
    let (api, _) = api(ResourceServer::builder([AUDIENCE]).issuer(TrustedIssuer::new(provider)));
    let good = issuer.token("alice").audience(AUDIENCE).claim("iss", "the old login server").sign();
    assert!(at_once(&api, &good, &Requirement::new()).is_ok());
    for other in ["The old login server", "the old login server ", "the old"] {
        let raw = issuer.token("alice").audience(AUDIENCE).claim("iss", other).sign();
        assert_eq!(
            code(at_once(&api, &raw, &Requirement::new())),
            "access_token.issuer",
            "{other}"
        );
    }
}

#[test]
fn a_token_is_remembered_only_after_it_passed() {
    let issuer = issuer(ISSUER);
    let (api, _) = api(ResourceServer::builder([AUDIENCE]).issuer(trusted(&issuer)));
    let raw = issuer.token("alice").audience(AUDIENCE).scope("notes:read").sign();
    let any = Requirement::new();
    assert!(api.remembered(&presented(&raw), &any).is_none());
    assert!(at_once(&api, &raw, &any).is_ok());
    assert!(api.remembered(&presented(&raw), &any).unwrap().is_ok());
    let write = Requirement::new().scope("notes:write");
    assert_eq!(code(api.remembered(&presented(&raw), &write).unwrap()), "bearer.scope");
}

#[test]
fn small_keys_check_tokens_of_test_suites_alone() {
    let jwk = json!({"kty": "RSA", "kid": "small", "e": "AQAB", "n": SMALL});
    let set = json!({ "keys": [jwk] });
    let usual = KeySet::from_object(set.as_object().unwrap()).unwrap();
    assert_eq!((usual.len(), usual.skipped().len()), (0, 1));
    let metadata = json!({"issuer": ISSUER, "jwks": set}).to_string();
    let metadata = danger::test_keys_metadata(metadata.as_bytes()).unwrap();
    assert_eq!(metadata.keys().unwrap().len(), 1);
    let provider = Provider::written(metadata).unwrap();
    let server = ResourceServer::builder([AUDIENCE]).issuer(TrustedIssuer::new(provider));
    let (api, _) = api(server);
    assert!(at_once(&api, SIGNED, &Requirement::new()).is_ok());
    let forged = SIGNED.replacen("sub", "sud", 1).replace(".ey", ".eY");
    assert!(check(&api, &forged).is_err());
}

/// The modulus of an RSA key of 1,024 bits.
const SMALL: &str = "v20jEy-sFa_AtMTtHNoLhqWRwIoqf2_Qe2TKkzbJ9OAcux4xygxcEa2FjBfK7gT1Qm2nSDt-V5LGlgnW\
    Hh2u4S9dRNSW1A3fHAWVAmUXYgBOlbyH6RB8hQeGdjLPgmjWOQg8MVY0chiBk4dTfG_1s5BX9TavMLv9\
    FNOISu3LDL0";
/// What that key signed, good at the start of the world.
const SIGNED: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6InNtYWxsIn0.eyJpc3MiOiJodHRwczovL29wLmV4YW1wbGUiLCJh\
    dWQiOiJhcGkiLCJzdWIiOiJhbGljZSIsImV4cCI6MTcwMDAwMDMwMCwiaWF0IjoxNzAwMDAwMDAwfQ.V\
    N98tdC5gvCMjm9ldNX6b9Lge3P8y3cwKm0p39SZAH-vJuoAyl7h0qa__YNOD9E9jv-7QV0LIzoKTsNNb\
    XX8h0Yeowx6LSHJSiZBiDFkAnYq8o_rQrGxoKek4lfg6ZuxaW0bQ3m1HDFBHsuL_bdZdgP2NAESn1i2H\
    j3U17yeADA";
