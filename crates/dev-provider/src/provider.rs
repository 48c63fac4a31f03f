//! The provider: what it is set to, what it remembers, and its life with and without a listener.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use countersign_jose::json::Object;
use countersign_jose::{Algorithm, SigningError};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::account::User;
use crate::builder::{Builder, Settings};
use crate::client::Client;
use crate::doors::{self, Clock};
use crate::endpoint::{self, Counters, Endpoint, Requests};
use crate::keys::{self, Keys};
use crate::mischief::MischiefSwitch;
use crate::notify;
use crate::session::Book;
use crate::tokens;

/// An OpenID Provider in memory, for development and tests only.
///
/// Without a listener it is an [`axum::Router`]; [`Builder::start`] gives it one.
///
/// ```
/// use countersign_dev_provider::{Client, DevProvider, User};
///
/// # let runtime = tokio::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// let provider = DevProvider::builder()
///     .user(User::new("dora").claim("email", "dora@example.org"))
///     .client(Client::public("app").redirect_uri("http://127.0.0.1:3000/auth/callback"))
///     .start()
///     .await?;
/// assert!(provider.issuer().starts_with("http://127.0.0.1:"));
/// provider.shutdown().await;
/// # Ok::<(), countersign_dev_provider::StartError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct DevProvider(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) keys: Keys,
    pub(crate) mischief: MischiefSwitch,
    pub(crate) counters: Counters,
    book: Mutex<Book>,
}

impl DevProvider {
    /// Starts to describe a provider; every setting has a default.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn assemble(settings: Settings, book: Book) -> Result<Self, SigningError> {
        let keys = Keys::generate(&settings.algorithms)?;
        let mischief = MischiefSwitch::default();
        for client in book.clients.values().filter(|client| !client.mischief.is_empty()) {
            let who = crate::Who::Client(client.id.clone());
            mischief.set(who, client.mischief.clone());
        }
        let clock = Clock::default();
        let counters = Counters::default();
        let book = Mutex::new(book);
        Ok(Self(Arc::new(Inner { settings, clock, keys, mischief, counters, book })))
    }

    /// The issuer identifier: what relying parties are configured with.
    pub fn issuer(&self) -> &str {
        &self.0.settings.issuer
    }

    /// The people who can log in.
    pub fn users(&self) -> Vec<User> {
        self.0.book().users.clone()
    }

    /// All endpoints, to be served by whoever has a listener.
    pub fn router(&self) -> Router {
        endpoint::router(Arc::clone(&self.0))
    }

    /// The switchboard of misbehaviour.
    pub fn mischief(&self) -> &MischiefSwitch {
        &self.0.mischief
    }

    /// Signs with new keys from now on. The keys before stay published until the next rotation.
    ///
    /// # Errors
    /// When the machine can't make keys.
    pub fn rotate_keys(&self) -> Result<(), SigningError> {
        self.0.keys.rotate()
    }

    /// Moves the provider's clock on, in whole seconds.
    pub fn advance_clock(&self, by: Duration) {
        self.0.clock.advance(by);
    }

    /// Sets the provider's clock, in seconds since 1970; it keeps running from there.
    pub fn set_clock(&self, unix_seconds: i64) {
        self.0.clock.set(unix_seconds);
    }

    /// The provider's time, in seconds since 1970.
    pub fn now(&self) -> i64 {
        self.0.clock.now()
    }

    /// How often each endpoint was asked so far.
    pub fn requests(&self) -> Requests {
        self.0.counters.read()
    }

    /// Adds a client, or replaces the one with the same id.
    pub fn add_client(&self, client: Client) {
        self.0.book().clients.insert(client.id.clone(), client);
    }

    /// Adds a user, or replaces the one with the same name.
    pub fn add_user(&self, user: User) {
        let mut book = self.0.book();
        book.users.retain(|known| known.username() != user.username());
        book.users.push(user);
    }

    /// Ends every session and everything that was handed out, as a restart would.
    pub fn forget_sessions(&self) {
        let mut book = self.0.book();
        let (users, clients) = (std::mem::take(&mut book.users), std::mem::take(&mut book.clients));
        *book = Book { users, clients, ..Book::default() };
    }

    /// Ends every session of a person, as an administrator would, and tells the clients that asked
    /// for it by back-channel logout. Says how many sessions there were. Outside of a tokio
    /// runtime the sessions end all the same, but nobody is told.
    pub fn end_sessions(&self, username: &str) -> usize {
        let ended = self.0.book().end_sessions(username);
        ended.iter().for_each(|session| notify::back_channel(&self.0, session));
        ended.len()
    }

    /// Signs any claims with the provider's current key; `typ` is the header's.
    ///
    /// ```
    /// use countersign_dev_provider::DevProvider;
    /// use countersign_jose::Algorithm;
    ///
    /// let provider = DevProvider::builder().signing_algorithms([Algorithm::Es256]).build()?;
    /// let claims = serde_json::json!({"iss": provider.issuer(), "sub": "alice"});
    /// let token = provider.sign(Algorithm::Es256, "at+jwt", claims.as_object().unwrap()).unwrap();
    /// assert_eq!(token.split('.').count(), 3);
    /// # Ok::<(), countersign_dev_provider::StartError>(())
    /// ```
    pub fn sign(&self, algorithm: Algorithm, typ: &str, claims: &Object) -> Option<String> {
        let key = self.0.keys.signing(algorithm)?;
        Some(keys::compact(&key, typ, claims))
    }

    /// A logout token for back-channel logout (OpenID Connect Back-Channel Logout section 2.4).
    ///
    /// `None` when the client is unknown, or neither `sub` nor `sid` is given.
    pub fn logout_token(
        &self,
        client_id: &str,
        sub: Option<&str>,
        sid: Option<&str>,
    ) -> Option<String> {
        tokens::logout_token(&self.0, client_id, sub, sid)
    }

    /// The current public keys as a JWK Set.
    pub fn key_set_document(&self) -> String {
        json!({ "keys": self.0.keys.published() }).to_string()
    }
}

impl Inner {
    /// What is remembered, locked; never held over an await.
    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The full address of an endpoint.
    pub(crate) fn url(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.settings.issuer.trim_end_matches('/'), endpoint.path())
    }

    /// The path of an endpoint, for redirects within the provider.
    pub(crate) fn path(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.settings.base_path, endpoint.path())
    }
}

impl std::fmt::Debug for DevProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DevProvider").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}

/// A provider with a listener; it stops when this is dropped.
#[derive(Debug)]
pub struct RunningProvider {
    provider: DevProvider,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl RunningProvider {
    pub(crate) fn serve(provider: DevProvider, listener: TcpListener, address: SocketAddr) -> Self {
        let task = doors::spawn(accept(listener, provider.router()));
        Self { provider, address, task }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The provider apart from its listener.
    pub fn provider(&self) -> &DevProvider {
        &self.provider
    }

    /// Stops at once: the listener and every connection close.
    pub async fn shutdown(mut self) {
        self.task.abort();
        // The join only fails because of the abort above.
        let _ = (&mut self.task).await;
    }

    /// Serves until the task is ended from outside; for programs that do nothing else.
    pub async fn wait(mut self) {
        let _ = (&mut self.task).await;
    }
}

impl Deref for RunningProvider {
    type Target = DevProvider;

    fn deref(&self) -> &DevProvider {
        &self.provider
    }
}

impl Drop for RunningProvider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves connections; dropping this future closes them all, so that "down" means down.
async fn accept(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    // Out of file descriptors, most likely: asking again at once won't help.
                    doors::pause(Duration::from_millis(50)).await;
                    continue;
                };
                // Small answers must not wait for each other; where this fails they only wait.
                let _ = stream.set_nodelay(true);
                let service = TowerToHyperService::new(router.clone());
                let mut http = hyper::server::conn::http1::Builder::new();
                http.timer(TokioTimer::new());
                connections.spawn(http.serve_connection(TokioIo::new(stream), service));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}
