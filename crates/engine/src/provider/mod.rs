//! The provider: what is set about it, and what is known of it by now.

mod keys;
mod known;
mod once;
mod registered;

use countersign_protocol::danger;
use countersign_protocol::discovery::Metadata;
use countersign_protocol::jose::KeySet;
use countersign_protocol::value::endpoint::Endpoint;
use countersign_protocol::value::issuer::{IssuerIdentity, is_loopback};
use countersign_protocol::value::typed_issuer::TypedIssuer;
use countersign_protocol::{Issuer, IssuerTemplate};
use url::Url;

use crate::ask::Detour;

pub(crate) use keys::Keys;
pub(crate) use known::{Backoff, Known};
pub(crate) use registered::Registered;

/// Which provider, and how it is reached.
///
/// ```
/// use countersign::{Issuer, Provider};
///
/// // People see https://login.example, this machine reaches it inside the cluster.
/// let provider = Provider::discover(Issuer::parse("https://login.example").unwrap())
///     .reached_at("https://login.internal:8443".parse().unwrap());
/// ```
#[derive(Clone, Debug)]
pub struct Provider {
    pub(crate) source: Source,
    reached_at: Option<Url>,
    metadata_at: Option<Url>,
    pub(crate) plain_http: bool,
    pub(crate) sparse: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// Ask for the metadata of this identity at the well-known places of `at`.
    Discovered { identity: IssuerIdentity, at: Issuer },
    /// Metadata that was written down.
    Written { identity: IssuerIdentity, metadata: Box<Metadata> },
}

impl Provider {
    /// A provider whose metadata is discovered (OpenID Connect Discovery 1.0) when it is first
    /// needed, refreshed now and then, and kept while the provider is down.
    #[must_use]
    pub fn discover(issuer: Issuer) -> Self {
        let at = issuer.clone();
        Self::new(Source::Discovered { identity: IssuerIdentity::One(issuer), at })
    }

    /// A provider with one issuer per tenant, whose common metadata stands under `common`.
    #[must_use]
    pub fn tenants(template: IssuerTemplate, common: &Issuer) -> Self {
        let identity = IssuerIdentity::Template(template);
        Self::new(Source::Discovered { identity, at: common.clone() })
    }

    /// A provider whose metadata is written down.
    ///
    /// # Errors
    /// [`crate::Error`] when its issuer can't be one.
    pub fn written(metadata: Metadata) -> Result<Self, crate::Error> {
        // The metadata was held to its scheme when it was read.
        let identity = IssuerIdentity::One(danger::plain_http_issuer(metadata.issuer())?);
        Ok(Self::new(Source::Written { identity, metadata: Box::new(metadata) }))
    }

    /// A provider of which nothing is known but its name and its keys: enough to check signed
    /// tokens, without any network.
    ///
    /// ```
    /// use countersign::protocol::jose::{Algorithm, KeySet, SigningKey};
    /// use countersign::{Issuer, Provider};
    ///
    /// let key = SigningKey::generate(Algorithm::Es256)?;
    /// let keys = KeySet::from_jwks([key.public_jwk()]);
    /// let provider = Provider::with_keys(Issuer::parse("https://op.example")?, keys);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_keys(issuer: Issuer, keys: KeySet) -> Self {
        let metadata = Box::new(Metadata::of_keys(&issuer, keys));
        Self::new(Source::Written { identity: IssuerIdentity::One(issuer), metadata })
    }

    /// An issuer of which only a name, which may be any text, and the keys' address are known: for
    /// an API alone, since nobody can be sent there to log in.
    ///
    /// ```
    /// use countersign::Provider;
    ///
    /// let address = "https://keys.example/jwks".parse().unwrap();
    /// let provider = Provider::named("the old login server", address);
    /// ```
    #[must_use]
    pub fn named(name: impl Into<String>, jwks_uri: Url) -> Self {
        let name = name.into();
        let metadata = Box::new(Metadata::of_jwks_uri(&name, jwks_uri));
        Self::new(Source::Written { identity: IssuerIdentity::Name(name), metadata })
    }

    /// As [`Provider::named`], with the keys themselves.
    #[must_use]
    pub fn named_with_keys(name: impl Into<String>, keys: KeySet) -> Self {
        let name = name.into();
        let metadata = Box::new(Metadata::of_named_keys(&name, keys));
        Self::new(Source::Written { identity: IssuerIdentity::Name(name), metadata })
    }

    /// Sends every request of this machine to another address than the one in the metadata. The
    /// browser still goes where the metadata says, and the issuer stays who it is.
    ///
    /// An address with a path replaces the issuer up to its path; one without replaces the host
    /// alone, and every path stays what it is.
    #[must_use]
    pub fn reached_at(mut self, base: Url) -> Self {
        self.reached_at = Some(base);
        self
    }

    /// Fetches the metadata from this address instead of the issuer's well-known place
    /// (OpenID Connect Discovery 1.0 section 4). They must still name the issuer that is expected.
    #[must_use]
    pub fn metadata_at(mut self, url: Url) -> Self {
        self.metadata_at = Some(url);
        self
    }

    pub(crate) fn plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    pub(crate) fn forgiving_slash(mut self) -> Self {
        if let Source::Discovered { identity, at } = &mut self.source
            && matches!(identity, IssuerIdentity::One(_))
        {
            *identity = IssuerIdentity::Typed(TypedIssuer::new(at.clone()));
        }
        self
    }

    /// Where the metadata are asked for.
    pub(crate) fn discovery_url(&self, at: &Issuer) -> Url {
        self.metadata_at.clone().unwrap_or_else(|| at.discovery_url())
    }

    /// Refuses addresses that no secret may travel to, and tells of it where plain http is allowed.
    pub(crate) fn must_be_safe(&self) -> Result<(), crate::Error> {
        let Some(address) = self.unsafe_address() else {
            if self.plain_http {
                tracing::warn!("danger: plain http to the provider is allowed");
            }
            return Ok(());
        };
        Err(crate::Error::setup(format!(
            "a provider is reached by https, without user name (http only on a loopback host, or \
             within danger::plain_http); got {address}"
        )))
    }

    /// The first address beyond this machine that would be asked by plain http, or that can't be
    /// asked at all.
    fn unsafe_address(&self) -> Option<String> {
        let written = |metadata: &Metadata| -> Vec<Url> {
            ENDPOINTS.iter().filter_map(|endpoint| metadata.endpoint(*endpoint).cloned()).collect()
        };
        let mut addresses = match &self.source {
            Source::Discovered { at, .. } => vec![at.url().clone()],
            Source::Written { metadata, .. } => written(metadata),
        };
        addresses.extend(self.reached_at.clone());
        addresses.extend(self.metadata_at.clone());
        let safe = |url: &Url| match url.scheme() {
            "https" => true,
            "http" => self.plain_http || is_loopback(url),
            _ => false,
        };
        let bare = |url: &Url| url.username().is_empty() && url.password().is_none();
        let address = addresses.into_iter().find(|url| !(safe(url) && bare(url)))?;
        Some(format!("{}://{}", address.scheme(), address.host_str().unwrap_or_default()))
    }

    fn new(source: Source) -> Self {
        Self { source, reached_at: None, metadata_at: None, plain_http: false, sparse: false }
    }

    pub(crate) fn identity(&self) -> &IssuerIdentity {
        match &self.source {
            Source::Discovered { identity, .. } | Source::Written { identity, .. } => identity,
        }
    }

    /// The keys, where they were written down and can't change.
    pub(crate) fn written_keys(&self) -> Option<&KeySet> {
        match &self.source {
            Source::Written { metadata, .. } if metadata.jwks_uri().is_none() => metadata.keys(),
            _ => None,
        }
    }

    /// For whom a client's assertion is meant. A template is nobody's name; RFC 7523 section 3
    /// lets the token endpoint stand for it.
    pub(crate) fn assertion_audience<'a>(&self, metadata: &'a Metadata) -> &'a str {
        match (self.identity(), metadata.token_endpoint()) {
            (IssuerIdentity::Template(_), Some(endpoint)) => endpoint.as_str(),
            _ => metadata.issuer(),
        }
    }

    pub(crate) fn detour(&self) -> Option<Detour> {
        let to = self.reached_at.clone()?;
        let from = match self.identity() {
            IssuerIdentity::One(issuer) => issuer.url().clone(),
            IssuerIdentity::Typed(typed) => typed.url().clone(),
            IssuerIdentity::Name(_) => return None,
            _ => match &self.source {
                Source::Discovered { at, .. } => at.url().join("/").ok()?,
                Source::Written { .. } => return None,
            },
        };
        Some(Detour { from, to })
    }
}

/// Those that this machine asks.
const ENDPOINTS: [Endpoint; 6] = [
    Endpoint::Keys,
    Endpoint::Registration,
    Endpoint::Token,
    Endpoint::UserInfo,
    Endpoint::Introspection,
    Endpoint::Revocation,
];
