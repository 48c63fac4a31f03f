use countersign_jose::{KeyError, thumbprint};

use crate::support::{foreign, object, public, vectors, with, without};

#[test]
fn thumbprints_match_the_rfcs_and_another_implementation() {
    let vectors = vectors("thumbprints.json");
    let vectors = vectors.as_array().unwrap();
    assert_eq!(vectors.len(), 7);
    for vector in vectors {
        let got = thumbprint(vector["jwk"].as_object().unwrap()).unwrap();
        assert_eq!(got, vector["thumbprint"].as_str().unwrap(), "{}", vector["name"]);
    }
}

#[test]
fn only_the_key_itself_counts() {
    for kid in ["rsa", "p256", "p384", "p521", "ed25519"] {
        let expected = thumbprint(&public(kid)).unwrap();
        assert_eq!(thumbprint(&foreign(kid)).unwrap(), expected);
        assert_eq!(thumbprint(&with(public(kid), "alg", "whatever")).unwrap(), expected);
        assert_eq!(thumbprint(&without(public(kid), "kid")).unwrap(), expected);
    }
}

#[test]
fn a_missing_member_is_refused() {
    for (kid, member) in
        [("rsa", "n"), ("rsa", "e"), ("p256", "y"), ("p256", "crv"), ("ed25519", "x")]
    {
        let error = thumbprint(&without(public(kid), member)).unwrap_err();
        assert_eq!(error, KeyError::Missing { member });
    }
    assert_eq!(thumbprint(&object("{}")), Err(KeyError::Missing { member: "kty" }));
}

#[test]
fn a_value_that_could_be_spelled_in_two_ways_is_refused() {
    let error = thumbprint(&with(public("ed25519"), "x", "a\",\"y\":\"b")).unwrap_err();
    assert!(matches!(error, KeyError::Malformed { member: "x", .. }));
}

#[test]
fn an_unknown_type_is_refused() {
    let error = thumbprint(&object(r#"{"kty":"AKP"}"#)).unwrap_err();
    assert_eq!(error, KeyError::UnknownType { kty: "AKP".to_owned() });
    assert_eq!(error.code(), "key.type");
}
