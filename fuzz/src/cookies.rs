//! The `Cookie` header: a session is there only if the browser sends what the site has sealed.
//!
//! Control characters stand for long texts: 1 for the name of the session cookie, 2 for its short
//! value, 3 to 6 for the parts of its long value. Behind a zero byte come changes, see
//! [`edits`]. A line end begins another header line.

use std::sync::LazyLock;

use countersign_web::WebRequest;
use http::{HeaderValue, Method, Uri, header};

use crate::Outcome;
use crate::support::edits;
use crate::support::world::{World, at_once, cookie, navigation};

pub(crate) fn run(data: &[u8]) -> Outcome {
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let text = filled(parts.next().unwrap_or_default());
    let text = edits::applied(&text, parts.next().unwrap_or_default());

    let (mut headers, uri) = (navigation(), Uri::from_static("/profile"));
    let mut lines: Vec<&[u8]> = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(header::COOKIE, value);
            lines.push(line);
        }
    }
    let request = WebRequest::new(&Method::GET, &uri, &headers);
    let visit = at_once(WORLD.site.visit(&request));
    let sent = sent(&lines);
    let known = |(subject, cookies): (&'static str, &Vec<(String, String)>)| {
        let sealed: String = cookies.iter().map(|(_, value)| value.as_str()).collect();
        (sent.as_deref() == Some(&sealed)).then_some(subject)
    };
    let expected = ["alice", "bob"].into_iter().zip(&WORLD.sessions).find_map(known);
    let got = visit.session().map(|session| session.subject());
    assert!(got.is_none() || got == expected, "a session out of what was never sealed");
    let few = text.iter().filter(|byte| **byte == b'=').count() < MOST;
    assert!(got == expected || !few, "no session out of what was sealed");
    Outcome::of(got.is_some())
}

/// The count and the sealed text, as the header has them.
fn sent(lines: &[&[u8]]) -> Option<String> {
    let name = session_name();
    let mut sent = cookie(lines, name)?.to_owned();
    let count: usize = sent.get(..1)?.parse().ok()?;
    for index in 1..count {
        sent.push_str(cookie(lines, &format!("{name}.{index}"))?);
    }
    Some(sent)
}

fn filled(template: &[u8]) -> Vec<u8> {
    let [short, long] = &WORLD.sessions;
    let mut filled = Vec::new();
    for byte in template {
        let part = match byte {
            1 => Some(session_name()),
            2 => short.first().map(|(_, value)| value.as_str()),
            3..=6 => long.get(usize::from(*byte) - 3).map(|(_, value)| value.as_str()),
            _ => None,
        };
        match part {
            Some(part) => filled.extend_from_slice(part.as_bytes()),
            None => filled.push(*byte),
        }
    }
    filled
}

fn session_name() -> &'static str {
    let [short, _] = &WORLD.sessions;
    short.first().map_or("", |(name, _)| name)
}

static WORLD: LazyLock<World> = LazyLock::new(World::new);

/// The site looks at this many of its cookies, and every cookie has one such sign.
const MOST: usize = 64;
