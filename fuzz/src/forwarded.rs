//! What a request says of its own host: it chooses among the site's addresses, and a stranger's
//! forwarding headers choose nothing.
//!
//! An odd first byte comes from a trusted proxy. The lines behind it are `Host`, `Forwarded`,
//! `X-Forwarded-Host` and `X-Forwarded-Proto`, in turn.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use countersign_web::{Decision, WebRequest};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use serde_json::Value;

use crate::Outcome;
use crate::support::answer::ISSUER;
use crate::support::world::{ADDRESSES, World, at_once};

pub(crate) fn run(data: &[u8]) -> Outcome {
    let Some((first, lines)) = data.split_first() else { return Outcome::Refused };
    let trusted = first % 2 == 1;
    let mut headers = HeaderMap::new();
    for (line, name) in lines.split(|byte| *byte == b'\n').zip(NAMES.iter().cycle()) {
        if let (Ok(value), false) = (HeaderValue::from_bytes(line), line.is_empty()) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    let peer = if trusted { Ipv4Addr::LOCALHOST } else { Ipv4Addr::new(192, 0, 2, 1) };
    let chosen = chosen(&headers, peer);
    if !trusted {
        let [host, others @ ..] = NAMES;
        let mut bare = headers.clone();
        others.iter().for_each(|name| drop(bare.remove(*name)));
        assert_eq!(chosen, self::chosen(&bare, peer), "a stranger's forwarding headers count");
        assert!(headers.get_all(host).iter().eq(bare.get_all(host)));
    }
    person(&headers, peer);
    let [fallback, ..] = ADDRESSES;
    Outcome::of(chosen != fallback)
}

/// The address at which a script is told to log in.
fn chosen(headers: &HeaderMap, peer: Ipv4Addr) -> &'static str {
    let uri = Uri::from_static("/profile?a=b");
    let request = WebRequest::new(&Method::GET, &uri, headers).peer(Some(IpAddr::V4(peer)));
    let answer = match at_once(WORLD.site.guard(&request)) {
        Decision::Answer(reply) => reply,
        Decision::Pass(_) => return "nobody has logged in",
    };
    let body: Value = serde_json::from_slice(&answer.body).expect("a script is told in JSON");
    let login = body.get("login").and_then(Value::as_str).unwrap_or_default();
    let own = |address: &&str| login.starts_with(&format!("{address}/auth/login?"));
    ADDRESSES.into_iter().find(own).expect("a login at an address that is not ours")
}

/// A person is led to the provider, or to an address of ours.
fn person(headers: &HeaderMap, peer: Ipv4Addr) {
    let mut headers = headers.clone();
    headers.insert("accept", HeaderValue::from_static("text/html"));
    let uri = Uri::from_static("/auth/login?return_to=%2Fprofile");
    let request = WebRequest::new(&Method::GET, &uri, &headers).peer(Some(IpAddr::V4(peer)));
    let reply = at_once(WORLD.site.login(&request));
    let location = reply.headers.get("location").and_then(|to| to.to_str().ok());
    let location = location.expect("a login leads somewhere");
    let known = location.starts_with(&format!("{ISSUER}/authorize?"))
        || ADDRESSES.iter().any(|own| location.starts_with(&format!("{own}/auth/login?")));
    assert!(known, "a login leads to {location}");
}

static WORLD: LazyLock<World> = LazyLock::new(World::new);

const NAMES: [&str; 4] = ["host", "forwarded", "x-forwarded-host", "x-forwarded-proto"];
