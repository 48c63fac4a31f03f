//! A site whose provider, clock and randomness are a script: the same in each run.

use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use countersign::outside::{
    BoxFuture, Clock, Entropy, EntropyError, Failure, Limits, Outside, Transport,
};
use countersign::protocol::{Request, Response};
use countersign::{Provider, RelyingParty, UnixTime};
use countersign_jose::{Object, base64url, digest};
use countersign_web::{KeyRing, PublicAddress, Reply, Site, WebRequest};
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::answer::{CLIENT, ISSUER, NOW, client, good_claims, json_response, metadata_document};
use super::{answer, keys};

/// The site's addresses. The first is the one that it falls back to.
pub const ADDRESSES: [&str; 2] = ["https://app.example", "https://app.example.org"];

/// One site, and what a browser has kept of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct World {
    /// The site.
    pub site: Site,
    /// Two logins that wait for their callback.
    pub logins: [Login; 2],
    /// A session that fits into one cookie, one that does not.
    pub sessions: [Vec<(String, String)>; 2],
}

/// A login that waits.
#[derive(Debug)]
#[non_exhaustive]
pub struct Login {
    /// `state`
    pub state: String,
    /// The one code for which the provider gives tokens for this login.
    pub code: String,
    /// Name and value of its cookie.
    pub cookie: (String, String),
}

impl World {
    /// A new site, with two sessions and two logins under way.
    ///
    /// # Panics
    ///
    /// If the product can't log in at all.
    #[must_use]
    pub fn new() -> Self {
        let outside = Outside::new(Script).clock(Still).entropy(Counting(Mutex::new(0)));
        let issuer = countersign::Issuer::parse(ISSUER).expect("it is an issuer");
        let [first, second] = ADDRESSES;
        let address = PublicAddress::new(first)
            .and_then(|address| address.also(second))
            .and_then(|address| address.trust_proxies(["127.0.0.1"]))
            .expect("they are addresses");
        let callback = address.url("/auth/callback");
        let relying_party = RelyingParty::builder(Provider::discover(issuer), client(), callback)
            .user_info(false)
            .build(outside)
            .expect("the settings are good");
        let ring = KeyRing::from_secrets([[8; 32]]).expect("it is long enough");
        let site = Site::builder(relying_party, address, ring).build();
        let site = site.expect("the settings are good");
        let sessions = ["good", "long"].map(|kind| session(&site, &login(&site, kind)));
        let logins = [login(&site, "good"), login(&site, "good")];
        Self { site, logins, sessions }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

/// Runs what never waits.
///
/// # Panics
///
/// If it waits.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => unwaited(),
    }
}

/// Name and value of each cookie that is set and not taken away.
#[must_use]
pub fn cookies(reply: &Reply) -> Vec<(String, String)> {
    let lines = reply.headers.get_all(header::SET_COOKIE).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let kept = lines.filter(|line| !line.contains("Max-Age=0"));
    kept.filter_map(|line| {
        let (name, value) = line.split(';').next()?.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    })
    .collect()
}

/// Cookies as a browser sends them.
#[must_use]
pub fn cookie_line(cookies: &[(String, String)]) -> String {
    let pairs: Vec<String> =
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("; ")
}

/// The first value of a cookie in header lines, read a second time and in another way.
#[must_use]
pub fn cookie<'a>(lines: &[&'a [u8]], name: &str) -> Option<&'a str> {
    let pairs = lines.iter().flat_map(|line| line.split(|byte| *byte == b';'));
    let mut values = pairs.filter_map(|pair| {
        let (own, value) = std::str::from_utf8(pair).ok()?.split_once('=')?;
        (own.trim() == name).then(|| value.trim())
    });
    let value = values.next()?;
    Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
}

/// A person's request.
#[must_use]
pub fn navigation() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, HeaderValue::from_static("app.example"));
    headers.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
    headers
}

fn login(site: &Site, kind: &str) -> Login {
    let (uri, headers) = (Uri::from_static("/auth/login"), navigation());
    let reply = at_once(site.login(&WebRequest::new(&Method::GET, &uri, &headers)));
    let location = reply.headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
    let location = location.and_then(|to| Url::parse(to).ok()).expect("a login leads away");
    let asked = |name: &str| {
        let value = location.query_pairs().find(|(own, _)| own == name);
        value.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    Login {
        state: asked("state"),
        code: format!("{kind}-{}", asked("nonce")),
        cookie: cookies(&reply).pop().expect("a login is kept in a cookie"),
    }
}

fn session(site: &Site, login: &Login) -> Vec<(String, String)> {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("code", login.code.as_str()), ("state", &login.state), ("iss", ISSUER)])
        .finish();
    let uri = format!("/auth/callback?{query}").parse().expect("it is an address");
    let mut headers = navigation();
    let line = cookie_line(std::slice::from_ref(&login.cookie));
    headers.insert(header::COOKIE, HeaderValue::from_str(&line).expect("it is a cookie"));
    let reply = at_once(site.callback(&WebRequest::new(&Method::GET, &uri, &headers)));
    let mut cookies = cookies(&reply);
    cookies.retain(|(name, _)| name.contains("_session"));
    assert!(!cookies.is_empty(), "no session came of a good callback");
    cookies
}

/// The provider: tokens for codes that begin with `good-` or `long-` and end with the nonce.
struct Script;

impl Transport for Script {
    fn send(&self, request: Request, _: Limits) -> BoxFuture<'_, Result<Response, Failure>> {
        let body = match request.url().path() {
            "/.well-known/openid-configuration" => metadata_document(),
            "/jwks" => json!({ "keys": [keys::ed25519().public_jwk()] }),
            "/token" => tokens(request.body()),
            _ => json!({}),
        };
        let answer = json_response(body.to_string().as_bytes());
        Box::pin(async move { Ok(answer) })
    }
}

fn tokens(form: &[u8]) -> Value {
    let code = form_urlencoded::parse(form).find(|(name, _)| name == "code");
    let code = code.map(|(_, code)| code.into_owned()).unwrap_or_default();
    let Some((kind @ ("good" | "long"), nonce)) = code.split_once('-') else {
        return json!({ "error": "invalid_grant" });
    };
    let mut claims = good_claims();
    claims.insert("nonce".to_owned(), nonce.into());
    if kind == "long" {
        // Digests don't become shorter by compression.
        let noise: Vec<String> =
            (0..=u8::MAX).map(|n| base64url::encode(&digest::sha256(&[n]))).collect();
        claims.insert("sub".to_owned(), "bob".into());
        claims.insert("noise".to_owned(), noise.into());
    }
    let claims = Value::Object(claims).to_string();
    let token = keys::ed25519().sign(&Object::new(), claims.as_bytes());
    json!({
        "access_token": format!("access for {CLIENT}"),
        "token_type": "Bearer",
        "expires_in": 3600,
        "id_token": token.expect("the key signs"),
    })
}

/// It is always the same moment.
struct Still;

impl Clock for Still {
    fn now(&self) -> UnixTime {
        answer::NOW
    }
}

/// Never the same bytes twice, the same ones in each run.
struct Counting(Mutex<u64>);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        let mut count = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *count += 1;
        let digest = digest::sha256(&count.to_be_bytes());
        for (to, from) in buffer.iter_mut().zip(digest.iter().cycle()) {
            *to = *from;
        }
        Ok(())
    }
}

#[expect(clippy::panic, reason = "nothing in this world waits")]
fn unwaited<T>() -> T {
    panic!("a site without a network has waited at {NOW}")
}
