//! Any request to a site: no answer leads to another host, plants a foreign cookie or shows what
//! came without escapes.
//!
//! First line: method and target; then header lines; an empty line; the body. A byte 1 stands for
//! a session cookie.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use countersign_web::{Decision, Reply, WebRequest};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use serde_json::Value;
use url::Url;

use crate::Outcome;
use crate::support::answer::ISSUER;
use crate::support::world::{ADDRESSES, World, at_once, cookie_line};

pub(crate) fn run(data: &[u8]) -> Outcome {
    let text = filled(data);
    let (head, body) = split(&text, b"\n\n");
    let (first, lines) = split(head, b"\n");
    let (method, target) = split(first, b" ");
    let (Ok(method), Ok(uri)) = (Method::from_bytes(method), Uri::try_from(target)) else {
        return Outcome::Refused;
    };
    let mut headers = HeaderMap::new();
    for line in lines.split(|byte| *byte == b'\n') {
        let (name, value) = split(line, b": ");
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        {
            headers.append(name, value);
        }
    }
    let peer = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let request = WebRequest::new(&method, &uri, &headers).peer(peer).body(body);
    let reply = match at_once(WORLD.site.endpoint(&request)) {
        Some(reply) => reply,
        None => match at_once(WORLD.site.guard(&request)) {
            Decision::Answer(reply) => reply,
            Decision::Pass(_) => return Outcome::Accepted,
        },
    };
    check(&reply);
    Outcome::of(reply.status.is_redirection())
}

fn check(reply: &Reply) {
    let status = reply.status.as_u16();
    assert!(EXPECTED.contains(&status), "a request was answered with {status}");
    let text = |name: &HeaderName| reply.headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(location) = text(&header::LOCATION) {
        let known = ADDRESSES.iter().any(|address| {
            let base = Url::parse(address).expect("it is an address");
            base.join(location).is_ok_and(|to| {
                to.origin() == base.origin() || to.origin().ascii_serialization() == ISSUER
            })
        });
        let own = ADDRESSES.iter().any(|own| location.starts_with(&format!("{own}/")));
        let here = location.starts_with('/') && !location.starts_with("//");
        let there = location.starts_with(&format!("{ISSUER}/"));
        assert!(known && (here || own || there), "an answer leads to {location}");
    }
    for cookie in reply.headers.get_all(header::SET_COOKIE) {
        let cookie = cookie.to_str().unwrap_or_default();
        assert!(cookie.starts_with("__Host-countersign_"), "a cookie that is not ours");
        let attributes = ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"];
        assert!(attributes.iter().all(|own| cookie.contains(own)), "a cookie without its guards");
    }
    let media_type = text(&header::CONTENT_TYPE).unwrap_or_default();
    if media_type == "application/json" {
        assert!(serde_json::from_slice::<Value>(&reply.body).is_ok());
    }
    if media_type.starts_with("text/html") {
        // No element of ours begins with x; the corpus has some that do.
        let page = std::str::from_utf8(&reply.body).expect("a page is UTF-8");
        assert!(!page.contains("<x"), "a page shows what came without escapes");
    }
    assert!(text(&header::CACHE_CONTROL).is_some_and(|said| said.contains("no-store")));
}

fn filled(template: &[u8]) -> Vec<u8> {
    let [session, _] = &WORLD.sessions;
    let line = cookie_line(session);
    let mut filled = Vec::new();
    for byte in template {
        match byte {
            1 => filled.extend_from_slice(line.as_bytes()),
            other => filled.push(*other),
        }
    }
    filled
}

/// Before and behind the first separator; nothing behind it if there is none.
fn split<'a>(text: &'a [u8], separator: &[u8]) -> (&'a [u8], &'a [u8]) {
    let at = text.windows(separator.len()).position(|window| window == separator);
    let behind = at.and_then(|at| text.get(at + separator.len()..));
    (at.and_then(|at| text.get(..at)).unwrap_or(text), behind.unwrap_or_default())
}

static WORLD: LazyLock<World> = LazyLock::new(World::new);

/// No 500 and no 502: the provider of this world is well, and nothing else may break.
const EXPECTED: &[u16] = &[200, 303, 400, 401, 403, 405, 413, 415];
