//! The settings of a provider, and what can be wrong with them.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use countersign_jose::Algorithm;
use tokio::net::TcpListener;
use url::Url;

use crate::account::User;
use crate::client::{AccessTokens, Client};
use crate::error::StartError;
use crate::provider::{DevProvider, RunningProvider};
use crate::session::Book;

/// Describes a provider; made by [`DevProvider::builder`].
#[derive(Debug)]
pub struct Builder {
    listen: SocketAddr,
    listen_anywhere: bool,
    issuer: Option<String>,
    users: Vec<User>,
    users_files: Vec<PathBuf>,
    big_user: bool,
    clients: Vec<Client>,
    settings: Settings,
}

/// What stays fixed while the provider runs.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) issuer: String,
    /// The path of the issuer, without a slash at its end.
    pub(crate) base_path: String,
    pub(crate) cookie_suffix: String,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) consent: bool,
    pub(crate) pkce: Pkce,
    pub(crate) registration: Registration,
    pub(crate) registered_secret_lifetime: Option<i64>,
    pub(crate) access_tokens: AccessTokens,
    pub(crate) scopes: Vec<String>,
    pub(crate) acr_values: Vec<String>,
    pub(crate) claims_in_id_token: bool,
    pub(crate) rotate_refresh_tokens: bool,
    pub(crate) controls: bool,
    pub(crate) code_lifetime: i64,
    pub(crate) id_token_lifetime: i64,
    pub(crate) access_token_lifetime: i64,
    pub(crate) refresh_token_lifetime: i64,
    pub(crate) session_lifetime: i64,
}

/// Who must send a code challenge (RFC 7636).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pkce {
    /// Public clients must; a challenge from others is checked too.
    PublicClients,
    /// Everybody must.
    Always,
}

/// Who may register clients (RFC 7591).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Registration {
    /// Everybody.
    Open,
    /// Whoever has this initial access token.
    Token(String),
    /// Nobody; the endpoint isn't announced.
    Closed,
}

impl std::fmt::Debug for Registration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Token(_) => "Token(…)",
            Self::Closed => "Closed",
        })
    }
}

impl Builder {
    /// Adds a user. Without any, alice, bob and carol can log in ([`User::defaults`]).
    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// Adds the users of a file, read at start ([`User::read_file`]).
    #[must_use]
    pub fn users_from_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.users_files.push(path.into());
        self
    }

    /// Adds [`User::big`], whose claims don't fit a cookie.
    #[must_use]
    pub fn big_user(mut self) -> Self {
        self.big_user = true;
        self
    }

    /// Adds a client; others may register themselves.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.clients.push(client);
        self
    }

    /// Sets where [`Builder::start`] listens; the default is 127.0.0.1 and a free port.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Allows addresses that other machines can reach. Anybody there can log in as anybody.
    #[must_use]
    pub fn danger_listen_anywhere(mut self) -> Self {
        self.listen_anywhere = true;
        self
    }

    /// Sets the issuer, where it should differ from `http://` and the address; may have a path.
    #[must_use]
    pub fn issuer(mut self, issuer: Option<String>) -> Self {
        self.issuer = issuer;
        self
    }

    /// Shows a consent page before a client gets anything (default: no).
    #[must_use]
    pub fn consent(mut self, consent: bool) -> Self {
        self.settings.consent = consent;
        self
    }

    /// Sets who must use PKCE (default: public clients).
    #[must_use]
    pub fn pkce(mut self, pkce: Pkce) -> Self {
        self.settings.pkce = pkce;
        self
    }

    /// Sets who may register clients (default: everybody).
    #[must_use]
    pub fn registration(mut self, registration: Registration) -> Self {
        self.settings.registration = registration;
        self
    }

    /// Lets secrets of registered clients end after this time (default: never).
    #[must_use]
    pub fn registered_secret_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.registered_secret_lifetime = Some(seconds(lifetime));
        self
    }

    /// Sets what access tokens look like (default: JWT for the audience `api`).
    #[must_use]
    pub fn access_tokens(mut self, kind: AccessTokens) -> Self {
        self.settings.access_tokens = kind;
        self
    }

    /// Adds a scope that clients may ask for. A scope with a claim's name releases that claim.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.settings.scopes.push(scope.into());
        self
    }

    /// Sets the announced authentication contexts; the first is what a plain login gets.
    #[must_use]
    pub fn acr_values<S: Into<String>>(mut self, values: impl IntoIterator<Item = S>) -> Self {
        self.settings.acr_values = values.into_iter().map(Into::into).collect();
        self
    }

    /// Puts the claims of the scopes into the ID token as well (default: userinfo only, as OpenID
    /// Connect Core section 5.4 says for the code flow).
    #[must_use]
    pub fn claims_in_id_token(mut self, yes: bool) -> Self {
        self.settings.claims_in_id_token = yes;
        self
    }

    /// Gives a new refresh token on each use and ends the grant when an old one comes again
    /// (default: yes).
    #[must_use]
    pub fn rotate_refresh_tokens(mut self, yes: bool) -> Self {
        self.settings.rotate_refresh_tokens = yes;
        self
    }

    /// Sets the algorithms that sign; the default is all of them. RSA keys are shared.
    #[must_use]
    pub fn signing_algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.settings.algorithms =
            algorithms.into_iter().filter(|algorithm| !algorithm.is_mac()).collect();
        self
    }

    /// Serves `/dev/mischief` and its neighbours for remote control (default: yes, and never on an
    /// address that other machines can reach).
    #[must_use]
    pub fn remote_control(mut self, yes: bool) -> Self {
        self.settings.controls = yes;
        self
    }

    /// Sets the life of authorization codes (default 60 s).
    #[must_use]
    pub fn code_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.code_lifetime = seconds(lifetime);
        self
    }

    /// Sets the life of ID tokens (default one hour).
    #[must_use]
    pub fn id_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.id_token_lifetime = seconds(lifetime);
        self
    }

    /// Sets the life of access tokens (default one hour).
    #[must_use]
    pub fn access_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.access_token_lifetime = seconds(lifetime);
        self
    }

    /// Sets the life of refresh tokens (default 30 days).
    #[must_use]
    pub fn refresh_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.refresh_token_lifetime = seconds(lifetime);
        self
    }

    /// Sets the life of the provider's own browser session (default 12 hours).
    #[must_use]
    pub fn session_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.session_lifetime = seconds(lifetime);
        self
    }

    /// Makes a provider without a listener; without [`Builder::issuer`] it believes to be at the
    /// address of [`Builder::listen`], with port 9000 instead of 0.
    ///
    /// # Errors
    /// [`StartError`], of which the listener's variants don't occur.
    pub fn build(self) -> Result<DevProvider, StartError> {
        let mut address = self.listen;
        if address.port() == 0 {
            address.set_port(9000);
        }
        self.finish(address)
    }

    /// Listens and serves, in the tokio runtime that this is called from.
    ///
    /// # Errors
    /// [`StartError`]; among others when the address can be reached from other machines and
    /// [`Builder::danger_listen_anywhere`] was not said.
    pub async fn start(mut self) -> Result<RunningProvider, StartError> {
        let asked = self.listen;
        if !asked.ip().is_loopback() {
            if !self.listen_anywhere {
                return Err(StartError::NotLoopback { address: asked });
            }
            self.settings.controls = false;
        }
        let fail = |source| StartError::Listen { address: asked, source };
        let listener = TcpListener::bind(asked).await.map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        let provider = self.finish(address)?;
        tracing::warn!(
            issuer = provider.issuer(),
            "development provider: anybody who reaches it can log in as anybody"
        );
        Ok(RunningProvider::serve(provider, listener, address))
    }

    fn finish(mut self, address: SocketAddr) -> Result<DevProvider, StartError> {
        for path in &self.users_files {
            self.users.extend(User::read_file(path)?);
        }
        if self.users.is_empty() {
            self.users = User::defaults();
        }
        if self.big_user {
            self.users.push(User::big());
        }
        let issuer = self.issuer.take().unwrap_or_else(|| format!("http://{address}"));
        let url =
            issuer_url(&issuer).ok_or_else(|| StartError::Issuer { issuer: issuer.clone() })?;
        let mut settings = self.settings;
        settings.base_path = url.path().trim_end_matches('/').to_owned();
        // Cookies don't know ports, and several providers may share 127.0.0.1.
        settings.cookie_suffix = url.port().map(|port| format!("_{port}")).unwrap_or_default();
        settings.issuer = issuer;
        if settings.algorithms.is_empty() {
            return Err(StartError::Algorithms);
        }
        let clients: HashMap<String, Client> =
            self.clients.into_iter().map(|client| (client.id.clone(), client)).collect();
        let book = Book { users: self.users, clients, ..Book::default() };
        Ok(DevProvider::assemble(settings, book)?)
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            listen_anywhere: false,
            issuer: None,
            users: Vec::new(),
            users_files: Vec::new(),
            big_user: false,
            clients: Vec::new(),
            settings: Settings::default(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            base_path: String::new(),
            cookie_suffix: String::new(),
            algorithms: Algorithm::ASYMMETRIC.to_vec(),
            consent: false,
            pkce: Pkce::PublicClients,
            registration: Registration::Open,
            registered_secret_lifetime: None,
            access_tokens: AccessTokens::Jwt { audience: "api".to_owned() },
            scopes: SCOPES.map(str::to_owned).to_vec(),
            acr_values: vec!["pwd".to_owned(), "mfa".to_owned()],
            claims_in_id_token: false,
            rotate_refresh_tokens: true,
            controls: true,
            code_lifetime: 60,
            id_token_lifetime: HOUR,
            access_token_lifetime: HOUR,
            refresh_token_lifetime: 30 * 24 * HOUR,
            session_lifetime: 12 * HOUR,
        }
    }
}

fn issuer_url(issuer: &str) -> Option<Url> {
    let url = Url::parse(issuer).ok()?;
    let web = matches!(url.scheme(), "http" | "https");
    (web && url.query().is_none() && url.fragment().is_none()).then_some(url)
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX / 4)
}

const HOUR: i64 = 3600;
const SCOPES: [&str; 10] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
    "roles",
    "groups",
    "notes:read",
    "notes:write",
];
