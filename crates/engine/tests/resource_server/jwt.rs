use countersign::protocol::bearer::Scheme;
use countersign::{Credentials, Outcome, Presented, Requirement, Roles};
use countersign_test_kit::Broken;

use super::api::{AUDIENCE, api, at_once, check, issuer, knowing};

const ISSUER: &str = "https://op.example";

#[test]
fn a_good_token_passes_and_says_who_it_speaks_for() {
    let issuer = issuer(ISSUER);
    let (api, _) = api(knowing(&issuer));
    let raw = issuer.token("alice").audience(AUDIENCE).scope("notes:read").role("editor").sign();
    let needed = Requirement::new().scope("notes:read").role("editor");
    let token = at_once(&api, &raw, &needed).unwrap();
    assert_eq!(token.subject(), Some("alice"));
    assert_eq!(token.issuer(), ISSUER);
    assert!(token.has_role("editor") && !token.has_role("admin"));
    let principal = token.principal().unwrap();
    assert_eq!(principal.subject(), "alice");
    assert_eq!(principal.claim("aud").unwrap(), AUDIENCE);
}

/// Unknown keys lead to the network; with written keys there is no newer set, and the answer is
/// the same.
#[test]
fn every_broken_token_is_refused_with_its_code() {
    let issuer = issuer(ISSUER);
    for broken in Broken::ALL {
        let (api, _world) = api(knowing(&issuer));
        let raw = issuer.token("alice").audience(AUDIENCE).role("editor").broken(broken).sign();
        let needed = Requirement::new().role("editor");
        let presented = Presented::new(Credentials::new(Scheme::Bearer, &raw).unwrap());
        let refused = match api.check_now(&presented, &needed) {
            Outcome::Settled(settled) => settled.unwrap_err(),
            Outcome::NeedsNetwork => {
                crate::support::ready(api.check(&presented, &needed)).unwrap_err()
            }
        };
        assert_eq!(refused.code(), broken.code(), "{broken:?}: {refused}");
        assert_eq!(
            api.cached(),
            usize::from(
                broken.code().starts_with("bearer.")
                    || broken.code() == "access_token.confirmation"
            ),
            "{broken:?}"
        );
    }
}

#[test]
fn roles_are_found_where_the_application_looks_for_them() {
    let issuer = issuer(ISSUER);
    let (api, _) = api(knowing(&issuer).roles(Roles::by(|claims| {
        claims
            .get("groups")
            .and_then(|groups| groups.as_str())
            .into_iter()
            .map(str::to_owned)
            .collect()
    })));
    let raw = issuer.token("alice").audience(AUDIENCE).claim("groups", "editor").sign();
    assert!(at_once(&api, &raw, &Requirement::new().role("editor")).is_ok());
}

#[test]
fn a_subject_can_not_write_lines_into_a_log() {
    let issuer = issuer("https://op.example");
    let (api, _) = api(knowing(&issuer));
    let raw = issuer.token("alice\n2026-11-23 INFO root logged in").audience(AUDIENCE).sign();
    let token = check(&api, &raw).unwrap();
    let shown = format!("{token:?} {:?}", token.principal().unwrap());
    assert!(!shown.contains('\n') && shown.contains("alice"), "{shown}");
}
