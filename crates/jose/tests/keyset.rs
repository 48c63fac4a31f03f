use countersign_jose::{Algorithm, JsonError, KeySet, KeySetError, SkipReason};
use serde_json::{Value, json};

use crate::support::{public, set, with, without};

fn parse(set: &Value) -> Result<KeySet, KeySetError> {
    KeySet::parse(set.to_string().as_bytes())
}

#[test]
fn a_set_is_read_in_its_order() {
    let keys = parse(&json!({"keys": [public("p256"), public("rsa"), public("ed25519")]})).unwrap();
    let kids: Vec<_> = keys.keys().map(|key| key.kid().unwrap()).collect();
    assert_eq!(kids, ["p256", "rsa", "ed25519"]);
    assert_eq!((keys.len(), keys.is_empty(), keys.skipped().len()), (3, false, 0));
}

#[test]
fn one_bad_key_does_not_spoil_the_set() {
    let entries = json!([
        null, 7, "key", [], {},
        {"kty": "oct", "kid": "s", "k": "AA"},
        with(public("rsa"), "use", "enc"),
        public("p256"),
    ]);
    let keys = parse(&json!({"keys": entries})).unwrap();
    assert_eq!(keys.len(), 1);
    let reasons: Vec<_> = keys.skipped().iter().map(|skipped| skipped.reason.code()).collect();
    assert_eq!(
        reasons,
        [
            "key.not_an_object",
            "key.not_an_object",
            "key.not_an_object",
            "key.not_an_object",
            "key.missing",
            "key.symmetric",
            "key.use"
        ]
    );
    assert_eq!(keys.skipped()[5].kid.as_deref(), Some("s"));
    assert_eq!(keys.skipped()[6].reason, SkipReason::Usage { usage: "enc".to_owned() });
}

#[test]
fn a_set_without_usable_keys_is_empty() {
    assert!(parse(&json!({"keys": []})).unwrap().is_empty());
    assert!(parse(&json!({"keys": [{}]})).unwrap().is_empty());
    assert!(KeySet::empty().is_empty());
}

#[test]
fn what_has_no_list_of_keys_is_refused() {
    for other in [json!({}), json!({"keys": {}}), json!({"keys": null}), public("rsa").into()] {
        let error = parse(&other).unwrap_err();
        assert_eq!(error, KeySetError::NoKeys);
        assert_eq!(error.code(), "keys.malformed");
    }
    assert!(matches!(KeySet::parse(b"<html>"), Err(KeySetError::Json(JsonError::Syntax { .. }))));
    assert!(matches!(KeySet::parse(b"[]"), Err(KeySetError::Json(JsonError::NotAnObject { .. }))));
}

#[test]
fn duplicate_members_in_a_key_are_refused() {
    let error = KeySet::parse(br#"{"keys":[{"kty":"EC","kty":"RSA"}]}"#).unwrap_err();
    let name = "kty".to_owned();
    assert_eq!(error, KeySetError::Json(JsonError::DuplicateMember { name }));
}

#[test]
fn more_than_64_keys_are_refused() {
    let of = |count: usize| parse(&json!({"keys": vec![public("ed25519"); count]}));
    assert_eq!(of(64).unwrap().len(), 64);
    assert_eq!(of(65).unwrap_err(), KeySetError::TooMany { keys: 65, limit: 64 });
}

#[test]
fn a_set_of_megabytes_is_refused() {
    let bytes = 512 * 1024 + 1;
    let error = KeySet::parse(&vec![b' '; bytes]).unwrap_err();
    assert_eq!(error, KeySetError::TooLarge { bytes, limit: 512 * 1024 });
    assert_eq!(error.code(), "keys.too_large");
}

#[test]
fn a_named_token_means_keys_of_that_name() {
    let keys = set([with(public("p256"), "kid", "a"), without(public("rsa"), "kid")]);
    assert!(keys.holds_key(Some("a"), Algorithm::Es256));
    assert!(!keys.holds_key(Some("b"), Algorithm::Es256));
    assert!(!keys.holds_key(Some("a"), Algorithm::Rs256));
    // The nameless key is out of the question while others have names.
    assert!(!keys.holds_key(Some("b"), Algorithm::Rs256));
}

#[test]
fn in_a_set_without_names_every_fitting_key_is_meant() {
    let keys = set([without(public("p256"), "kid"), without(public("rsa"), "kid")]);
    assert!(keys.holds_key(Some("whatever"), Algorithm::Es256));
    assert!(keys.holds_key(Some("whatever"), Algorithm::Ps512));
    assert!(!keys.holds_key(Some("whatever"), Algorithm::Es384));
}

#[test]
fn a_nameless_token_may_mean_every_fitting_key() {
    let keys = set([public("p256"), without(public("rsa"), "kid")]);
    assert!(keys.holds_key(None, Algorithm::Es256));
    assert!(keys.holds_key(None, Algorithm::Rs256));
    assert!(!keys.holds_key(None, Algorithm::EdDsa));
    assert!(!KeySet::empty().holds_key(None, Algorithm::EdDsa));
}

#[test]
fn names_are_compared_exactly() {
    let keys = set([public("p256")]);
    for kid in ["", "P256", "p256 ", "p25", "p256\0"] {
        assert!(!keys.holds_key(Some(kid), Algorithm::Es256), "{kid:?}");
    }
}

#[test]
fn a_secret_is_a_set_for_macs_only() {
    let keys = KeySet::from_secret(b"secret").unwrap();
    for algorithm in Algorithm::MAC {
        assert!(keys.holds_key(Some("any"), *algorithm) && keys.holds_key(None, *algorithm));
    }
    for algorithm in Algorithm::ASYMMETRIC {
        assert!(!keys.holds_key(None, *algorithm));
    }
    assert!(!format!("{keys:?}").contains("115, 101, 99"));
}

#[test]
fn an_empty_secret_is_refused() {
    assert_eq!(KeySet::from_secret(b"").unwrap_err(), KeySetError::EmptySecret);
}

#[test]
fn a_short_secret_is_reported() {
    for (bytes, short) in [(31, [true, true, true]), (32, [false, true, true])] {
        let keys = KeySet::from_secret(&vec![7; bytes]).unwrap();
        let got: Vec<_> = Algorithm::MAC.iter().map(|alg| keys.has_short_secret(*alg)).collect();
        assert_eq!(got, short);
    }
    assert!(!KeySet::from_secret(&[7; 64]).unwrap().has_short_secret(Algorithm::Hs512));
    assert!(!set([public("rsa")]).has_short_secret(Algorithm::Rs256));
}
