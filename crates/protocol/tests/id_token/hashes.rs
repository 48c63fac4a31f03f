use countersign_protocol::jose::{Algorithm, Allowed, KeySet};
use serde_json::json;

use crate::support::{Scene, key};

// Left halves of SHA-256 over "access-1" and "code-1", computed elsewhere.
const AT_HASH: &str = "9MKET0Y7WpOlF96BtnoJyA";
const C_HASH: &str = "Ub1mOf7XwLSCavbAa_5PTA";

#[test]
fn hashes_that_match_are_taken() {
    assert!(Scene::new().with(json!({"at_hash": AT_HASH, "c_hash": C_HASH})).is_ok());
}

#[test]
fn hashes_of_something_else_are_refused() {
    for claim in ["at_hash", "c_hash"] {
        let good = if claim == "at_hash" { AT_HASH } else { C_HASH };
        let other = if claim == "at_hash" { C_HASH } else { AT_HASH };
        for wrong in ["", other, &good[1..], &format!("{good}="), &good.to_lowercase()] {
            let error = Scene::new().with(json!({ claim: wrong })).unwrap_err();
            assert_eq!(error.entry().code, "id_token.hash", "{claim} {wrong}");
            assert!(error.to_string().contains(claim));
        }
    }
}

#[test]
fn hashes_of_a_wrong_type_are_refused() {
    for claim in ["at_hash", "c_hash"] {
        for wrong in [json!(null), json!(1), json!([AT_HASH]), json!(true)] {
            let error = Scene::new().with(json!({ claim: wrong })).unwrap_err();
            assert_eq!(error.entry().code, "id_token.claim", "{claim} {wrong}");
        }
    }
}

#[test]
fn the_digest_follows_the_algorithm() {
    let key = key(Algorithm::Es384);
    let scene = || Scene {
        key: key.clone(),
        keys: KeySet::from_jwks([key.public_jwk()]),
        allowed: Allowed::asymmetric(),
        ..Scene::new()
    };
    assert_eq!(
        scene().with(json!({"at_hash": AT_HASH})).unwrap_err().entry().code,
        "id_token.hash"
    );
    assert!(scene().with(json!({})).is_ok());
}
