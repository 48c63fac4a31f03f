//! Values from elsewhere, so that signing and checking cannot share a mistake.

use countersign_jose::{Jws, KeySet, SignatureError};

use crate::support::{macs, public, set, vectors, verify};

#[test]
fn the_examples_of_the_rfcs_are_accepted() {
    let vectors = vectors("rfc.json");
    let vectors = vectors.as_array().unwrap();
    assert_eq!(vectors.len(), 5);
    for vector in vectors {
        let token = vector["token"].as_str().unwrap();
        let jwk = vector["jwk"].as_object().unwrap();
        let payload = if jwk["kty"] == "oct" {
            let secret = countersign_jose::base64url::decode(jwk["k"].as_str().unwrap()).unwrap();
            let keys = KeySet::from_secret(&secret).unwrap();
            Jws::parse(token).unwrap().verify(&keys, &macs())
        } else {
            verify(token, &set([jwk.clone()]))
        };
        let payload = payload.unwrap();
        assert_eq!(payload.algorithm().name(), vector["alg"].as_str().unwrap());
        if vector["name"].as_str().unwrap().ends_with("A.3") {
            assert_eq!(payload.object().unwrap()["iss"], "joe");
        }
    }
}

#[test]
fn tokens_of_another_implementation_are_accepted() {
    let vectors = vectors("foreign.json");
    let keys = set(["rsa", "p256", "p384", "p521", "ed25519"].map(public));
    let secret = KeySet::from_secret(vectors["secret"].as_str().unwrap().as_bytes()).unwrap();
    let tokens = vectors["tokens"].as_array().unwrap();
    assert_eq!(tokens.len(), 14);
    for vector in tokens {
        let (alg, token) = (vector["alg"].as_str().unwrap(), vector["token"].as_str().unwrap());
        let payload = if alg.starts_with("HS") {
            Jws::parse(token).unwrap().verify(&secret, &macs())
        } else {
            verify(token, &keys)
        };
        assert_eq!(payload.unwrap().object().unwrap()["sub"], "alice", "{alg}");
    }
}

#[test]
fn a_signature_under_other_parameters_is_refused() {
    let keys = set(["rsa", "p256"].map(public));
    let refused = vectors("refused.json");
    for name in ["ps256_salt_20", "ps256_mgf1_sha1", "rs256_by_sha512", "rs256_by_pss", "es256_der"]
    {
        let error = verify(refused[name].as_str().unwrap(), &keys).unwrap_err();
        assert!(matches!(error, SignatureError::BadSignature { .. }), "{name}: {error:?}");
    }
}

#[test]
fn the_curve_decides_the_algorithm() {
    let refused = vectors("refused.json");
    let token = refused["es256_on_p384"].as_str().unwrap();
    let error = verify(token, &set([public("p384")])).unwrap_err();
    assert!(matches!(error, SignatureError::UnknownKey { .. }), "{error:?}");
}
