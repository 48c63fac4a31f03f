//! What a refusal tells a client: whatever a scope, a realm or a claim's name holds, each challenge
//! stays one header with the parameters that are ours.
//!
//! The first byte chooses the refusal; the lines behind it are the realm and the refusal's texts.

use std::sync::LazyLock;

use countersign_jose::Allowed;
use countersign_protocol::access_token::AccessTokenError;
use countersign_protocol::bearer::dpop::DpopError;
use countersign_protocol::bearer::{
    Challenger, ConfirmationFault, Refusal, RequestFault, Scheme, Unmet,
};
use http::HeaderValue;
use url::Url;

use crate::Outcome;

pub(crate) fn run(data: &[u8]) -> Outcome {
    let Some((first, rest)) = data.split_first() else { return Outcome::Refused };
    let text = String::from_utf8_lossy(rest);
    let mut lines = text.split('\n');
    let realm = lines.next().unwrap_or_default();
    let texts: Vec<String> = lines.map(str::to_owned).collect();
    let refusal = refusal(*first, &texts);
    let mut challenger = Challenger::new().realm(realm);
    if first & 0x40 != 0 {
        challenger = challenger.dpop(Allowed::asymmetric());
    }
    if first & 0x80 != 0 {
        challenger = challenger.resource_metadata(METADATA.clone());
    }
    let used = if first & 0x20 == 0 { Scheme::Bearer } else { Scheme::Dpop };
    let challenge = challenger.answer(&refusal, used);
    assert!([400, 401, 403].contains(&challenge.status.as_u16()));
    assert_eq!(challenge.authenticate.len(), if first & 0x40 == 0 { 1 } else { 2 });
    let read: Vec<_> = challenge.authenticate.iter().map(parameters).collect();
    let errors = read.iter().flatten().filter(|(name, _)| name == "error");
    let errors: Vec<_> = errors.map(|(_, value)| value.as_str()).collect();
    assert_eq!(errors, challenge.error.into_iter().collect::<Vec<_>>(), "each error once");
    if !errors.is_empty() {
        let told = read.first().is_some_and(|line| line.iter().any(|(name, _)| name == "error"));
        assert!(told, "the scheme that was used comes first");
    }
    for line in &read {
        let own = line.iter().find(|(name, _)| name == "realm");
        assert_eq!(own.map(|(_, value)| value.as_str()), Some(plain(realm).as_str()));
    }
    let whole = plain(realm) == realm && texts.iter().all(|text| plain(text) == *text);
    Outcome::of(whole)
}

fn refusal(kind: u8, texts: &[String]) -> Refusal {
    let one = || texts.first().cloned().unwrap_or_default();
    match kind & 0x0f {
        0 => Refusal::Missing,
        1 => Refusal::Request(RequestFault::Form),
        2 => AccessTokenError::Malformed { why: one() }.into(),
        3 => AccessTokenError::Audience { expected: texts.to_vec(), got: texts.to_vec() }.into(),
        4 => Refusal::Confirmation(ConfirmationFault::NeedsDpop),
        5 => Refusal::Confirmation(ConfirmationFault::Certificate),
        6 => DpopError::Nonce.into(),
        7 => DpopError::Malformed { why: one() }.into(),
        8 => Unmet::Scope { needed: texts.to_vec() }.into(),
        9 => Unmet::Role { needed: texts.to_vec(), places: one() }.into(),
        10 => Unmet::Claim { pointer: one() }.into(),
        _ => Unmet::StepUp { acr_values: texts.to_vec(), max_age: Some(u64::from(kind)) }.into(),
    }
}

/// RFC 9110 section 11.6.1, as a strict client reads it; nothing needs an escape.
fn parameters(value: &HeaderValue) -> Vec<(String, String)> {
    let line = value.to_str().expect("it is printable ASCII");
    let (scheme, mut rest) = line.split_once(' ').expect("a realm is always there");
    assert!(["Bearer", "DPoP"].contains(&scheme), "the scheme {scheme}");
    let mut read = Vec::new();
    loop {
        let (name, value) = rest.split_once("=\"").expect("a parameter has a quoted value");
        let (value, behind) = value.split_once('"').expect("its quotes end");
        assert!(NAMES.contains(&name), "the parameter {name}");
        assert_eq!(plain(value), value);
        assert!(!read.iter().any(|(known, _)| known == name), "{name} twice");
        read.push((name.to_owned(), value.to_owned()));
        match behind.strip_prefix(", ") {
            Some(next) => rest = next,
            None => {
                assert!(behind.is_empty(), "something stands behind the parameters");
                return read;
            }
        }
    }
}

/// RFC 6750 section 3, written down once more.
fn plain(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\x20'..='\x7e') && !matches!(c, '"' | '\\')).collect()
}

static METADATA: LazyLock<Url> = LazyLock::new(|| {
    let url = "https://api.example/.well-known/oauth-protected-resource";
    Url::parse(url).expect("it is an address")
});

const NAMES: &[&str] = &[
    "realm",
    "error",
    "error_description",
    "scope",
    "acr_values",
    "max_age",
    "algs",
    "resource_metadata",
];
