//! A request as WSGI hands it over (PEP 3333): what the web crate needs of it, and no more.

use std::net::IpAddr;

use countersign_web::WebRequest;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

/// The parts of one request.
pub(crate) struct Parts {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    peer: Option<IpAddr>,
    body: Vec<u8>,
}

impl Parts {
    /// Reads an environment. A header that can't be one is left out, as if it had not come.
    pub(crate) fn read(environ: &Bound<'_, PyDict>, body: Vec<u8>) -> PyResult<Self> {
        let py = environ.py();
        let mut headers = HeaderMap::with_capacity(8);
        for (key, name) in headers_of_interest(py) {
            let Some(value) = environ.get_item(key)? else { continue };
            if let Some(value) =
                latin1(&value).and_then(|bytes| HeaderValue::from_bytes(&bytes).ok())
            {
                headers.insert(name, value);
            }
        }
        let text = |key: &Bound<'_, PyString>| -> PyResult<Vec<u8>> {
            Ok(environ.get_item(key)?.as_ref().and_then(latin1).unwrap_or_default())
        };
        let method = text(intern!(py, "REQUEST_METHOD"))?;
        let peer = text(intern!(py, "REMOTE_ADDR"))?;
        Ok(Self {
            method: Method::from_bytes(&method).unwrap_or_default(),
            uri: uri(&text(intern!(py, "PATH_INFO"))?, &text(intern!(py, "QUERY_STRING"))?),
            headers,
            peer: std::str::from_utf8(&peer).ok().and_then(|peer| peer.parse().ok()),
            body,
        })
    }

    pub(crate) fn request(&self) -> WebRequest<'_> {
        WebRequest::new(&self.method, &self.uri, &self.headers).peer(self.peer).body(&self.body)
    }
}

/// The headers that somebody in the web crate asks for.
fn headers_of_interest(py: Python<'_>) -> [(&Bound<'_, PyString>, HeaderName); 23] {
    let own = HeaderName::from_static;
    [
        (intern!(py, "HTTP_COOKIE"), header::COOKIE),
        (intern!(py, "HTTP_HOST"), header::HOST),
        (intern!(py, "HTTP_ACCEPT"), header::ACCEPT),
        (intern!(py, "HTTP_AUTHORIZATION"), header::AUTHORIZATION),
        (intern!(py, "HTTP_SEC_FETCH_MODE"), own("sec-fetch-mode")),
        (intern!(py, "HTTP_SEC_FETCH_DEST"), own("sec-fetch-dest")),
        (intern!(py, "HTTP_SEC_FETCH_SITE"), own("sec-fetch-site")),
        (intern!(py, "HTTP_SEC_PURPOSE"), own("sec-purpose")),
        (intern!(py, "HTTP_PURPOSE"), own("purpose")),
        (intern!(py, "HTTP_X_PURPOSE"), own("x-purpose")),
        (intern!(py, "HTTP_X_MOZ"), own("x-moz")),
        (intern!(py, "HTTP_X_REQUESTED_WITH"), own("x-requested-with")),
        (intern!(py, "HTTP_SERVICE_WORKER"), own("service-worker")),
        (intern!(py, "HTTP_UPGRADE"), header::UPGRADE),
        (intern!(py, "HTTP_ORIGIN"), header::ORIGIN),
        (intern!(py, "HTTP_REFERER"), header::REFERER),
        (intern!(py, "HTTP_ACCESS_CONTROL_REQUEST_METHOD"), header::ACCESS_CONTROL_REQUEST_METHOD),
        (intern!(py, "HTTP_DPOP"), own("dpop")),
        (intern!(py, "HTTP_FORWARDED"), header::FORWARDED),
        (intern!(py, "HTTP_X_FORWARDED_HOST"), own("x-forwarded-host")),
        (intern!(py, "HTTP_X_FORWARDED_PROTO"), own("x-forwarded-proto")),
        (intern!(py, "HTTP_X_FORWARDED_FOR"), own("x-forwarded-for")),
        (intern!(py, "CONTENT_TYPE"), header::CONTENT_TYPE),
    ]
}

/// The bytes of a text in which each character stands for one.
fn latin1(value: &Bound<'_, PyAny>) -> Option<Vec<u8>> {
    let text: String = value.extract().ok()?;
    if text.is_ascii() {
        return Some(text.into_bytes());
    }
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// The path, of which WSGI has taken the escapes away, and the query, of which it has not.
fn uri(path: &[u8], query: &[u8]) -> Uri {
    let mut text = percent_encode(path, PATH).to_string();
    if !text.starts_with('/') {
        text.insert(0, '/');
    }
    if !query.is_empty() {
        text.push('?');
        text.extend(percent_encode(query, QUERY));
    }
    text.parse().unwrap_or_default()
}

/// What stands for itself in a query.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');
/// What stands for itself in a path.
const PATH: &AsciiSet =
    &QUERY.add(b'?').add(b'%').add(b'`').add(b'{').add(b'}').add(b'\\').add(b'^').add(b'|');
