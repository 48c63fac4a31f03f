//! One site: the relying party, where it lives, and how it treats browsers.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use countersign::{LoginOptions, LogoutOptions, RelyingParty, ReturnTo, SessionPolicy, UnixTime};
use countersign_protocol::Code;

use crate::address::PublicAddress;
use crate::call::Call;
use crate::cookie::{self, Prefix};
use crate::ended::{Ended, Mark};
use crate::endpoints;
use crate::error;
use crate::event::{Event, Watch};
use crate::guard::{self, Decision, Visit};
use crate::key_ring::KeyRing;
use crate::opened::Opened;
use crate::reply::{ErrorView, Reply, ShowError};
use crate::request::WebRequest;
use crate::routes::Routes;
use crate::shared::Shared;

/// Everything that a face needs to serve browsers: hand requests in, send replies out.
///
/// Cheap to clone; all clones are one site.
///
/// ```no_run
/// use countersign_web::{Decision, KeyRing, PublicAddress, Site, WebRequest};
///
/// # async fn face(relying_party: countersign::RelyingParty, request: http::Request<()>) -> Result<(), Box<dyn std::error::Error>> {
/// let address = PublicAddress::new("https://notes.example")?;
/// let key_ring = KeyRing::parse(&std::fs::read_to_string("cookie-secrets")?)?;
/// let site = Site::builder(relying_party, address, key_ring).build()?;
///
/// let request = WebRequest::new(request.method(), request.uri(), request.headers());
/// if let Some(reply) = site.endpoint(&request).await {
///     let _answer = reply.into_http();
/// } else {
///     match site.guard(&request).await {
///         Decision::Pass(visit) => println!("{:?}", visit.session().map(|session| session.subject())),
///         Decision::Answer(reply) => drop(reply.into_http()),
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Site(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) relying_party: RelyingParty,
    pub(crate) address: PublicAddress,
    pub(crate) key_ring: KeyRing,
    pub(crate) routes: Routes,
    pub(crate) policy: SessionPolicy,
    pub(crate) login: LoginOptions,
    pub(crate) logout: LogoutOptions,
    pub(crate) after_login: Option<ReturnTo>,
    pub(crate) prefix: Prefix,
    pub(crate) session_cookies: usize,
    pub(crate) preflights_pass: bool,
    pub(crate) show_error: Option<ShowError>,
    pub(crate) watch: Option<Watch>,
    pub(crate) ended: Ended,
    pub(crate) shared: Option<Shared>,
    pub(crate) opened: Opened,
}

impl Site {
    /// Begins with what has no default.
    #[must_use]
    pub fn builder(
        relying_party: RelyingParty,
        address: PublicAddress,
        key_ring: KeyRing,
    ) -> SiteBuilder {
        let inner = Inner {
            relying_party,
            address,
            key_ring,
            routes: Routes::default(),
            policy: SessionPolicy::new(),
            login: LoginOptions::new(),
            logout: LogoutOptions::new(),
            after_login: None,
            prefix: Prefix::default(),
            session_cookies: cookie::MOST,
            preflights_pass: false,
            show_error: None,
            watch: None,
            ended: Ended::default(),
            shared: None,
            opened: Opened::default(),
        };
        SiteBuilder(inner, None)
    }

    /// The relying party behind this site.
    #[must_use]
    pub fn relying_party(&self) -> &RelyingParty {
        &self.0.relying_party
    }

    /// The rules by which sessions live.
    #[must_use]
    pub fn policy(&self) -> &SessionPolicy {
        &self.0.policy
    }

    /// The public address.
    #[must_use]
    pub fn address(&self) -> &PublicAddress {
        &self.0.address
    }

    /// The paths that [`Site::endpoint`] answers: below the public address, and with its own path
    /// in front in case no proxy takes that away.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let inner = self.0.routes.all();
        let bases = self.0.address.all();
        let outer = bases.flat_map(|base| inner.map(|path| base.path(path)));
        let mut paths: Vec<String> = inner.map(str::to_owned).into_iter().chain(outer).collect();
        paths.sort();
        paths.dedup();
        paths
    }

    /// The address that starts a login and comes back to a target.
    #[must_use]
    pub fn login_url(&self, target: &ReturnTo) -> String {
        let url = self.0.address.url(&self.0.routes.login).to_string();
        crate::call::with_query(url, &[(crate::call::RETURN_TO, target.as_str())])
    }

    /// The address that ends the session and comes back to a target.
    #[must_use]
    pub fn logout_url(&self, target: &ReturnTo) -> String {
        let url = self.0.address.url(&self.0.routes.logout).to_string();
        crate::call::with_query(url, &[(crate::call::RETURN_TO, target.as_str())])
    }

    /// Answers a request to one of the site's own paths; `None` for all others.
    pub async fn endpoint(&self, request: &WebRequest<'_>) -> Option<Reply> {
        let call = Call::new(&self.0, *request);
        let (path, routes) = (call.inner_path(), &self.0.routes);
        Some(if path == routes.login {
            endpoints::login::login(&call).await
        } else if path == routes.callback {
            endpoints::callback::callback(&call).await
        } else if path == routes.logout {
            endpoints::logout::logout(&call).await
        } else if path == routes.logged_out {
            endpoints::logged_out::logged_out(&call)
        } else if path == routes.back_channel_logout {
            endpoints::back_channel::back_channel_logout(&call).await
        } else {
            return None;
        })
    }

    /// Starts a login: `GET /auth/login`.
    pub async fn login(&self, request: &WebRequest<'_>) -> Reply {
        endpoints::login::login(&Call::new(&self.0, *request)).await
    }

    /// Completes a login: `GET` or `POST` at the redirect URI.
    pub async fn callback(&self, request: &WebRequest<'_>) -> Reply {
        endpoints::callback::callback(&Call::new(&self.0, *request)).await
    }

    /// Ends the session: `GET` or `POST /auth/logout`.
    pub async fn logout(&self, request: &WebRequest<'_>) -> Reply {
        endpoints::logout::logout(&Call::new(&self.0, *request)).await
    }

    /// Where the provider sends people after a logout: `GET /auth/logged-out`.
    pub async fn logged_out(&self, request: &WebRequest<'_>) -> Reply {
        endpoints::logged_out::logged_out(&Call::new(&self.0, *request))
    }

    /// Ends what the provider says is over: `POST /auth/backchannel-logout`, by the provider.
    pub async fn back_channel_logout(&self, request: &WebRequest<'_>) -> Reply {
        endpoints::back_channel::back_channel_logout(&Call::new(&self.0, *request)).await
    }

    /// Who is here, if anybody. Renews the session when that is due; never asks for a login.
    pub async fn visit(&self, request: &WebRequest<'_>) -> Visit {
        guard::visit(&Call::new(&self.0, *request)).await
    }

    /// Lets a request pass with a session, or says what to answer instead.
    ///
    /// A person's navigation is sent to the provider and comes back to where it was going.
    /// Everything else gets 401 and JSON: `{"error", "message", "login"}`. A CORS preflight has no
    /// cookies and gets 401 as well, unless [`SiteBuilder::let_preflights_pass`] was called.
    pub async fn guard(&self, request: &WebRequest<'_>) -> Decision {
        guard::guard(&Call::new(&self.0, *request)).await
    }

    /// The answer to somebody who is logged in and may not do this all the same: 403 with the code
    /// `session.claims`. The detail goes to the log only.
    #[must_use]
    pub fn forbid(&self, request: &WebRequest<'_>, detail: &str) -> Reply {
        guard::forbid(&Call::new(&self.0, *request), detail)
    }
}

impl Inner {
    /// Tells whoever watches.
    pub(crate) fn tell(&self, event: Event) {
        if let Some(watch) = &self.watch {
            watch(event);
        }
    }

    /// Ends sessions, here and in whatever process shares its folder.
    pub(crate) fn end(&self, mark: Mark, now: UnixTime) {
        self.ended.add(mark, now);
        if let Some(shared) = &self.shared {
            shared.tell(mark, now);
        }
    }

    /// What has ended up to now.
    pub(crate) fn ended(&self, now: UnixTime) -> &Ended {
        if let Some(shared) = &self.shared {
            shared.catch_up(now, |mark| self.ended.add(mark, now));
        }
        &self.ended
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site")
            .field("address", &self.0.address)
            .field("routes", &self.0.routes)
            .field("key_ring", &self.0.key_ring)
            .finish_non_exhaustive()
    }
}

/// Settings of a [`Site`], each with a default.
pub struct SiteBuilder(Inner, Option<PathBuf>);

impl SiteBuilder {
    /// The paths of the endpoints.
    #[must_use]
    pub fn routes(mut self, routes: Routes) -> Self {
        self.0.routes = routes;
        self
    }

    /// How long sessions live and when they are renewed.
    #[must_use]
    pub fn policy(mut self, policy: SessionPolicy) -> Self {
        self.0.policy = policy;
        self
    }

    /// What every login asks for (`prompt`, `claims`, further parameters). A request's own
    /// `prompt`, `max_age` and so on come on top.
    #[must_use]
    pub fn login(mut self, options: LoginOptions) -> Self {
        self.0.login = options;
        self
    }

    /// What every logout at the provider sends along.
    #[must_use]
    pub fn logout(mut self, options: LogoutOptions) -> Self {
        self.0.logout = options;
        self
    }

    /// Where a login leads that nobody gave a target; the start page by default.
    #[must_use]
    pub fn after_login(mut self, target: ReturnTo) -> Self {
        self.0.after_login = Some(target);
        self
    }

    /// The first part of the cookie names; `countersign` by default.
    #[must_use]
    pub fn cookie_prefix(mut self, prefix: Prefix) -> Self {
        self.0.prefix = prefix;
        self
    }

    /// How many cookies of 3,800 bytes a session may take: 1 to 8, 8 by default. Servers and
    /// proxies in front limit headers too, many of them to 8 or 16 kB.
    #[must_use]
    pub fn session_cookies(mut self, most: usize) -> Self {
        self.0.session_cookies = most.clamp(1, cookie::MOST);
        self
    }

    /// Lets CORS preflights through the guard without a session, for applications that answer
    /// them behind it.
    #[must_use]
    pub fn let_preflights_pass(mut self) -> Self {
        self.0.preflights_pass = true;
        self
    }

    /// The application's own error page; `None` leaves an error to ours.
    #[must_use]
    pub fn error_view(
        mut self,
        show: impl Fn(&ErrorView<'_>) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        self.0.show_error = Some(Arc::new(show));
        self
    }

    /// A folder in which the processes of one machine tell each other of sessions that have ended,
    /// by a logout or by the provider. Without it each process knows only of those that ended in it. It
    /// belongs to one application, all of whose processes have the same settings and may write there.
    #[must_use]
    pub fn shared_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.1 = Some(folder.into());
        self
    }

    /// Tells the application what happens, for its counters and audit log. It is called while the
    /// request waits.
    #[must_use]
    pub fn watch(mut self, watch: impl Fn(Event) + Send + Sync + 'static) -> Self {
        self.0.watch = Some(Arc::new(watch));
        self
    }

    /// The site.
    ///
    /// # Errors
    /// [`SiteError`] when the redirect URI does not lie at the public address, or routes collide.
    pub fn build(mut self) -> Result<Site, SiteError> {
        let redirect_uri = self.0.relying_party.redirect_uri();
        let base = self.0.address.first();
        let own = redirect_uri.origin().ascii_serialization() == base.origin();
        let path = redirect_uri.path();
        if !own || base.path(base.inner(path)) != path || redirect_uri.query().is_some() {
            return Err(SiteError::RedirectUri {
                expected: base.url(&self.0.routes.callback).to_string(),
                got: redirect_uri.to_string(),
            });
        }
        self.0.routes.callback = base.inner(path).to_owned();
        if let Some(path) = self.0.routes.unusable() {
            return Err(SiteError::Route { path: path.to_owned() });
        }
        if let Some(folder) = self.1 {
            let lifetime = self.0.policy.end_of(UnixTime::from_secs(0));
            let now = self.0.relying_party.now();
            let opened = Shared::open(&folder, lifetime.as_secs(), now);
            let wrong = |why| SiteError::SharedFolder { folder: folder.clone(), why };
            self.0.shared = Some(opened.map_err(|why| wrong(why.to_string()))?);
        }
        Ok(Site(Arc::new(self.0)))
    }
}

impl fmt::Debug for SiteBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SiteBuilder").field("routes", &self.0.routes).finish_non_exhaustive()
    }
}

/// Why settings make no site.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// The provider would send people to another site.
    #[error(
        "setup.redirect_uri: the redirect URI must lie at the public address, for example {expected}; got {got}"
    )]
    RedirectUri {
        /// One that would do.
        expected: String,
        /// What is set.
        got: String,
    },
    /// Not a path, or the path of two endpoints.
    #[error("setup.routes: {path:?} is no path or is used for two endpoints")]
    Route {
        /// The path.
        path: String,
    },
    /// Nothing can be kept in the folder.
    #[error("setup.shared_folder: nothing can be kept in {}: {why}", .folder.display())]
    SharedFolder {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        why: String,
    },
}

impl SiteError {
    /// Its entry in the table of codes.
    #[must_use]
    pub const fn entry(&self) -> &'static Code {
        match self {
            Self::RedirectUri { .. } => &countersign_protocol::error::SETUP_REDIRECT_URI,
            Self::Route { .. } => &error::SETUP_ROUTES,
            Self::SharedFolder { .. } => &error::SETUP_SHARED_FOLDER,
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.entry().code
    }
}
