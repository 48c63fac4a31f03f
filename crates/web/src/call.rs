//! One request on its way through: read once, passed down.

use countersign::UnixTime;
use http::HeaderValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use crate::address::Seen;
use crate::cookie::{self, Jar, Names};
use crate::error::Problem;
use crate::key_ring::Purpose;
use crate::reply::{self, Reply, Telling};
use crate::request::{Kind, WebRequest};
use crate::site::Inner;

/// A request with all that was read from it: the address it came by, our cookies, the time.
pub(crate) struct Call<'a> {
    pub(crate) site: &'a Inner,
    pub(crate) request: WebRequest<'a>,
    pub(crate) seen: Seen<'a>,
    pub(crate) names: Names,
    pub(crate) jar: Jar<'a>,
    pub(crate) kind: Kind,
    pub(crate) now: UnixTime,
}

impl<'a> Call<'a> {
    pub(crate) fn new(site: &'a Inner, request: WebRequest<'a>) -> Self {
        let seen = site.address.seen(request.headers(), request.uri(), request.from());
        let names = Names::new(&site.prefix, seen.base.secure());
        let jar = Jar::read(request.headers(), &names);
        let (kind, now) = (request.kind(), site.relying_party.now());
        Self { site, request, seen, names, jar, kind, now }
    }

    /// The requested path without the path of the public address.
    pub(crate) fn inner_path(&self) -> &'a str {
        self.seen.base.inner(self.request.path())
    }

    /// A route of ours with parameters, as a path that people see.
    pub(crate) fn path(&self, route: &str, parameters: &[(&str, &str)]) -> String {
        with_query(self.seen.base.path(route), parameters)
    }

    /// The same as a full URL.
    pub(crate) fn url(&self, route: &str, parameters: &[(&str, &str)]) -> String {
        with_query(self.seen.base.url(route).to_string(), parameters)
    }

    /// The start page.
    pub(crate) fn home(&self) -> String {
        self.seen.base.path("/")
    }

    /// Where a login leads that nobody gave a target.
    pub(crate) fn default_target(&self) -> String {
        match &self.site.after_login {
            Some(target) => target.as_str().to_owned(),
            None => self.home(),
        }
    }

    pub(crate) fn random<const N: usize>(&self) -> Result<[u8; N], Problem> {
        Ok(self.site.relying_party.random::<N>()?)
    }

    /// A problem's answer, as a page or as JSON, with a login address that keeps the target.
    pub(crate) fn tell(&self, problem: &Problem, target: &str) -> Reply {
        let as_page = self.kind == Kind::Navigation;
        let nonce = if as_page { self.nonce() } else { String::new() };
        let login = self.url(&self.site.routes.login, &[(RETURN_TO, target)]);
        let home = self.home();
        reply::tell(
            problem,
            Telling {
                as_page,
                login: &login,
                home: &home,
                nonce: &nonce,
                show: self.site.show_error.as_ref(),
            },
        )
    }

    /// A nonce for a page's own style. Without randomness the page goes without style.
    pub(crate) fn nonce(&self) -> String {
        self.random::<16>()
            .map(|nonce| countersign_jose::base64url::encode(&nonce))
            .unwrap_or_default()
    }

    /// A cookie that holds a small sealed value for this many seconds.
    pub(crate) fn sealed_cookie(
        &self,
        purpose: Purpose,
        name: &str,
        value: &impl Serialize,
        seconds: u64,
    ) -> Result<HeaderValue, Problem> {
        let plain = serde_json::to_vec(value)
            .map_err(|why| Problem::new(&countersign_protocol::error::BUG).detail(why))?;
        let plain = zeroize::Zeroizing::new(plain);
        let sealed = cookie::seal(&self.site.key_ring, purpose, name, "", self.random()?, &plain);
        Ok(cookie::set(&self.names, name, &sealed, seconds))
    }

    /// The value of such a cookie.
    pub(crate) fn unsealed<T: DeserializeOwned>(
        &self,
        purpose: Purpose,
        name: &str,
        text: &str,
    ) -> Option<T> {
        let plain = cookie::open(&self.site.key_ring, purpose, name, "", text)?;
        serde_json::from_slice(&plain).ok()
    }
}

/// Appends parameters, form-encoded.
pub(crate) fn with_query(address: String, parameters: &[(&str, &str)]) -> String {
    if parameters.is_empty() {
        return address;
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("{address}?{query}")
}

/// The parameter that names a target.
pub(crate) const RETURN_TO: &str = "return_to";
