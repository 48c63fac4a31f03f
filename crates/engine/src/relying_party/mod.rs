//! The relying party: who is this person?

mod begin;
mod builder;
mod complete;
mod logout;
mod refresh;
mod resource;
mod seen;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use countersign_protocol::discovery::Metadata;
use countersign_protocol::id_token::{IdTokenError, IdTokenRules};
use countersign_protocol::jose::{Algorithm, Allowed, KeySet};
use countersign_protocol::registration::Registration;
use countersign_protocol::token::ClientProof;
use countersign_protocol::value::issuer::IssuerIdentity;
use countersign_protocol::{Client, UnixTime};
use url::Url;

pub use builder::RelyingPartyBuilder;

use crate::ask::Way;
use crate::error::{Error, ErrorKind};
use crate::provider::{Keys, Known, Registered};
use crate::session::Session;
use crate::single_flight::SingleFlight;

/// An application's relationship with one provider. Cheap to clone; every clone shares metadata,
/// keys, registration and running refreshes.
#[derive(Clone)]
pub struct RelyingParty {
    inner: Arc<Inner>,
}

struct Inner {
    way: Way,
    known: Arc<Known>,
    keys: Arc<Keys>,
    registered: Arc<Registered>,
    redirect_uri: Url,
    scope: String,
    user_info: bool,
    trusted_audiences: Vec<String>,
    clock_skew: Duration,
    pkce_where_announced: bool,
    user_info_by_post: bool,
    logins: SingleFlight<[u8; 32], Result<Session, Error>>,
    refreshes: SingleFlight<[u8; 32], Result<Session, Error>>,
    logout_tokens: seen::Seen,
}

impl RelyingParty {
    /// The time, from the clock door.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        self.inner.way.outside.now()
    }

    /// Fresh random bytes, from the entropy door.
    ///
    /// # Errors
    /// [`Error`] with the code `bug.entropy` when the system has none.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], Error> {
        self.inner.way.outside.random()
    }

    /// The redirect URI.
    #[must_use]
    pub fn redirect_uri(&self) -> &Url {
        &self.inner.redirect_uri
    }

    /// The issuer, or its template, as it was set.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.identity().as_str()
    }

    /// Whether this is a name of the provider: for logins that a third party starts.
    #[must_use]
    pub fn issuer_is(&self, issuer: &str) -> bool {
        self.identity().accepts(issuer)
    }

    /// Whether a login could be started now: metadata, keys and client are there. Fetches what is
    /// missing, within the back-off.
    ///
    /// # Errors
    /// [`Error`] says what is missing.
    pub async fn ready(&self) -> Result<(), Error> {
        let now = self.now();
        let (metadata, client) = self.parties(now).await?;
        if self.mac_keys(&client, client.expected_id_token_alg()).is_none() {
            self.inner.keys.current(&metadata, now).await?;
        }
        Ok(())
    }

    /// The provider's metadata.
    ///
    /// # Errors
    /// [`Error`] when it can't be had.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, Error> {
        self.inner.known.metadata(self.now()).await
    }

    /// The client, registered first if it registers itself.
    ///
    /// # Errors
    /// [`Error`] when it can't be registered.
    pub async fn client(&self) -> Result<Arc<Client>, Error> {
        Ok(self.parties(self.now()).await?.1)
    }

    /// What the provider answered when the client registered itself; `None` before it did, and for a
    /// client that was registered by hand.
    #[must_use]
    pub fn registration(&self) -> Option<Registration> {
        self.inner.registered.answer()
    }

    /// Takes over the client that this one's predecessor has registered: for a process that was
    /// forked off and must build everything anew, and would otherwise register once more.
    pub fn take_over(&self, before: &Self) {
        self.inner.registered.after(&before.inner.registered);
    }

    fn identity(&self) -> &IssuerIdentity {
        self.inner.known.provider().identity()
    }

    async fn parties(&self, now: UnixTime) -> Result<(Arc<Metadata>, Arc<Client>), Error> {
        let metadata = self.inner.known.metadata(now).await?;
        let client = self.inner.registered.client(&metadata, now).await?;
        // Better told now than after the person has logged in at the provider.
        self.answerable(&metadata, &client)
            .inspect_err(|_| self.inner.known.doubt(&metadata, now))?;
        Ok((metadata, client))
    }

    /// Whether an ID token for this client could be checked at all.
    fn answerable(&self, metadata: &Metadata, client: &Client) -> Result<(), Error> {
        self.allowed(metadata, client)?;
        let own = self.mac_keys(client, client.expected_id_token_alg()).is_some();
        if own || metadata.jwks_uri().is_some() || metadata.keys().is_some() {
            return Ok(());
        }
        Err(ErrorKind::NoKeys.into())
    }

    /// Which algorithms may sign ID tokens of this client.
    fn allowed(&self, metadata: &Metadata, client: &Client) -> Result<Allowed, Error> {
        let algs = match client.expected_id_token_alg() {
            Some(alg) => vec![alg],
            None => metadata.asymmetric_algs(),
        };
        Allowed::new(algs).map_err(|_| ErrorKind::NoAlgorithm.into())
    }

    /// The client secret as a key, where the client is registered for it and only there.
    fn mac_keys(&self, client: &Client, expected: Option<Algorithm>) -> Option<KeySet> {
        let mac = expected.is_some_and(Algorithm::is_mac);
        let secret = client.secret().filter(|_| mac)?;
        KeySet::from_secret(secret.expose().as_bytes()).ok()
    }

    /// Judges an ID token by the rules for this client.
    async fn identified<T>(
        &self,
        metadata: &Metadata,
        client: &Client,
        now: UnixTime,
        verify: impl Fn(&IdTokenRules<'_>, &KeySet) -> Result<T, IdTokenError>,
    ) -> Result<T, Error> {
        let allowed = self.allowed(metadata, client)?;
        let rules = self.rules(client, &allowed);
        let expected = client.expected_id_token_alg();
        let verify = |keys: &KeySet| verify(&rules, keys);
        self.checked(metadata, client, expected, now, verify, IdTokenError::is_unknown_key).await
    }

    /// The rules for ID tokens of this client, and for logout tokens.
    fn rules<'a>(&'a self, client: &'a Client, allowed: &'a Allowed) -> IdTokenRules<'a> {
        IdTokenRules {
            identity: self.identity(),
            client_id: client.id(),
            allowed,
            trusted_audiences: &self.inner.trusted_audiences,
            clock_skew: self.inner.clock_skew,
        }
    }

    /// Runs a check with the client's own secret, if the algorithm expected is one for it, or with
    /// the provider's keys, fetched anew if the check met an unknown one.
    async fn checked<T, E>(
        &self,
        metadata: &Metadata,
        client: &Client,
        expected: Option<Algorithm>,
        now: UnixTime,
        check: impl Fn(&KeySet) -> Result<T, E>,
        is_unknown_key: impl Fn(&E) -> bool,
    ) -> Result<T, Error>
    where
        Error: From<E>,
    {
        match self.mac_keys(client, expected) {
            Some(keys) => Ok(check(&keys)?),
            None => self.inner.keys.check(metadata, now, check, is_unknown_key).await,
        }
    }

    fn proof<'a>(&self, now: UnixTime, metadata: &'a Metadata) -> Result<ClientProof<'a>, Error> {
        let audience = self.inner.known.provider().assertion_audience(metadata);
        Ok(ClientProof::new(now, self.random()?, audience))
    }
}

impl fmt::Debug for RelyingParty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelyingParty")
            .field("issuer", &self.issuer())
            .field("redirect_uri", &self.inner.redirect_uri.as_str())
            .finish_non_exhaustive()
    }
}
