//! Return targets: wherever they are joined and however often they are decoded, they stay here.

use countersign_protocol::ReturnTo;
use http::HeaderValue;
use url::Url;

use crate::Outcome;

pub(crate) fn run(data: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(data) else { return Outcome::Refused };
    let target = match ReturnTo::parse(text) {
        Ok(target) => target,
        Err(refused) => {
            assert!(refused.to_string().len() < LONGEST_MESSAGE);
            return Outcome::Refused;
        }
    };
    assert_eq!(target.as_str(), text, "a target is kept as it came");
    assert!(HeaderValue::from_str(target.as_str()).is_ok(), "it fits into Location");
    let kept = serde_json::to_string(&target).expect("it can be written");
    let read: ReturnTo = serde_json::from_str(&kept).expect("it can be read again");
    assert_eq!(read, target);

    let mut spelling = text.to_owned();
    for decodings in 0..=DECODINGS {
        for base in BASES {
            let base = Url::parse(base).expect("it is an address");
            stays(&base, &spelling, decodings);
        }
        spelling = decoded(&spelling);
    }
    Outcome::Accepted
}

/// As a browser joins it, and as it joins what that led to: a dot that is taken away may uncover
/// two slashes.
fn stays(base: &Url, target: &str, decodings: usize) {
    let joined = base.join(target);
    let Ok(joined) = joined else {
        assert!(decodings > 0, "{target:?} is no address at {base}");
        return;
    };
    assert_eq!(joined.origin(), base.origin(), "{target:?} leads away after {decodings} decodings");
    let again = base.join(joined.path());
    let away = again.is_ok_and(|again| again.origin() != base.origin());
    assert!(!away, "the path of {target:?} leads away after {decodings} decodings");
}

/// Each `%xx` once.
fn decoded(text: &str) -> String {
    let form = text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    let pair = url::form_urlencoded::parse(form.as_bytes()).next();
    pair.map(|(name, _)| name.into_owned()).unwrap_or_default()
}

const BASES: [&str; 3] = [
    "https://app.example/",
    "http://127.0.0.1:3000/auth/callback?code=a",
    "https://app.example/a/b",
];
const DECODINGS: usize = 3;
const LONGEST_MESSAGE: usize = 300;
