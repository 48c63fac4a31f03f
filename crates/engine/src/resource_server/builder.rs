//! What is required stands in the constructor; the rest has a safe default.

use std::sync::Arc;
use std::time::Duration;

use countersign_protocol::bearer::{Challenger, ProtectedResource, Roles};
use countersign_protocol::id_token::DEFAULT_CLOCK_SKEW;
use countersign_protocol::jose::HeaderCache;

use super::binding::{Bindings, Dpop};
use super::cache::TokenCache;
use super::introspection::Introspected;
use super::issuer::TrustedIssuer;
use super::presented::TokenPlaces;

use super::user_info::Profiles;
use super::{Inner, ResourceServer};
use crate::error::Error;
use crate::outside::Outside;

/// Settings of a resource server.
#[derive(Debug)]
pub struct ResourceServerBuilder {
    common: Common,
    issuers: Vec<TrustedIssuer>,
    realm: Option<String>,
    resource: Option<ProtectedResource>,
    dpop: Option<Dpop>,
    cache_bytes: usize,
    pub(crate) places: TokenPlaces,
}

/// What holds for every issuer that says nothing else.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) audiences: Vec<String>,
    pub(super) clock_skew: Duration,
    pub(super) roles: Roles,
}

impl ResourceServer {
    /// An API with these audiences: one of them must stand in `aud` of every token.
    #[must_use]
    pub fn builder(
        audiences: impl IntoIterator<Item = impl Into<String>>,
    ) -> ResourceServerBuilder {
        ResourceServerBuilder {
            common: Common {
                audiences: audiences.into_iter().map(Into::into).collect(),
                clock_skew: DEFAULT_CLOCK_SKEW,
                roles: Roles::default(),
            },
            issuers: Vec::new(),
            realm: None,
            resource: None,
            dpop: None,
            cache_bytes: CACHE_BYTES,
            places: TokenPlaces::default(),
        }
    }
}

impl ResourceServerBuilder {
    /// Accepts the tokens of this issuer, besides those of others. Which one a token is from is
    /// read in it, and then proven.
    #[must_use]
    pub fn issuer(mut self, issuer: TrustedIssuer) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// Where issuers put roles. Default: [`Roles::default`].
    #[must_use]
    pub fn roles(mut self, roles: Roles) -> Self {
        self.common.roles = roles;
        self
    }

    /// How far the clocks of both machines may be apart. Default: 60 s.
    #[must_use]
    pub fn clock_skew(mut self, skew: Duration) -> Self {
        self.common.clock_skew = skew;
        self
    }

    /// `realm` of challenges. Default: none.
    #[must_use]
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// What this API says of itself (RFC 9728). Every challenge then names the place.
    #[must_use]
    pub fn resource(mut self, resource: ProtectedResource) -> Self {
        self.resource = Some(resource);
        self
    }

    /// Accepts tokens that are bound to a DPoP key (RFC 9449). Without it such tokens are refused.
    #[must_use]
    pub fn dpop(mut self, dpop: Dpop) -> Self {
        self.dpop = Some(dpop);
        self
    }

    /// About how much memory verified tokens may take; 0 keeps none. Default: 64 MiB, which is
    /// some 15,000 tokens of 1 kB. Where their claims are asked for as one object
    /// ([`Token::claims`](super::Token::claims), [`Roles::by`]), they take several times as much.
    #[must_use]
    pub fn cache_bytes(mut self, bytes: usize) -> Self {
        self.cache_bytes = bytes;
        self
    }

    /// The resource server. Nothing is asked of the providers yet: they may be down.
    ///
    /// # Errors
    /// [`Error`] names the setting that is wrong.
    pub fn build(self, outside: Outside) -> Result<ResourceServer, Error> {
        if self.issuers.is_empty() {
            return Err(Error::setup("an API needs at least one issuer whose tokens it accepts"));
        }
        if self.issuers.iter().filter(|issuer| issuer.takes_opaque()).count() > 1 {
            return Err(Error::setup(
                "an opaque token does not say whose it is, so one issuer at most can be asked about \
                 such tokens",
            ));
        }
        let accepted =
            self.issuers.into_iter().map(|issuer| issuer.accepted(&self.common, &outside));
        let issuers = accepted.collect::<Result<Vec<_>, _>>()?;
        let mut names: Vec<&str> = issuers.iter().map(super::issuer::Accepted::name).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair.first() == pair.last()) {
            return Err(Error::setup(format!("the issuer {} is set twice", twice.concat())));
        }
        if self.places != TokenPlaces::default() {
            tracing::warn!("danger: access tokens are also read from {:?}", self.places);
        }
        let mut challenger = Challenger::new();
        if let Some(realm) = self.realm {
            challenger = challenger.realm(realm);
        }
        if let Some(resource) = &self.resource {
            challenger = challenger.resource_metadata(resource.metadata_url());
        }
        let bindings = Bindings::new(self.dpop, &outside)?;
        if let Some(allowed) = bindings.allowed() {
            challenger = challenger.dpop(*allowed);
        }
        Ok(ResourceServer {
            inner: Arc::new(Inner {
                headers: HeaderCache::default(),
                cache: TokenCache::new(self.cache_bytes, outside.random()?),
                introspected: Introspected::default(),
                profiles: Profiles::default(),
                bindings,
                challenger,
                resource: self.resource,
                places: self.places,
                clock_skew: self.common.clock_skew,
                issuers,
                outside,
            }),
        })
    }
}

const CACHE_BYTES: usize = 64 * 1024 * 1024;
