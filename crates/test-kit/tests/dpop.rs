use std::collections::BTreeSet;

use countersign_protocol::UnixTime;
use countersign_protocol::bearer::dpop::{DpopRules, UncheckedProof};
use countersign_test_kit::{Algorithm, BrokenProof, DpopKey, TestProof};
use url::Url;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
const URL: &str = "https://api.test/notes";

fn judged(key: &DpopKey, proof: &TestProof<'_>) -> Result<String, &'static str> {
    let (url, token, thumbprint) = (Url::parse(URL).unwrap(), "the token", key.thumbprint());
    let mut rules = DpopRules::new("GET", &url, token, &thumbprint);
    let ours = |nonce: &str| nonce == "ours";
    rules.nonce = Some(&ours);
    let proof = UncheckedProof::from_bytes(proof.sign().as_bytes()).unwrap();
    match proof.verify(&rules, NOW) {
        Ok(proof) => Ok(proof.jti().to_owned()),
        Err(error) => Err(error.entry().code),
    }
}

fn good(key: &DpopKey) -> TestProof<'_> {
    key.proof("GET", URL).for_token("the token").nonce("ours").at(NOW)
}

#[test]
fn a_proof_that_is_not_broken_passes() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let key = DpopKey::generate_for(algorithm);
        let first = judged(&key, &good(&key)).unwrap();
        assert_ne!(first, judged(&key, &good(&key)).unwrap(), "a jti is good once");
        assert_eq!(judged(&key, &good(&key).id("mine")).unwrap(), "mine");
    }
}

#[test]
fn a_broken_proof_is_refused_with_its_code() {
    let key = DpopKey::generate();
    for broken in BrokenProof::ALL {
        assert_eq!(judged(&key, &good(&key).broken(broken)), Err(broken.code()), "{broken}");
    }
    assert_eq!(judged(&key, &good(&key).nonce("another")), Err("dpop.nonce"));
    assert_eq!(judged(&key, &good(&key).without("nonce")), Err("dpop.nonce"));
    assert_eq!(judged(&key, &good(&key).claim("htm", 7)), Err("dpop.claim"));
}

#[test]
fn each_has_a_name_of_its_own_and_a_code_that_is_documented() {
    let names: BTreeSet<_> = BrokenProof::ALL.iter().map(|broken| broken.name()).collect();
    assert_eq!(names.len(), BrokenProof::ALL.len());
    let codes = countersign_protocol::error::CODES;
    for broken in BrokenProof::ALL {
        assert!(codes.iter().any(|entry| entry.code == broken.code()), "{}", broken.code());
    }
}
