//! What a request carries as its token: `Authorization` lines, one a line, the last ones a query and
//! a form.

use countersign::{Presented, Refusal, TokenPlaces};
use countersign_protocol::bearer::{Credentials, Scheme};
use http::{HeaderMap, HeaderValue, header};

use crate::Outcome;

pub(crate) fn run(data: &[u8]) -> Outcome {
    let mut parts = data.split(|byte| *byte == 0);
    let lines = parts.next().unwrap_or_default();
    let mut headers = HeaderMap::new();
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(header::AUTHORIZATION, value);
        }
    }
    let mut text = || parts.next().and_then(|part| std::str::from_utf8(part).ok());
    let (query, form) = (text(), text());
    let found = found(&headers);
    if let (Ok((_, token)), Ok(line)) = (&found, only(&headers)) {
        assert!(line.ends_with(token.as_bytes()), "a token that did not come");
    }
    places(&headers, query, form, &found);
    Outcome::of(found.is_ok())
}

type Found = Result<(Scheme, String), Refusal>;

fn found(headers: &HeaderMap) -> Found {
    let credentials = Credentials::from_headers(headers).inspect_err(check)?;
    let token = credentials.well_formed().inspect_err(check)?;
    is_token(token);
    let line = only(headers).expect("of several lines none is chosen");
    let scheme = match credentials.scheme() {
        Scheme::Bearer => "bearer ",
        _ => "dpop ",
    };
    let begins = line.get(..scheme.len()).unwrap_or_default();
    assert!(begins.eq_ignore_ascii_case(scheme.as_bytes()), "another scheme");
    Ok((credentials.scheme(), token.to_owned()))
}

/// A place that is not allowed gives no token, and two places give none at all.
fn places(headers: &HeaderMap, query: Option<&str>, form: Option<&str>, header: &Found) {
    let mut kept = None;
    let only = Presented::find(TokenPlaces::default(), headers, query, form, &mut kept);
    let only = only.and_then(|presented| presented.credentials().well_formed().map(str::to_owned));
    if let Ok(token) = &only {
        let (_, own) = header.as_ref().expect("the header has one");
        assert_eq!(token, own, "the token of another place");
    }
    for text in [query, form].into_iter().flatten() {
        let named = url::form_urlencoded::parse(text.as_bytes()).any(|(name, _)| name == NAME);
        assert!(!(named && only.is_ok()), "a second token is overlooked");
    }
}

/// RFC 6750 section 2.1, written down once more.
fn is_token(token: &str) {
    let body = token.trim_end_matches('=');
    assert!(!body.is_empty() && token.len() <= 64 * 1024);
    for byte in body.bytes() {
        assert!(matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_'
            | b'~' | b'+' | b'/'));
    }
}

fn check(refused: &Refusal) {
    assert!(matches!(refused, Refusal::Missing | Refusal::Request(_)), "{refused:?}");
    assert!(refused.to_string().len() < 200);
}

fn only(headers: &HeaderMap) -> Result<&[u8], ()> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => Ok(line.as_bytes()),
        _ => Err(()),
    }
}

const NAME: &str = "access_token";
