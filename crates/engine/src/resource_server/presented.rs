//! What a request shows: the token, and what proves that it is the sender's.

use std::fmt;

use countersign_protocol::bearer::{Credentials, Refusal, RequestFault, Scheme};
use http::{HeaderMap, Method};
use url::Url;

/// A token as a request presents it, with what may belong to it.
#[derive(Clone, Copy)]
pub struct Presented<'a> {
    pub(super) credentials: Credentials<'a>,
    pub(super) headers: Option<&'a HeaderMap>,
    pub(super) request: Option<(&'a Method, &'a Url)>,
    pub(super) certificate: Option<&'a [u8]>,
}

/// Where tokens are looked for besides the `Authorization` header (RFC 6750 sections 2.2 and 2.3);
/// more than that is only to be had through [`danger`](crate::danger).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenPlaces {
    /// `access_token` in a form.
    pub form: bool,
    /// `access_token` in the query.
    pub query: bool,
}

impl<'a> Presented<'a> {
    /// Reads the `Authorization` header; a `DPoP` header beside it is looked at when the token is
    /// bound.
    ///
    /// # Errors
    /// [`Refusal`] without a token, and for several.
    pub fn from_headers(headers: &'a HeaderMap) -> Result<Self, Refusal> {
        let credentials = Credentials::from_headers(headers)?;
        Ok(Self { headers: Some(headers), ..Self::new(credentials) })
    }

    /// A token that was found elsewhere.
    #[must_use]
    pub fn new(credentials: Credentials<'a>) -> Self {
        Self { credentials, headers: None, request: None, certificate: None }
    }

    /// Reads header and, where that is allowed, form and query. A token in two places is refused
    /// (RFC 6750 section 2), whether or not the second place is allowed.
    ///
    /// The query and the form are as they came, encoded; `form` only if the body is one.
    ///
    /// # Errors
    /// [`Refusal`] without a token, and for several.
    pub fn find(
        places: TokenPlaces,
        headers: &'a HeaderMap,
        query: Option<&str>,
        form: Option<&str>,
        kept: &'a mut Option<String>,
    ) -> Result<Self, Refusal> {
        let header = Credentials::from_headers(headers);
        let in_query = query.map(tokens).unwrap_or_default();
        let in_form = form.map(tokens).unwrap_or_default();
        let found =
            in_query.len() + in_form.len() + usize::from(!matches!(header, Err(Refusal::Missing)));
        if found > 1 {
            return Err(Refusal::Request(RequestFault::Several));
        }
        if !matches!(header, Err(Refusal::Missing)) {
            return Ok(Self { headers: Some(headers), ..Self::new(header?) });
        }
        let usable =
            |allowed: bool, found: Vec<String>| found.into_iter().next().filter(|_| allowed);
        *kept = usable(places.query, in_query).or_else(|| usable(places.form, in_form));
        let token = kept.as_deref().ok_or(Refusal::Missing)?;
        let credentials = Credentials::new(Scheme::Bearer, token)?;
        Ok(Self { headers: Some(headers), ..Self::new(credentials) })
    }

    /// The request's method and the address as its sender wrote it: what DPoP proofs are for.
    #[must_use]
    pub fn request(mut self, method: &'a Method, url: &'a Url) -> Self {
        self.request = Some((method, url));
        self
    }

    /// The client's certificate in DER, from whoever ended TLS.
    #[must_use]
    pub fn certificate(mut self, der: &'a [u8]) -> Self {
        self.certificate = Some(der);
        self
    }

    /// The token and its scheme.
    #[must_use]
    pub fn credentials(&self) -> Credentials<'a> {
        self.credentials
    }
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented").field("credentials", &self.credentials).finish_non_exhaustive()
    }
}

fn tokens(encoded: &str) -> Vec<String> {
    let pairs = url::form_urlencoded::parse(encoded.as_bytes());
    pairs.filter(|(name, _)| name == "access_token").map(|(_, value)| value.into_owned()).collect()
}
