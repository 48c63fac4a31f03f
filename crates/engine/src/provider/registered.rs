//! Who we are to the provider: a client that was registered by hand, or one that registers itself
//! and does so again when its secret ends.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use countersign_protocol::discovery::Metadata;
use countersign_protocol::registration::{Registration, RegistrationRequest};
use countersign_protocol::{Client, UnixTime};

use super::known::Backoff;
use crate::ask::{PATIENCE, Way};
use crate::error::Error;
use crate::single_flight::SingleFlight;

/// The client of one relying party.
#[derive(Debug)]
pub(crate) struct Registered {
    way: Way,
    request: Option<RegistrationRequest>,
    state: Mutex<State>,
    flights: SingleFlight<(), Result<Arc<Client>, Error>>,
}

#[derive(Debug, Default)]
struct State {
    current: Option<Current>,
    /// Clients whose logins may still be under way.
    earlier: Vec<Arc<Client>>,
    backoff: Backoff,
}

#[derive(Clone, Debug)]
struct Current {
    client: Arc<Client>,
    answer: Option<Registration>,
    renew_at: Option<UnixTime>,
    ends_at: Option<UnixTime>,
}

impl Registered {
    pub(crate) fn by_hand(client: Client, way: Way) -> Arc<Self> {
        let client = Arc::new(client);
        let current = Current { client, answer: None, renew_at: None, ends_at: None };
        Self::new(None, way, State { current: Some(current), ..State::default() })
    }

    pub(crate) fn by_itself(request: RegistrationRequest, way: Way) -> Arc<Self> {
        Self::new(Some(request), way, State::default())
    }

    /// The same client after what it was before, as far as that can be read now: the lock may have
    /// been held by a thread that is no more.
    pub(crate) fn after(&self, before: &Self) {
        if self.request.is_none() {
            return;
        }
        let Ok(known) = before.state.try_lock() else { return };
        let mut state = self.lock();
        state.current.clone_from(&known.current);
        state.earlier.clone_from(&known.earlier);
    }

    fn new(request: Option<RegistrationRequest>, way: Way, state: State) -> Arc<Self> {
        let flights = SingleFlight::new(Duration::ZERO).patience(PATIENCE);
        let state = Mutex::new(state);
        Arc::new(Self { way, request, state, flights })
    }

    /// The client, registered first if it must be.
    pub(crate) async fn client(
        self: &Arc<Self>,
        metadata: &Arc<Metadata>,
        now: UnixTime,
    ) -> Result<Arc<Client>, Error> {
        let old = {
            let state = self.lock();
            if let Some(client) = state.good(now) {
                return Ok(client);
            }
            let old = state.still_valid(now);
            if let Some((error, wait)) = state.backoff.wait(now) {
                return old.ok_or(error.retry_in(wait));
            }
            old
        };
        let (registered, metadata) = (Arc::clone(self), Arc::clone(metadata));
        let begin = || -> crate::outside::BoxFuture<'static, _> {
            Box::pin(async move { registered.register(&metadata).await })
        };
        match (self.flights.join((), now, begin, |_| false).await, old) {
            (Err(_), Some(old)) => Ok(old),
            (registered, _) => registered,
        }
    }

    /// The client with which a login was begun, be it the current one or an earlier one.
    pub(crate) fn with_id(&self, id: &str) -> Option<Arc<Client>> {
        let state = self.lock();
        let current = state.current.as_ref().map(|current| &current.client);
        current.into_iter().chain(&state.earlier).find(|client| client.id() == id).cloned()
    }

    /// Whether the client registers itself, and so comes back under another name.
    pub(crate) fn renews(&self) -> bool {
        self.request.is_some()
    }

    /// The provider says that it does not know this client any more: a client that registers
    /// itself does so again before the next login.
    pub(crate) fn forget(&self, client: &Client) {
        let mut state = self.lock();
        let is_current = |current: &Current| current.client.id() == client.id();
        if self.request.is_some() && state.current.as_ref().is_some_and(is_current) {
            tracing::warn!(
                "the provider does not know this client any more; it will be registered again"
            );
            state.retire();
        }
    }

    /// What the provider answered when it registered this client; `None` before, and for a client
    /// that was registered by hand.
    pub(crate) fn answer(&self) -> Option<Registration> {
        self.lock().current.as_ref().and_then(|current| current.answer.clone())
    }

    async fn register(&self, metadata: &Metadata) -> Result<Arc<Client>, Error> {
        let Some(request) = self.request.clone() else {
            return Err(Error::setup("this client is registered by hand"));
        };
        // Whoever looked a moment ago may come after the one who registered.
        // The clock is not read under the lock: an application's own may wait for another one.
        let now = self.way.outside.now();
        if let Some(client) = self.lock().good(now) {
            return Ok(client);
        }
        let registered = match request.at(metadata) {
            Ok(exchange) => self.way.ask(exchange).await,
            Err(error) => Err(error.into()),
        };
        let now = self.way.outside.now();
        let mut state = self.lock();
        match registered {
            Ok(registration) => {
                state.retire();
                let client = Arc::new(registration.client().clone());
                // A client that was born expired would register for each login: give it a minute.
                let ends_at = registration.secret_expires_at();
                let renew_at = ends_at.map(|until| (until - RENEW_BEFORE).max(now + RENEW_BEFORE));
                let (client_of, answer) = (Arc::clone(&client), Some(registration));
                state.current = Some(Current { client: client_of, answer, renew_at, ends_at });
                state.backoff = Backoff::default();
                tracing::info!(client_id = client.id(), "registered with the provider");
                Ok(client)
            }
            Err(error) => {
                state.backoff.failed(error.clone(), now);
                Err(error)
            }
        }
    }

    /// Nothing panics while it is held.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The client, unless it is time to renew it.
    fn good(&self, now: UnixTime) -> Option<Arc<Client>> {
        let current = self.current.as_ref()?;
        current.renew_at.is_none_or(|at| now < at).then(|| Arc::clone(&current.client))
    }

    /// The client, unless its secret has ended.
    fn still_valid(&self, now: UnixTime) -> Option<Arc<Client>> {
        let current = self.current.as_ref()?;
        current.ends_at.is_none_or(|at| now < at).then(|| Arc::clone(&current.client))
    }

    fn retire(&mut self) {
        if let Some(old) = self.current.take() {
            self.earlier.insert(0, old.client);
            self.earlier.truncate(EARLIER);
        }
    }
}

const EARLIER: usize = 4;
const RENEW_BEFORE: Duration = Duration::from_secs(60);
