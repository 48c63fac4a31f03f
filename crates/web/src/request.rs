//! A request, and what kind of request it is.

use std::net::IpAddr;

use http::{HeaderMap, Method, Uri, header};

/// What a face hands over: the parts of a request that matter here.
///
/// ```
/// use countersign_web::WebRequest;
/// use http::{HeaderMap, Method, Uri};
///
/// let (method, uri, headers) = (Method::GET, Uri::from_static("/profile"), HeaderMap::new());
/// let request = WebRequest::new(&method, &uri, &headers);
/// assert_eq!(request.path(), "/profile");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct WebRequest<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    peer: Option<IpAddr>,
    body: &'a [u8],
    certificate: Option<&'a [u8]>,
}

impl<'a> WebRequest<'a> {
    /// A request without a body from an unknown peer.
    #[must_use]
    pub const fn new(method: &'a Method, uri: &'a Uri, headers: &'a HeaderMap) -> Self {
        Self { method, uri, headers, peer: None, body: &[], certificate: None }
    }

    /// From which address the connection came; needed only to recognise trusted proxies.
    #[must_use]
    pub const fn peer(self, peer: Option<IpAddr>) -> Self {
        Self { peer, ..self }
    }

    /// The body of a form POST, at most [`BODY_LIMIT`] bytes.
    #[must_use]
    pub const fn body(self, body: &'a [u8]) -> Self {
        Self { body, ..self }
    }

    /// The client's certificate in DER, from whoever ended TLS: what bound tokens are held to
    /// (RFC 8705).
    #[must_use]
    pub const fn certificate(self, der: Option<&'a [u8]>) -> Self {
        Self { certificate: der, ..self }
    }

    /// The requested path.
    #[must_use]
    pub fn path(&self) -> &'a str {
        self.uri.path()
    }

    pub(crate) const fn method(&self) -> &'a Method {
        self.method
    }

    pub(crate) const fn uri(&self) -> &'a Uri {
        self.uri
    }

    pub(crate) const fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    pub(crate) const fn from(&self) -> Option<IpAddr> {
        self.peer
    }

    pub(crate) const fn form(&self) -> &'a [u8] {
        self.body
    }

    pub(crate) const fn client_certificate(&self) -> Option<&'a [u8]> {
        self.certificate
    }

    pub(crate) fn query(&self) -> &'a str {
        self.uri.query().unwrap_or_default()
    }

    pub(crate) fn path_and_query(&self) -> &'a str {
        self.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the body is said to be a form.
    pub(crate) fn says_form(&self) -> bool {
        let kind = self.header("content-type").and_then(|kind| kind.split(';').next());
        kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case(FORM))
    }

    pub(crate) fn is_read(&self) -> bool {
        *self.method == Method::GET || *self.method == Method::HEAD
    }

    /// A CORS preflight: it carries no cookies by definition (Fetch standard, section 3.3.6).
    pub(crate) fn is_preflight(&self) -> bool {
        *self.method == Method::OPTIONS
            && self.headers.contains_key(header::ORIGIN)
            && self.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
    }

    /// Whether a person is looking at where this request leads.
    pub(crate) fn kind(&self) -> Kind {
        if self.is_ahead_of_time() || self.is_by_script() {
            return Kind::Background;
        }
        match self.header("sec-fetch-mode") {
            Some("navigate") if self.fills_a_window() => Kind::Navigation,
            Some(_) => Kind::Background,
            None if self.accepts_html() => Kind::Navigation,
            None => Kind::Unclear,
        }
    }

    /// A form or link of another site led here, as far as the browser tells.
    pub(crate) fn is_cross_site(&self) -> bool {
        matches!(self.header("sec-fetch-site"), Some("cross-site" | "same-site"))
    }

    /// Fetched in case somebody asks for it (prefetch, prerender).
    fn is_ahead_of_time(&self) -> bool {
        ["sec-purpose", "purpose", "x-purpose", "x-moz"].iter().any(|name| {
            self.header(name).is_some_and(|value| {
                let value = value.to_ascii_lowercase();
                ["prefetch", "prerender", "preview"].iter().any(|word| value.contains(word))
            })
        })
    }

    fn is_by_script(&self) -> bool {
        self.header("x-requested-with").is_some_and(|by| by.eq_ignore_ascii_case("xmlhttprequest"))
            || self.headers.contains_key("service-worker")
            || self.headers.contains_key(header::UPGRADE)
    }

    /// A window or tab, or a frame of our own site: a provider's page in a foreign site's frame
    /// would get no cookies and invites clickjacking.
    fn fills_a_window(&self) -> bool {
        match self.header("sec-fetch-dest") {
            None | Some("document" | "") => true,
            Some("iframe" | "frame") => self.header("sec-fetch-site") == Some("same-origin"),
            Some(_) => false,
        }
    }

    fn accepts_html(&self) -> bool {
        let html = |line: &str| {
            line.split(',').any(|range| {
                let kind = range.split(';').next().unwrap_or_default().trim();
                kind.eq_ignore_ascii_case("text/html")
                    || kind.eq_ignore_ascii_case("application/xhtml+xml")
            })
        };
        self.headers.get_all(header::ACCEPT).iter().any(|value| value.to_str().is_ok_and(html))
    }
}

/// Who waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A person, in a window: may be led to the provider.
    Navigation,
    /// A script, an image, a prefetch, a foreign frame: gets an answer that it can read.
    Background,
    /// No browser that tells; perhaps a command-line client.
    Unclear,
}

const FORM: &str = "application/x-www-form-urlencoded";
/// Bytes of a form POST that a face reads for the endpoints; more is answered with 413.
pub const BODY_LIMIT: usize = 64 * 1024;
