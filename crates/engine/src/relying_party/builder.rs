//! What is required stands in the constructor; the rest has a safe default.

use std::sync::Arc;
use std::time::Duration;

use countersign_protocol::Client;
use countersign_protocol::id_token::DEFAULT_CLOCK_SKEW;
use countersign_protocol::registration::RegistrationRequest;
use countersign_protocol::value::issuer::is_loopback;
use url::Url;

use super::seen::Seen;
use super::{Inner, RelyingParty};
use crate::ask::Way;
use crate::error::{Error, ErrorKind};
use crate::outside::Outside;
use crate::provider::{Keys, Known, Provider, Registered};
use crate::single_flight::SingleFlight;

/// Settings of a relying party.
#[derive(Debug)]
pub struct RelyingPartyBuilder {
    provider: Provider,
    client: ClientSource,
    redirect_uri: Url,
    scope: String,
    user_info: bool,
    trusted_audiences: Vec<String>,
    clock_skew: Duration,
    pub(crate) pkce_where_announced: bool,
    pub(crate) user_info_by_post: bool,
    pub(crate) plain_http_redirect: bool,
}

#[derive(Debug)]
enum ClientSource {
    ByHand(Client),
    ByItself(RegistrationRequest),
}

impl RelyingParty {
    /// A client that was registered by hand.
    #[must_use]
    pub fn builder(provider: Provider, client: Client, redirect_uri: Url) -> RelyingPartyBuilder {
        RelyingPartyBuilder::new(provider, ClientSource::ByHand(client), redirect_uri)
    }

    /// A client that registers itself (OpenID Connect Registration 1.0) when it is first needed,
    /// and again when its secret ends.
    #[must_use]
    pub fn registering(
        provider: Provider,
        request: RegistrationRequest,
        redirect_uri: Url,
    ) -> RelyingPartyBuilder {
        RelyingPartyBuilder::new(provider, ClientSource::ByItself(request), redirect_uri)
    }
}

impl RelyingPartyBuilder {
    fn new(provider: Provider, client: ClientSource, redirect_uri: Url) -> Self {
        Self {
            provider,
            client,
            redirect_uri,
            scope: "openid profile email".to_owned(),
            user_info: true,
            trusted_audiences: Vec::new(),
            clock_skew: DEFAULT_CLOCK_SKEW,
            pkce_where_announced: false,
            user_info_by_post: false,
            plain_http_redirect: false,
        }
    }

    /// `scope` of every login that names none itself. Default: `openid profile email`.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// Whether the UserInfo endpoint is asked after each login. Default: yes, where there is one.
    #[must_use]
    pub fn user_info(mut self, ask: bool) -> Self {
        self.user_info = ask;
        self
    }

    /// Audiences that may stand beside this client in an ID token. Default: none.
    #[must_use]
    pub fn trusted_audiences(
        mut self,
        audiences: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.trusted_audiences = audiences.into_iter().map(Into::into).collect();
        self
    }

    /// How far the clocks of both machines may be apart. Default: 60 s.
    #[must_use]
    pub fn clock_skew(mut self, skew: Duration) -> Self {
        self.clock_skew = skew;
        self
    }

    /// The relying party. Nothing is asked of the provider yet: it may be down.
    ///
    /// # Errors
    /// [`Error`] for a redirect URI that can't be one, or a provider by plain http.
    pub fn build(self, outside: Outside) -> Result<RelyingParty, Error> {
        let safe = match self.redirect_uri.scheme() {
            "https" => true,
            "http" if self.plain_http_redirect => {
                tracing::warn!("danger: codes come back over plain http");
                true
            }
            "http" => self.provider.plain_http || is_loopback(&self.redirect_uri),
            _ => false,
        };
        if self.redirect_uri.fragment().is_some() || !safe {
            return Err(ErrorKind::RedirectUri { got: self.redirect_uri.into() }.into());
        }
        self.provider.must_be_safe()?;
        let way = Way { outside, reached_at: self.provider.detour() };
        let registered = match self.client {
            ClientSource::ByHand(client) => Registered::by_hand(client, way.clone()),
            ClientSource::ByItself(request) => Registered::by_itself(request, way.clone()),
        };
        Ok(RelyingParty {
            inner: Arc::new(Inner {
                keys: Keys::new(&self.provider, way.clone()),
                known: Known::new(self.provider, way.clone()),
                registered,
                way,
                redirect_uri: self.redirect_uri,
                scope: self.scope,
                user_info: self.user_info,
                trusted_audiences: self.trusted_audiences,
                clock_skew: self.clock_skew,
                pkce_where_announced: self.pkce_where_announced,
                user_info_by_post: self.user_info_by_post,
                logins: SingleFlight::new(Duration::ZERO),
                refreshes: SingleFlight::new(KEEP_REFRESHED),
                logout_tokens: Seen::default(),
            }),
        })
    }
}

/// Requests that were sent with the old cookie while a refresh ran arrive within this time.
const KEEP_REFRESHED: Duration = Duration::from_secs(60);
