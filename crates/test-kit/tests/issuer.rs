use countersign_jose::{Algorithm, Allowed, Jws, KeySet, SignatureError, SigningKey};
use countersign_protocol::discovery::Metadata;
use countersign_test_kit::{Broken, TestIssuer};
use serde_json::Value;

fn check(token: &str, keys: &KeySet) -> Result<(), SignatureError> {
    Jws::parse(token)?.verify(keys, &Allowed::asymmetric()).map(drop)
}

#[test]
fn a_rotation_keeps_the_old_key_published_until_it_is_dropped() {
    let issuer = TestIssuer::new("https://issuer.test");
    let old = issuer.token("alice").sign();
    issuer.rotate();
    let new = issuer.token("alice").sign();
    assert!(check(&old, &issuer.keys()).is_ok() && check(&new, &issuer.keys()).is_ok());
    assert_eq!(issuer.jwks()["keys"].as_array().unwrap().len(), 2);
    issuer.drop_old_keys();
    assert_eq!(check(&old, &issuer.keys()).unwrap_err().code(), "keys.unknown");
    assert!(check(&new, &issuer.keys()).is_ok());
}

#[test]
fn what_it_publishes_is_what_a_provider_publishes() {
    let issuer = TestIssuer::new("https://issuer.test/realms/a");
    let keys = KeySet::from_object(&issuer.jwks()).unwrap();
    assert!(keys.skipped().is_empty() && !keys.keys().any(|key| key.has_published_private_half()));
    assert!(check(&issuer.token("alice").sign(), &keys).is_ok());
    let metadata =
        Metadata::from_json(Value::Object(issuer.metadata()).to_string().as_bytes()).unwrap();
    assert_eq!(metadata.issuer(), "https://issuer.test/realms/a");
    let jwks = metadata.jwks_uri().unwrap();
    assert_eq!(jwks.as_str(), "https://issuer.test/realms/a/jwks");
}

#[test]
fn it_signs_with_the_algorithm_key_or_secret_that_it_is_told_to() {
    let issuer = TestIssuer::new("https://issuer.test").with_algorithm(Algorithm::EdDsa);
    let token = issuer.token("alice").sign();
    assert_eq!(Jws::parse(&token).unwrap().algorithm(), Algorithm::EdDsa);

    let key = SigningKey::generate(Algorithm::Es384).unwrap().with_kid("mine");
    let issuer = TestIssuer::new("https://issuer.test").with_key(key);
    let token = issuer.token("alice").sign();
    assert_eq!(Jws::parse(&token).unwrap().kid(), Some("mine"));

    let issuer = TestIssuer::new("https://issuer.test").with_secret("a secret between two");
    let token = issuer.token("alice").sign();
    let macs = Allowed::new([Algorithm::Hs256]).unwrap();
    assert!(Jws::parse(&token).unwrap().verify(&issuer.keys(), &macs).is_ok());
    assert_eq!(issuer.jwks()["keys"], Value::Array(Vec::new()), "a secret is never published");
    let forged = issuer.token("alice").broken(Broken::WrongKey).sign();
    assert!(Jws::parse(&forged).unwrap().verify(&issuer.keys(), &macs).is_err());
}

#[test]
#[should_panic(expected = "an issuer is reached by https")]
fn an_issuer_that_cannot_be_one_panics_at_once() {
    let _ = TestIssuer::new("http://issuer.test");
}
