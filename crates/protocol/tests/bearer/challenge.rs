use countersign_protocol::access_token::AccessTokenError;
use countersign_protocol::bearer::dpop::DpopError;
use countersign_protocol::bearer::{
    Challenger, ConfirmationFault, Refusal, RequestFault, Requirement, Roles, Scheme, Unmet,
};
use countersign_protocol::jose::{Algorithm, Allowed};
use serde_json::json;

use super::tokens::token;
use crate::support::{NOW, url};

const METADATA: &str = "https://api.example/.well-known/oauth-protected-resource/notes";

fn lines(challenger: &Challenger, refusal: &Refusal) -> (u16, Vec<String>) {
    lines_for(challenger, refusal, Scheme::Bearer)
}

fn lines_for(challenger: &Challenger, refusal: &Refusal, used: Scheme) -> (u16, Vec<String>) {
    let challenge = challenger.answer(refusal, used);
    let text = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
    (challenge.status.as_u16(), challenge.authenticate.iter().map(text).collect())
}

fn line(challenger: &Challenger, refusal: &Refusal) -> String {
    let (_, lines) = lines(challenger, refusal);
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines[0].clone()
}

fn dpop() -> Challenger {
    Challenger::new().dpop(Allowed::new([Algorithm::Es256, Algorithm::EdDsa]).unwrap())
}

fn scopes(needed: &[&str]) -> Refusal {
    Unmet::Scope { needed: needed.iter().map(|one| (*one).to_owned()).collect() }.into()
}

fn step_up(acr_values: &[&str], max_age: Option<u64>) -> Refusal {
    let acr_values = acr_values.iter().map(|one| (*one).to_owned()).collect();
    Unmet::StepUp { acr_values, max_age }.into()
}

/// RFC 6750 section 3.1: who sent no token learns nothing but the scheme.
#[test]
fn without_a_token_there_is_no_error_code() {
    let challenge = Challenger::new().answer(&Refusal::Missing, Scheme::Bearer);
    assert_eq!((challenge.status.as_u16(), challenge.error), (401, None));
    assert_eq!(challenge.authenticate, ["Bearer"]);
    let full = Challenger::new().realm("notes").resource_metadata(url(METADATA));
    assert_eq!(
        line(&full, &Refusal::Missing),
        format!(r#"Bearer realm="notes", resource_metadata="{METADATA}""#)
    );
}

#[test]
fn every_refusal_has_its_status_and_its_exact_line() {
    let bare = Challenger::new();
    for (refusal, status, expected) in [
        (
            Refusal::Request(RequestFault::Several),
            400,
            r#"Bearer error="invalid_request", error_description="The request carries its access token in a wrong way.""#,
        ),
        (
            Refusal::Request(RequestFault::Form),
            400,
            r#"Bearer error="invalid_request", error_description="The request carries its access token in a wrong way.""#,
        ),
        (
            Refusal::Request(RequestFault::TooLong { bytes: 2, most: 1 }),
            400,
            r#"Bearer error="invalid_request", error_description="The request carries its access token in a wrong way.""#,
        ),
        (
            AccessTokenError::Inactive.into(),
            401,
            r#"Bearer error="invalid_token", error_description="The access token is not active.""#,
        ),
        (
            AccessTokenError::Audience { expected: vec![], got: vec![] }.into(),
            401,
            r#"Bearer error="invalid_token", error_description="The access token was issued for another API.""#,
        ),
        (
            Refusal::Confirmation(ConfirmationFault::Certificate),
            401,
            r#"Bearer error="invalid_token", error_description="The access token is bound to a key or certificate that was not shown.""#,
        ),
        (
            scopes(&["notes:read", "notes:write"]),
            403,
            r#"Bearer error="insufficient_scope", error_description="The access token lacks a scope that is needed here.", scope="notes:read notes:write""#,
        ),
        (
            Unmet::Role { needed: vec!["editor".to_owned()], places: "/roles".to_owned() }.into(),
            403,
            r#"Bearer error="insufficient_scope", error_description="You lack a role that is needed here.""#,
        ),
        (
            Unmet::RolesForm { pointer: "/roles".to_owned(), got: "null" }.into(),
            403,
            r#"Bearer error="insufficient_scope", error_description="You lack a role that is needed here.""#,
        ),
        (
            Unmet::Claim { pointer: "/tenant".to_owned() }.into(),
            403,
            r#"Bearer error="insufficient_scope", error_description="The access token does not say what is needed here.""#,
        ),
        (
            step_up(&["silver", "gold"], Some(300)),
            401,
            r#"Bearer error="insufficient_user_authentication", error_description="You have to sign in again, or more strongly, for this.", acr_values="silver gold", max_age="300""#,
        ),
        (
            step_up(&["gold"], None),
            401,
            r#"Bearer error="insufficient_user_authentication", error_description="You have to sign in again, or more strongly, for this.", acr_values="gold""#,
        ),
        (
            step_up(&[], Some(0)),
            401,
            r#"Bearer error="insufficient_user_authentication", error_description="You have to sign in again, or more strongly, for this.", max_age="0""#,
        ),
    ] {
        let got = lines(&bare, &refusal);
        assert_eq!(got, (status, vec![expected.to_owned()]), "{refusal}");
        let named = Challenger::new().realm("notes").resource_metadata(url(METADATA));
        let rest = expected.strip_prefix("Bearer ").unwrap();
        let full = format!(r#"Bearer realm="notes", {rest}, resource_metadata="{METADATA}""#);
        assert_eq!(lines(&named, &refusal), (status, vec![full]), "{refusal}");
    }
}

#[test]
fn the_error_is_also_at_hand_by_itself() {
    let challenge = Challenger::new().answer(&AccessTokenError::Inactive.into(), Scheme::Bearer);
    assert_eq!(challenge.error, Some("invalid_token"));
    assert_eq!(challenge.entry.code, "access_token.inactive");
}

#[test]
fn where_dpop_is_accepted_every_challenge_says_so() {
    let (status, got) = lines(&dpop().realm("notes"), &Refusal::Missing);
    assert_eq!(status, 401);
    assert_eq!(got, [r#"Bearer realm="notes""#, r#"DPoP realm="notes", algs="ES256 EdDSA""#]);
    let (status, got) = lines(&dpop(), &scopes(&["a"]));
    assert_eq!(status, 403);
    assert_eq!(got[1], r#"DPoP algs="ES256 EdDSA""#);
    assert!(got[0].starts_with(r#"Bearer error="insufficient_scope""#), "{got:?}");
}

/// RFC 9449 section 7.1.
#[test]
fn an_error_is_told_first_and_under_the_scheme_that_was_used() {
    let (status, got) = lines_for(&dpop(), &DpopError::Token.into(), Scheme::Dpop);
    assert_eq!(status, 401);
    assert_eq!(
        got,
        [
            r#"DPoP error="invalid_dpop_proof", error_description="The proof is for another token.", algs="ES256 EdDSA""#,
            "Bearer",
        ]
    );
    let (status, got) = lines_for(&dpop(), &scopes(&["a"]), Scheme::Dpop);
    assert_eq!(status, 403);
    assert!(got[0].starts_with(r#"DPoP error="insufficient_scope""#), "{got:?}");
    assert!(got[0].contains(r#"scope="a""#), "{got:?}");
    assert_eq!(got[1], "Bearer");
    let needs = Refusal::Confirmation(ConfirmationFault::NeedsDpop);
    let (status, got) = lines(&dpop(), &needs);
    assert_eq!(status, 401);
    assert!(got[0].starts_with(r#"Bearer error="invalid_token""#), "{got:?}");
    assert_eq!(got[1], r#"DPoP algs="ES256 EdDSA""#);
}

/// RFC 9449 section 9.
#[test]
fn a_proof_without_our_nonce_is_asked_for_one() {
    for error in [DpopError::NonceMissing, DpopError::Nonce] {
        let (status, got) = lines_for(&dpop(), &error.clone().into(), Scheme::Dpop);
        assert_eq!(status, 401);
        assert!(got[0].starts_with(r#"DPoP error="use_dpop_nonce""#), "{got:?}");
    }
}

/// A certificate travels with the scheme Bearer (RFC 8705 section 3), and so does what is wrong.
#[test]
fn what_is_wrong_with_a_bearer_token_is_told_under_bearer() {
    for fault in [ConfirmationFault::Certificate, ConfirmationFault::Unknown] {
        let (_, got) = lines(&dpop(), &Refusal::Confirmation(fault));
        assert!(got[0].starts_with(r#"Bearer error="invalid_token""#), "{fault}: {got:?}");
        assert_eq!(got[1], r#"DPoP algs="ES256 EdDSA""#);
    }
}

#[test]
fn a_bound_token_where_dpop_is_off_gets_the_one_challenge_there_is() {
    let refusal = Refusal::Confirmation(ConfirmationFault::DpopIsOff);
    let (_, got) = lines_for(&Challenger::new(), &refusal, Scheme::Dpop);
    assert_eq!(got.len(), 1);
    assert!(got[0].starts_with(r#"Bearer error="invalid_token""#), "{got:?}");
}

/// Whatever a value holds, each line stays one header with the parameters that are ours.
#[test]
fn no_value_can_end_its_quotes_or_its_line() {
    let evil = "a\"b\\c\r\nSet-Cookie: x=y\u{0}\u{7f}ü\t, error=\"none\" d";
    let challenger = Challenger::new().realm(evil);
    let needed = vec![evil.to_owned()];
    for refusal in [
        Refusal::Missing,
        scopes(&[evil, "e"]),
        step_up(&[evil], Some(1)),
        Unmet::Role { needed, places: evil.to_owned() }.into(),
        Unmet::Claim { pointer: evil.to_owned() }.into(),
        AccessTokenError::Malformed { why: evil.to_owned() }.into(),
    ] {
        let line = line(&challenger, &refusal);
        assert!(line.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{line}");
        let names: Vec<&str> = line
            .split('"')
            .step_by(2)
            .filter(|part| !part.is_empty())
            .map(|part| part.trim_start_matches("Bearer").trim_start_matches(',').trim())
            .collect();
        let ours = ["realm=", "error=", "error_description=", "scope=", "acr_values=", "max_age="];
        assert!(names.iter().all(|name| ours.contains(name)), "{names:?} in {line}");
        assert!(!line.contains('\\'), "{line}");
        assert!(line.contains(r#"realm="abcSet-Cookie: x=y, error=none d""#), "{line}");
    }
}

#[test]
fn nothing_of_the_token_is_in_the_challenge() {
    let got = vec!["hush-audience".to_owned()];
    let refusals: [Refusal; 4] = [
        AccessTokenError::Audience { expected: vec!["hush-own".to_owned()], got }.into(),
        AccessTokenError::Issuer { expected: "hush".to_owned(), got: "hush".to_owned() }.into(),
        Unmet::Role { needed: vec!["hush-role".to_owned()], places: "hush".to_owned() }.into(),
        Unmet::Claim { pointer: "/hush".to_owned() }.into(),
    ];
    for refusal in refusals {
        assert!(!line(&Challenger::new(), &refusal).contains("hush"), "{refusal:?}");
    }
}

#[test]
fn a_requirement_and_its_challenge_name_the_same_scopes() {
    let asked = Requirement::new().scope("a").any_scope(["b", "c"]);
    let token = token(json!({"scope": "a"}));
    let unmet = asked.met_by(&token, &Roles::default(), std::time::Duration::ZERO, NOW);
    let line = line(&Challenger::new(), &unmet.unwrap_err().into());
    assert!(line.ends_with(r#"scope="a b c""#), "{line}");
}
