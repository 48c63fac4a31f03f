//! Issuers: kept byte for byte, asked at their own host.

use countersign_protocol::Issuer;
use countersign_protocol::value::issuer::{difference, is_loopback};

use crate::Outcome;
use crate::support::answer::ISSUER;

pub(crate) fn run(data: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(data) else { return Outcome::Refused };
    assert!(difference(ISSUER, text).len() < LONGEST_MESSAGE);
    assert!(difference(text, ISSUER).len() < LONGEST_MESSAGE);
    let issuer = match Issuer::parse(text) {
        Ok(issuer) => issuer,
        Err(refused) => {
            assert!(refused.to_string().len() < LONGEST_MESSAGE);
            return Outcome::Refused;
        }
    };
    assert!(text.starts_with(issuer.as_str()), "not as it was written");
    assert!(issuer.url().scheme() == "https" || is_loopback(issuer.url()));
    assert!(!issuer.as_str().contains(['?', '#', '\\']));
    assert!(issuer.url().username().is_empty() && issuer.url().password().is_none());
    let asked = issuer.discovery_url();
    assert_eq!(asked.origin(), issuer.url().origin(), "the metadata of another host");
    assert!(asked.path().ends_with("/.well-known/openid-configuration"));
    let kept = serde_json::to_string(&issuer).expect("it can be written");
    let read = serde_json::from_str::<Issuer>(&kept);
    assert_eq!(read.as_ref().map(Issuer::as_str).ok(), Some(issuer.as_str()), "kept is not read");
    Outcome::Accepted
}

/// Two issuers of 200 characters, each of which may need ten to be shown.
const LONGEST_MESSAGE: usize = 4400;
