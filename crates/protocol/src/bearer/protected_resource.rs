//! What an API says of itself (RFC 9728).

use countersign_jose::Object;
use serde_json::{Value, json};
use url::Url;

use crate::error::{self, Code};
use crate::value::issuer::is_loopback;

/// The metadata of a protected resource, and where they stand.
///
/// ```
/// use countersign_protocol::bearer::ProtectedResource;
///
/// let notes = ProtectedResource::new("https://api.example/notes").unwrap();
/// assert_eq!(
///     notes.metadata_url().as_str(),
///     "https://api.example/.well-known/oauth-protected-resource/notes",
/// );
/// ```
#[derive(Clone, Debug)]
pub struct ProtectedResource {
    identifier: String,
    url: Url,
    scopes: Vec<String>,
    more: Object,
}

impl ProtectedResource {
    /// An API under its address, which is also what tokens for it may have as audience. It is kept
    /// as it is written, since a client compares it byte for byte (section 3.3).
    ///
    /// # Errors
    /// [`ResourceIdentifierError`] for anything but https (http on a loopback host), and for a
    /// fragment (RFC 9728 section 1.2).
    pub fn new(identifier: &str) -> Result<Self, ResourceIdentifierError> {
        let Ok(url) = Url::parse(identifier) else {
            return Err(ResourceIdentifierError { got: "something else".to_owned() });
        };
        let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
        let bare = url.username().is_empty() && url.password().is_none();
        if safe && bare && url.host().is_some() && url.fragment().is_none() {
            let identifier = identifier.to_owned();
            return Ok(Self { identifier, url, scopes: Vec::new(), more: Object::new() });
        }
        Err(ResourceIdentifierError { got: anonymous(url).chars().take(200).collect() })
    }

    /// `scopes_supported`
    #[must_use]
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Another member, such as `resource_name` or `resource_documentation`.
    #[must_use]
    pub fn member(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.more.insert(name.into(), value.into());
        self
    }

    /// `resource`, as it was written.
    #[must_use]
    pub fn identifier(&self) -> &str {
        &self.identifier
    }

    /// The same as an address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Where the metadata stand (section 3.1): the well-known path before the resource's own, of
    /// which a slash right after the host is no part.
    #[must_use]
    pub fn metadata_url(&self) -> Url {
        let mut url = self.url.clone();
        let path = if url.path() == "/" { "" } else { url.path() };
        let path = format!("{WELL_KNOWN}{path}");
        url.set_path(&path);
        url
    }

    /// The document (section 2).
    #[must_use]
    pub fn document<'a>(
        &self,
        issuers: impl IntoIterator<Item = &'a str>,
        dpop: Option<&countersign_jose::Allowed>,
    ) -> Object {
        let mut document = self.more.clone();
        let issuers: Vec<&str> = issuers.into_iter().collect();
        document.insert("resource".to_owned(), json!(self.identifier));
        document.insert("authorization_servers".to_owned(), json!(issuers));
        document.insert("bearer_methods_supported".to_owned(), json!(["header"]));
        if !self.scopes.is_empty() {
            document.insert("scopes_supported".to_owned(), json!(self.scopes));
        }
        if let Some(allowed) = dpop {
            let algs: Vec<&str> = allowed.iter().map(countersign_jose::Algorithm::name).collect();
            document.insert("dpop_signing_alg_values_supported".to_owned(), json!(algs));
        }
        document
    }
}

/// The address of an API can't be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the address of an API is an https URL without user name and fragment (http on a loopback host); got \"{got}\""
)]
#[non_exhaustive]
pub struct ResourceIdentifierError {
    /// What came.
    pub got: String,
}

impl ResourceIdentifierError {
    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        &error::SETUP_OPTION
    }
}

/// Without a password that was written into it.
fn anonymous(mut resource: Url) -> String {
    if resource.password().is_some() && resource.set_password(Some("…")).is_err() {
        return resource.scheme().to_owned();
    }
    resource.into()
}

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
