//! Who a provider says it is, apart from where it is reached.

use std::borrow::Cow;
use std::fmt;

use countersign_jose::json::Object;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::typed_issuer::TypedIssuer;
use crate::error::{self, Code};

/// An issuer identifier (OpenID Connect Core 1.0 section 1.2): an https URL without query and
/// fragment, kept byte for byte, since two issuers are the same only when every byte is.
///
/// Plain http is accepted for loopback hosts, where a development provider lives.
///
/// ```
/// use countersign_protocol::Issuer;
///
/// let issuer = Issuer::parse("https://op.example/realms/a").unwrap();
/// assert_eq!(
///     issuer.discovery_url().as_str(),
///     "https://op.example/realms/a/.well-known/openid-configuration",
/// );
/// assert!(Issuer::parse("http://op.example").is_err());
/// ```
///
/// ```compile_fail
/// # let url = "https://op.example".parse().unwrap();
/// let unchecked = countersign_protocol::Issuer { text: "ftp://op.example".to_owned(), url };
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Issuer {
    text: String,
    url: Url,
}

impl Issuer {
    /// Reads an issuer.
    ///
    /// # Errors
    /// [`IssuerError`] says which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, IssuerError> {
        let issuer = Self::parse_any_scheme(text)?;
        if issuer.url.scheme() == "https" || is_loopback(&issuer.url) {
            Ok(issuer)
        } else {
            Err(IssuerError::PlainHttp { text: shown(text) })
        }
    }

    /// The same, plain http allowed.
    pub(crate) fn parse_any_scheme(text: &str) -> Result<Self, IssuerError> {
        // A person who copies the metadata's address means the issuer in it.
        let text = &*without_well_known(text);
        // The URL reader would drop or turn these; two issuers are compared as they were written.
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(IssuerError::NotAUrl { text: shown(text) });
        }
        let url = Url::parse(text).map_err(|_| IssuerError::NotAUrl { text: shown(text) })?;
        if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
            return Err(IssuerError::NotAUrl { text: shown(text) });
        }
        if text.contains(['?', '#']) || !url.username().is_empty() || url.password().is_some() {
            return Err(IssuerError::Extra { text: shown(text) });
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// The issuer as it is compared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The issuer as an address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Where its metadata stands (OpenID Connect Discovery 1.0 section 4).
    #[must_use]
    pub fn discovery_url(&self) -> Url {
        let mut url = self.url.clone();
        let path = format!("{}{WELL_KNOWN}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url
    }

    /// Where an authorization server that is no OpenID provider has them: between host and path
    /// (RFC 8414 section 3.1).
    ///
    /// ```
    /// let issuer = countersign_protocol::Issuer::parse("https://as.example/realms/a").unwrap();
    /// assert_eq!(
    ///     issuer.oauth_metadata_url().as_str(),
    ///     "https://as.example/.well-known/oauth-authorization-server/realms/a",
    /// );
    /// ```
    #[must_use]
    pub fn oauth_metadata_url(&self) -> Url {
        let mut url = self.url.clone();
        let path = format!("{WELL_KNOWN_OAUTH}{}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Issuer {
    type Error = IssuerError;

    fn try_from(text: String) -> Result<Self, IssuerError> {
        Self::parse(&text)
    }
}

impl From<Issuer> for String {
    fn from(issuer: Issuer) -> Self {
        issuer.text
    }
}

/// An issuer for many tenants: one `{claim}` stands for a claim of the token, and only listed
/// tenants may sign in. The check is as strict as with one issuer.
///
/// ```
/// use countersign_protocol::IssuerTemplate;
/// let template =
///     IssuerTemplate::new("https://login.example/{tid}/v2.0", "tid", ["contoso"]).unwrap();
/// assert_eq!(template.issuer_of("contoso").unwrap(), "https://login.example/contoso/v2.0");
/// assert!(template.issuer_of("fabrikam").is_err());
/// ```
#[derive(Clone, Debug)]
pub struct IssuerTemplate {
    text: String,
    claim: String,
    tenants: Vec<String>,
}

impl IssuerTemplate {
    /// A template whose placeholder (any name in braces) is filled from `claim`, for `tenants`.
    ///
    /// # Errors
    /// [`IssuerError::Template`] when there is not exactly one placeholder, or no tenant.
    pub fn new(
        text: &str,
        claim: &str,
        tenants: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self, IssuerError> {
        let tenants: Vec<String> = tenants.into_iter().map(Into::into).collect();
        let is_plain = |tenant: &String| {
            !tenant.is_empty()
                && tenant.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
                && tenant.chars().any(|c| c != '.')
        };
        let template = Self { text: text.to_owned(), claim: claim.to_owned(), tenants };
        let filled = template.filled("tenant").map(|filled| Issuer::parse(&filled));
        let complete = text.matches('{').count() == 1
            && text.matches('}').count() == 1
            && matches!(filled, Some(Ok(_)))
            && !claim.is_empty()
            && !template.tenants.is_empty()
            && template.tenants.iter().all(is_plain);
        if complete { Ok(template) } else { Err(IssuerError::Template { text: shown(text) }) }
    }

    /// The template itself, which is also what the provider's metadata calls its issuer.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The one issuer that a token with these claims must name.
    ///
    /// # Errors
    /// [`IssuerError::Tenant`] when the claim is absent or names a tenant that is not listed.
    pub fn expected(&self, claims: &Object) -> Result<String, IssuerError> {
        self.issuer_of(
            claims.get(&self.claim).and_then(|tenant| tenant.as_str()).unwrap_or_default(),
        )
    }

    /// The claim that fills the placeholder.
    #[must_use]
    pub fn claim(&self) -> &str {
        &self.claim
    }

    /// The issuer of a listed tenant.
    ///
    /// # Errors
    /// [`IssuerError::Tenant`] when it is not listed.
    pub fn issuer_of(&self, tenant: &str) -> Result<String, IssuerError> {
        let refused = || IssuerError::Tenant { claim: self.claim.clone(), got: shown(tenant) };
        let listed = self.tenants.iter().any(|known| known == tenant);
        if listed { self.filled(tenant).ok_or_else(refused) } else { Err(refused()) }
    }

    /// Whether `issuer` is that of one of the listed tenants.
    #[must_use]
    pub fn covers(&self, issuer: &str) -> bool {
        self.tenants.iter().any(|tenant| self.filled(tenant).as_deref() == Some(issuer))
    }

    fn filled(&self, tenant: &str) -> Option<String> {
        let (before, rest) = self.text.split_once('{')?;
        let (_, after) = rest.split_once('}')?;
        Some(format!("{before}{tenant}{after}"))
    }
}

/// Who the provider is: one issuer, or one for each listed tenant.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum IssuerIdentity {
    /// One issuer, compared byte for byte.
    One(Issuer),
    /// A name that is no address, compared byte for byte (RFC 7519 section 2, StringOrURI).
    Name(String),
    /// One issuer, whose last slash the provider settles.
    Typed(TypedIssuer),
    /// A template, filled from a claim of each token.
    Template(IssuerTemplate),
}

impl IssuerIdentity {
    /// What the provider's metadata must call its issuer.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::One(issuer) => issuer.as_str(),
            Self::Name(name) => name,
            Self::Typed(typed) => typed.as_str(),
            Self::Template(template) => template.as_str(),
        }
    }

    /// The one issuer that a token with these claims must name.
    ///
    /// # Errors
    /// [`IssuerError::Tenant`] when the claims name a tenant that is not listed.
    pub fn expected(&self, claims: &Object) -> Result<String, IssuerError> {
        match self {
            Self::One(issuer) => Ok(issuer.as_str().to_owned()),
            Self::Name(name) => Ok(name.clone()),
            Self::Typed(typed) => Ok(typed.as_str().to_owned()),
            Self::Template(template) => template.expected(claims),
        }
    }

    /// Whether this name is one of the provider's.
    #[must_use]
    pub fn accepts(&self, issuer: &str) -> bool {
        match self {
            Self::One(one) => one.as_str() == issuer,
            Self::Name(name) => name == issuer,
            Self::Typed(typed) => typed.accepts(issuer),
            Self::Template(template) => template.as_str() == issuer || template.covers(issuer),
        }
    }

    /// Whether metadata with this `issuer` are the provider's.
    pub(crate) fn is_called(&self, issuer: &str) -> bool {
        match self {
            Self::Typed(typed) => typed.settle(issuer),
            _ => self.as_str() == issuer,
        }
    }
}

/// Why an issuer was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerError {
    /// Not an http(s) URL with a host.
    #[error("an issuer is an https URL, such as https://op.example; got \"{text}\"")]
    NotAUrl {
        /// What came.
        text: String,
    },
    /// Query, fragment or user information.
    #[error("an issuer has no query, fragment or user name; got \"{text}\"")]
    Extra {
        /// What came.
        text: String,
    },
    /// Plain http beyond the loopback.
    #[error("an issuer is reached by https; plain http only on a loopback host; got \"{text}\"")]
    PlainHttp {
        /// What came.
        text: String,
    },
    /// Not a template.
    #[error(
        "an issuer template has exactly one {{placeholder}}, a claim and at least one tenant \
         (letters, digits, -._); got \"{text}\""
    )]
    Template {
        /// What came.
        text: String,
    },
    /// A tenant that is not listed.
    #[error("the token's claim \"{claim}\" is \"{got}\", which is not among the tenants allowed")]
    Tenant {
        /// Which claim was read.
        claim: String,
        /// Its value.
        got: String,
    },
}

impl IssuerError {
    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self {
            Self::Tenant { .. } => &error::ID_TOKEN_TENANT,
            Self::Template { .. } => &error::SETUP_TEMPLATE,
            _ => &error::ISSUER_FORM,
        }
    }
}

/// The issuer whose metadata stand at this address: at its end, or as RFC 8414 has it between host
/// and path. Anything else is left as it is.
fn without_well_known(text: &str) -> Cow<'_, str> {
    let host = text.find("://").map_or(0, |scheme| scheme + "://".len());
    let host = text.get(host..).and_then(|rest| rest.find('/')).map_or(text.len(), |at| host + at);
    let (host, path) = text.split_at(host);
    let mut issuer = path;
    // To the last one, so that an issuer that is read again stays the same.
    loop {
        let before = issuer.strip_prefix(WELL_KNOWN_OAUTH);
        let before = before.filter(|path| path.is_empty() || path.starts_with('/'));
        let behind = || issuer.strip_suffix(WELL_KNOWN);
        let oauth_behind = || issuer.strip_suffix(WELL_KNOWN_OAUTH);
        match before.or_else(behind).or_else(oauth_behind) {
            Some(shorter) => issuer = shorter,
            None if issuer.len() == path.len() => return Cow::Borrowed(text),
            None => return Cow::Owned(format!("{host}{issuer}")),
        }
    }
}

/// Whether the host of an address is this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Both texts and the first place where they differ, for a person who compares them by eye.
#[must_use]
pub fn difference(expected: &str, got: &str) -> String {
    let at = expected.chars().zip(got.chars()).take_while(|(a, b)| a == b).count();
    let name = |text: &str| match text.chars().nth(at) {
        Some(c) => format!("{c:?}"),
        None => "the end".to_owned(),
    };
    format!(
        "expected \"{}\", got \"{}\"; they differ at character {}: {} against {}",
        shown(expected),
        shown(got),
        at + 1,
        name(expected),
        name(got)
    )
}

/// At most 200 characters, with escapes for those that don't print or would end the quotation.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(200).flat_map(char::escape_debug).collect()
}

const WELL_KNOWN: &str = "/.well-known/openid-configuration";
const WELL_KNOWN_OAUTH: &str = "/.well-known/oauth-authorization-server";
