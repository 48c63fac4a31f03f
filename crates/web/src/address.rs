//! Under which address people reach the application.

use std::net::IpAddr;
use std::sync::Arc;

use countersign_protocol::value::issuer::is_loopback;
use http::{HeaderMap, Uri, header};
use ipnet::IpNet;
use url::Url;

/// The application's public address, or several of them, fixed in the settings.
///
/// What a request says about its own host (`Host`, `Forwarded`, `X-Forwarded-*`) chooses at most
/// between the addresses given here; it never makes one. The forwarding headers are read only when
/// the peer is one of the trusted proxies.
///
/// An address may have a path (`https://example.com/notes`) when the application lives below it,
/// whether or not the proxy in front takes that path away.
///
/// ```
/// use countersign_web::PublicAddress;
///
/// let address = PublicAddress::new("https://notes.example")?
///     .also("https://notes.example.org")?
///     .trust_proxies(["10.0.0.0/8", "127.0.0.1"])?;
/// assert_eq!(address.url("/auth/callback").as_str(), "https://notes.example/auth/callback");
/// assert!(PublicAddress::new("http://notes.example").is_err(), "http only for this machine");
/// # Ok::<(), countersign_web::AddressError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PublicAddress {
    first: Base,
    others: Arc<[Base]>,
    proxies: Arc<[IpNet]>,
}

impl PublicAddress {
    /// Takes the one address: https, or http on this machine (`localhost`, `127.0.0.1`, `[::1]`).
    ///
    /// # Errors
    /// [`AddressError`] says what the address lacks.
    pub fn new(url: &str) -> Result<Self, AddressError> {
        Ok(Self { first: Base::parse(url, false)?, others: Arc::new([]), proxies: Arc::new([]) })
    }

    pub(crate) fn plain_http(url: &str) -> Result<Self, AddressError> {
        Ok(Self { first: Base::parse(url, true)?, others: Arc::new([]), proxies: Arc::new([]) })
    }

    /// Allows one more address. The provider must know the redirect URI of each.
    ///
    /// # Errors
    /// As [`PublicAddress::new`].
    pub fn also(self, url: &str) -> Result<Self, AddressError> {
        let more = Base::parse(url, false)?;
        let others = self.others.iter().cloned().chain([more]).collect();
        Ok(Self { others, ..self })
    }

    /// Trusts the forwarding headers of these peers: addresses or networks (`10.0.0.0/8`).
    ///
    /// # Errors
    /// [`AddressError::Proxy`] for what is neither.
    pub fn trust_proxies<'a>(
        self,
        proxies: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, AddressError> {
        let mut trusted = self.proxies.to_vec();
        for proxy in proxies {
            let network = proxy
                .parse::<IpNet>()
                .or_else(|_| proxy.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| AddressError::Proxy { text: shown(proxy) })?;
            trusted.push(network);
        }
        Ok(Self { proxies: trusted.into(), ..self })
    }

    /// The first address with a path of ours appended.
    #[must_use]
    pub fn url(&self, path: &str) -> Url {
        self.first.url(path)
    }

    pub(crate) const fn first(&self) -> &Base {
        &self.first
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Base> {
        std::iter::once(&self.first).chain(self.others.iter())
    }

    /// Which of the addresses a request came by.
    pub(crate) fn seen(&self, headers: &HeaderMap, uri: &Uri, peer: Option<IpAddr>) -> Seen<'_> {
        let trusted = peer.is_some_and(|peer| self.trusts(peer));
        let forwarded = if trusted { Forwarded::read(headers) } else { Forwarded::default() };
        let host = forwarded.host.or_else(|| {
            let direct = headers.get(header::HOST).and_then(|host| host.to_str().ok());
            direct.or_else(|| uri.authority().map(http::uri::Authority::as_str)).map(str::to_owned)
        });
        let Some(host) = host else {
            return Seen { base: &self.first, elsewhere: false };
        };
        let named = |base: &&Base| base.is_named(&host, forwarded.proto.as_deref());
        match self.all().find(named) {
            Some(base) => Seen { base, elsewhere: false },
            None => Seen { base: &self.first, elsewhere: true },
        }
    }

    /// Whether an absolute URL is one of ours; then its path and query.
    pub(crate) fn local_part(&self, url: &str) -> Option<String> {
        let url = Url::parse(url).ok()?;
        let own = |base: &Base| base.url.origin() == url.origin();
        if !self.all().any(own) || !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        Some(match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        })
    }

    /// Whether an `Origin` header names one of our addresses.
    pub(crate) fn is_own_origin(&self, origin: &str) -> bool {
        self.all().any(|base| base.origin().eq_ignore_ascii_case(origin))
    }

    fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.proxies.iter().any(|network| network.contains(&peer))
    }
}

/// One public address.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    url: Url,
    /// Without a slash at the end; empty for an address without a path.
    prefix: String,
    /// The host, and the port where it is not the scheme's own: what `Host` says.
    authority: String,
}

impl Base {
    fn parse(text: &str, plain_http: bool) -> Result<Self, AddressError> {
        let url = Url::parse(text.trim())
            .map_err(|why| AddressError::Malformed { text: shown(text), why: why.to_string() })?;
        let fits = match url.scheme() {
            "https" => true,
            "http" => plain_http || is_loopback(&url),
            _ => false,
        };
        if !fits {
            return Err(AddressError::Scheme { text: shown(text) });
        }
        let bare = url.username().is_empty() && url.password().is_none();
        if !bare || url.query().is_some() || url.fragment().is_some() || url.host().is_none() {
            return Err(AddressError::NotBare);
        }
        let prefix = url.path().trim_end_matches('/').to_owned();
        if prefix.contains("//") || prefix.contains([':', '*']) {
            return Err(AddressError::NotBare);
        }
        let authority = url.authority().to_owned();
        Ok(Self { url, prefix, authority })
    }

    pub(crate) fn secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// A path of ours as people see it: with the path of the address in front.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// A requested path without the path of the address.
    pub(crate) fn inner<'a>(&self, path: &'a str) -> &'a str {
        match path.strip_prefix(&self.prefix) {
            Some("") => "/",
            Some(inner) if inner.starts_with('/') => inner,
            _ => path,
        }
    }

    /// A requested path and query as people see it, whether or not a proxy took the path of the
    /// address away.
    pub(crate) fn outer(&self, path_and_query: &str) -> String {
        let path = path_and_query.split('?').next().unwrap_or_default();
        let below = match path.strip_prefix(&self.prefix) {
            Some(rest) => rest.is_empty() || rest.starts_with('/'),
            None => false,
        };
        if below { path_and_query.to_owned() } else { self.path(path_and_query) }
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let mut url = self.url.clone();
        url.set_path(&self.path(path));
        url.set_query(query);
        url
    }

    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Whether a `Host` value, with the scheme if a trusted proxy told it, means this address.
    fn is_named(&self, host: &str, proto: Option<&str>) -> bool {
        if proto.is_some_and(|proto| !proto.eq_ignore_ascii_case(self.url.scheme())) {
            return false;
        }
        // Nearly always it is written as we write it.
        if host.eq_ignore_ascii_case(&self.authority) {
            return true;
        }
        // Nothing but a host and a port may pass into the comparison.
        if host.bytes().any(|c| !(c.is_ascii_alphanumeric() || b".-:[]_".contains(&c))) {
            return false;
        }
        Url::parse(&format!("{}://{host}/", self.url.scheme())).is_ok_and(|seen| {
            seen.host() == self.url.host()
                && seen.port_or_known_default() == self.url.port_or_known_default()
        })
    }
}

/// Where a request came in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    /// One of the public addresses, whatever the request says.
    pub(crate) base: &'a Base,
    /// The request names a host that is none of ours.
    pub(crate) elsewhere: bool,
}

/// Why a text is no public address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// No URL.
    #[error("setup.public_address: {text:?} is not an absolute URL ({why})")]
    Malformed {
        /// What came, cut.
        text: String,
        /// What the URL parser says.
        why: String,
    },
    /// Cookies would travel in clear.
    #[error(
        "setup.public_address: expected https, or http on a loopback host; got {text:?}. Put a proxy with TLS in front, or see danger::plain_http_address"
    )]
    Scheme {
        /// What came, cut.
        text: String,
    },
    /// More than scheme, host, port and path.
    #[error("setup.public_address: expected scheme, host, port and path only")]
    NotBare,
    /// No proxy address.
    #[error(
        "setup.trusted_proxies: expected an address (10.0.0.7) or a network (10.0.0.0/8), got {text:?}"
    )]
    Proxy {
        /// What came, cut.
        text: String,
    },
}

impl AddressError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Proxy { .. } => "setup.trusted_proxies",
            _ => "setup.public_address",
        }
    }
}

/// What the nearest proxy says about the request. Of several elements the last one is its own.
#[derive(Debug, Default)]
struct Forwarded {
    host: Option<String>,
    proto: Option<String>,
}

impl Forwarded {
    fn read(headers: &HeaderMap) -> Self {
        match last(headers, header::FORWARDED.as_str()) {
            Some(element) => Self::element(&element),
            None => Self {
                host: last(headers, "x-forwarded-host"),
                proto: last(headers, "x-forwarded-proto"),
            },
        }
    }

    /// RFC 7239 section 4.
    fn element(element: &str) -> Self {
        let mut read = Self::default();
        for (name, value) in element.split(';').filter_map(|pair| pair.split_once('=')) {
            let value = value.trim().trim_matches('"').to_owned();
            match name.trim().to_ascii_lowercase().as_str() {
                "host" => read.host = Some(value),
                "proto" => read.proto = Some(value),
                _ => {}
            }
        }
        read
    }
}

fn last(headers: &HeaderMap, name: &str) -> Option<String> {
    let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    let element = line.rsplit(',').next()?.trim();
    (!element.is_empty()).then(|| element.to_owned())
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}
