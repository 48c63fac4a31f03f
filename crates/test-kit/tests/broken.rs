use std::collections::BTreeSet;
use std::time::Duration;

use countersign_jose::{Algorithm, Allowed, Jws};
use countersign_protocol::access_token::{AccessToken, AccessTokenRules, AudienceRule, Profile};
use countersign_protocol::value::issuer::IssuerIdentity;
use countersign_protocol::{UnixTime, Verified};
use countersign_test_kit::{Broken, TestIssuer};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

fn judged(issuer: &TestIssuer, token: &str) -> Result<Verified<AccessToken>, &'static str> {
    let rules = AccessTokenRules {
        audience: AudienceRule::Ours,
        needs_kid: false,
        identity: &IssuerIdentity::One(issuer.issuer()),
        audiences: &["api".to_owned()],
        clients: &[],
        allowed: &Allowed::asymmetric(),
        clock_skew: Duration::from_secs(60),
        profile: Profile::Any,
    };
    let jws = Jws::parse(token).map_err(|error| error.code())?;
    let judged = rules.verify(jws, &issuer.keys(), NOW);
    judged.map(|(token, _)| token).map_err(|error| error.entry().code)
}

#[test]
fn a_token_that_is_not_broken_passes() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
        let issuer = TestIssuer::new("https://issuer.test").with_algorithm(algorithm).at(NOW);
        let token = issuer.token("alice").scope("notes:read").sign();
        let token = judged(&issuer, &token).unwrap();
        assert_eq!(token.subject(), Some("alice"));
        assert!(token.has_scope("notes:read"));
    }
}

/// Three need more than the rules of the token: a question about roles, and what the bearer shows.
#[test]
fn a_broken_token_is_refused_with_its_code() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let issuer = TestIssuer::new("https://issuer.test").with_algorithm(algorithm).at(NOW);
        for broken in Broken::ALL {
            let token = issuer.token("alice").scope("notes:read").broken(broken).sign();
            let code = judged(&issuer, &token).err();
            match broken {
                Broken::RolesOfWrongType
                | Broken::ConfirmationUnknown
                | Broken::ConfirmationOfWrongType => {
                    assert_eq!(code, None, "{broken}");
                }
                _ => assert_eq!(code, Some(broken.code()), "{broken} with {algorithm}"),
            }
        }
    }
}

#[test]
fn each_has_a_name_of_its_own_and_a_code_that_is_documented() {
    let names: BTreeSet<_> = Broken::ALL.iter().map(|broken| broken.name()).collect();
    assert_eq!(names.len(), Broken::ALL.len());
    let codes = countersign_protocol::error::CODES;
    for broken in Broken::ALL {
        assert!(codes.iter().any(|entry| entry.code == broken.code()), "{}", broken.code());
    }
}
