use countersign_jose::{Algorithm, Allowed, Jws, KeyPrint, KeySet, Object, SigningKey};

use crate::support::{foreign, macs, public, raw, set, signer, with, without};

fn print_of(jwk: Object) -> KeyPrint {
    set([jwk]).keys().next().unwrap().print()
}

#[test]
fn a_payload_names_the_key_that_signed_it() {
    let keys = set(["rsa", "p256", "ed25519"].map(public));
    for (kid, key) in ["rsa", "p256", "ed25519"].into_iter().zip(keys.keys()) {
        let signer = signer(kid);
        let token = signer.sign(&Object::new(), b"{}").unwrap();
        let payload = Jws::parse(&token).unwrap().verify(&keys, &Allowed::asymmetric()).unwrap();
        assert_eq!(payload.signed_by(), key.print());
        assert!(keys.holds(payload.signed_by()));
    }
}

#[test]
fn a_set_without_the_key_does_not_hold_it() {
    let print = print_of(public("p256"));
    assert!(set([public("rsa"), public("p256")]).holds(print));
    assert!(!set([public("rsa"), public("ed25519")]).holds(print));
    assert!(!KeySet::empty().holds(print));
    let new = SigningKey::generate(Algorithm::Es256).unwrap().public_jwk();
    assert!(!set([with(new, "kid", "p256")]).holds(print), "another key of the same name");
}

#[test]
fn the_same_key_has_the_same_print_in_every_set() {
    let print = print_of(public("rsa"));
    assert_eq!(print, print_of(with(public("rsa"), "x5t", "AA")));
    assert_eq!(print, print_of(foreign("rsa")), "whether its private half stands there or not");
}

#[test]
fn another_name_or_algorithm_makes_another_print() {
    let bare = without(public("rsa"), "kid");
    let bare = if bare.contains_key("alg") { without(bare, "alg") } else { bare };
    let prints = [
        print_of(bare.clone()),
        print_of(with(bare.clone(), "kid", "a")),
        print_of(with(bare.clone(), "kid", "b")),
        print_of(with(bare.clone(), "kid", "")),
        print_of(with(bare.clone(), "alg", "RS256")),
        print_of(with(bare.clone(), "kid", "RS256")),
        print_of(with(with(bare.clone(), "kid", "a"), "alg", "RS256")),
        print_of(with(bare, "alg", "PS256")),
    ];
    for (at, one) in prints.iter().enumerate() {
        assert!(!prints[..at].contains(one), "{at}");
    }
}

#[test]
fn a_secret_has_a_print_that_shows_nothing() {
    let keys = KeySet::from_secret(b"hunter2").unwrap();
    let key = SigningKey::from_secret(b"hunter2", Algorithm::Hs256).unwrap();
    let token = raw(&key, r#"{"alg":"HS256"}"#, b"{}");
    let print = Jws::parse(&token).unwrap().verify(&keys, &macs()).unwrap().signed_by();
    assert!(keys.holds(print));
    assert!(!KeySet::from_secret(b"hunter3").unwrap().holds(print));
    assert_eq!(format!("{print:?}"), "KeyPrint { .. }");
}
