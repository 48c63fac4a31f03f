//! The authorization response: a code or a refusal, never both, and never for another login.

use countersign_protocol::login::Callback;
use url::form_urlencoded;

use crate::Outcome;
use crate::support::answer::{ISSUER, NOW, identity, pending};

pub(crate) fn run(data: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(data) else { return Outcome::Refused };
    let callback = match Callback::parse(text) {
        Ok(callback) => callback,
        Err(refused) => {
            assert!(refused.to_string().len() < LONGEST_MESSAGE);
            return Outcome::Refused;
        }
    };
    let values = |name: &str| -> Vec<String> {
        let pairs = form_urlencoded::parse(data).filter(|(own, _)| own == name);
        pairs.map(|(_, value)| value.into_owned()).collect()
    };
    for name in ["code", "error", "error_description", "state", "iss", "response"] {
        assert!(values(name).len() <= 1, "{name} came more than once");
    }
    assert!(values("response").is_empty(), "a signed response was read over");
    let is_there = |name: &str| values(name).iter().any(|value| !value.is_empty());
    match &callback {
        Callback::Code { code, .. } => {
            assert_eq!(values("code"), [code.expose()]);
            assert!(!code.expose().is_empty() && !is_there("error"), "code and error");
        }
        Callback::Refused { .. } => assert!(is_there("error") && !is_there("code")),
        _ => {}
    }
    assert_eq!(callback.state(), values("state").first().map(String::as_str));
    assert_eq!(callback.issuer(), values("iss").first().map(String::as_str));
    let shown = format!("{callback:?}");
    assert!(shown.len() < LONGEST_MESSAGE, "{shown}");

    let pending = pending();
    let ours = callback.state() == Some(pending.state()) && callback.issuer() == Some(ISSUER);
    let is_code = matches!(callback, Callback::Code { .. });
    let accepted = pending.accept(callback, &identity(), NOW);
    assert_eq!(accepted.is_ok(), ours && is_code, "a callback of another login");
    Outcome::Accepted
}

const LONGEST_MESSAGE: usize = 4096;
