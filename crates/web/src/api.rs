//! An API: requests with access tokens in, the token or an answer out.

use std::fmt;
use std::sync::Arc;

use countersign::{
    CheckError, Outcome, Presented, ProtectedResource, Refusal, Requirement, ResourceServer,
    Scheme, Token,
};
use countersign_protocol::{Code, Fault};
use http::{HeaderName, Method, StatusCode, header};
use serde_json::{Value, json};
use url::Url;

use crate::address::PublicAddress;
use crate::error::Problem;
use crate::reply::{self, Reply};
use crate::request::WebRequest;

/// Everything that a face needs to serve an API: hand requests in, send replies out.
///
/// Cheap to clone; all clones are one API.
///
/// ```no_run
/// use countersign::{Requirement, ResourceServer};
/// use countersign_web::{Admission, Api, WebRequest};
///
/// # async fn face(server: ResourceServer, request: http::Request<()>) {
/// let api = Api::new(server);
/// let request = WebRequest::new(request.method(), request.uri(), request.headers());
/// match api.admit(&request, &Requirement::new().scope("notes:read")).await {
///     Admission::Pass(token) => println!("{:?}", token.subject()),
///     Admission::Preflight => println!("the application's own CORS answers this"),
///     Admission::Anonymous(reply) | Admission::Answer(reply) => drop(reply.into_http()),
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Api(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    server: ResourceServer,
    address: Option<PublicAddress>,
    show: Option<ShowRefusal>,
}

/// An application's own error body; `None` leaves it to ours.
type ShowRefusal = Arc<dyn Fn(&RefusalView<'_>) -> Option<Reply> + Send + Sync>;

/// What becomes of a request.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "every face handles all of them")]
pub enum Admission {
    /// It may pass.
    Pass(Token),
    /// A CORS preflight, which carries no token by definition: it goes on untouched.
    Preflight,
    /// No token came, and nothing that looks like one: this is what is answered where one is
    /// needed.
    Anonymous(Box<Reply>),
    /// It may not pass: this is what is answered.
    Answer(Box<Reply>),
}

impl Api {
    /// Serves what this resource server lets pass.
    #[must_use]
    pub fn new(server: ResourceServer) -> Self {
        Self(Arc::new(Inner { server, address: None, show: None }))
    }

    /// The address under which clients reach the API: what DPoP proofs are for. Without it, the
    /// address of its protected-resource metadata is taken.
    #[must_use]
    pub fn address(self, address: PublicAddress) -> Self {
        self.with(|inner| inner.address = Some(address))
    }

    /// The application's own body for refusals. Status and challenge stay.
    #[must_use]
    pub fn show_refusal(
        self,
        show: impl Fn(&RefusalView<'_>) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        self.with(|inner| inner.show = Some(Arc::new(show)))
    }

    /// The resource server behind this API.
    #[must_use]
    pub fn server(&self) -> &ResourceServer {
        &self.0.server
    }

    /// What can be said of a request without waiting; `None` when somebody has to be asked.
    #[must_use]
    pub fn admit_now(
        &self,
        request: &WebRequest<'_>,
        requirement: &Requirement,
    ) -> Option<Admission> {
        if request.is_preflight() {
            return Some(Admission::Preflight);
        }
        let (mut kept, mut url) = (None, None);
        let presented = match self.presented(request, &mut kept, &mut url) {
            Ok(presented) => presented,
            Err(refusal) => return Some(self.refused(&refusal)),
        };
        let used = presented.credentials().scheme();
        match self.0.server.check_now(&presented, requirement) {
            Outcome::Settled(settled) => Some(self.admission(settled, used)),
            Outcome::NeedsNetwork => None,
        }
    }

    /// The same, and asks the provider if that is needed.
    pub async fn admit(&self, request: &WebRequest<'_>, requirement: &Requirement) -> Admission {
        if request.is_preflight() {
            return Admission::Preflight;
        }
        let (mut kept, mut url) = (None, None);
        match self.presented(request, &mut kept, &mut url) {
            Ok(presented) => {
                let checked = self.0.server.check(&presented, requirement).await;
                self.admission(checked, presented.credentials().scheme())
            }
            Err(refusal) => self.refused(&refusal),
        }
    }

    /// What becomes of a request whose token has passed at this resource server already, such as at
    /// a layer further out: only what is asked beyond that is asked. A DPoP proof, which is good for
    /// one look, is not looked at again.
    #[must_use]
    pub fn admit_again(&self, token: &Token, requirement: &Requirement) -> Admission {
        match self.require(token, requirement) {
            Ok(()) => Admission::Pass(token.clone()),
            Err(reply) => Admission::Answer(reply),
        }
    }

    /// Whether a token may stand in the body of this request, so that the face has to read it: up
    /// to [`BODY_LIMIT`](crate::BODY_LIMIT) bytes of a form. Only within
    /// [`danger::token_in_form`](countersign::danger::token_in_form).
    #[must_use]
    pub fn reads_body(&self, request: &WebRequest<'_>) -> bool {
        self.0.server.places().form && is_form(request)
    }

    /// Asks one more thing of a token that passed, in the middle of a handler.
    ///
    /// # Errors
    /// The answer for a token that lacks it.
    pub fn require(&self, token: &Token, requirement: &Requirement) -> Result<(), Box<Reply>> {
        self.0
            .server
            .require(token, requirement)
            .map_err(|error| self.answer(&error, token.scheme()))
    }

    /// The path of this API's metadata (RFC 9728 section 3.1), if it has an address.
    #[must_use]
    pub fn metadata_path(&self) -> Option<String> {
        Some(self.0.server.resource()?.metadata_url().path().to_owned())
    }

    /// This API's metadata, for anybody.
    #[must_use]
    pub fn metadata(&self) -> Option<Reply> {
        let document = self.0.server.metadata()?;
        let reply = Reply::json(StatusCode::OK, &Value::Object(document));
        let reply = reply.header(header::CACHE_CONTROL, "public, max-age=3600");
        let mut reply = reply.header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        reply.headers.remove(header::VARY);
        Some(reply)
    }

    /// The answer for a request that may not pass, under the scheme that it used.
    #[must_use]
    pub fn answer(&self, error: &CheckError, used: Scheme) -> Box<Reply> {
        match error {
            CheckError::Refused(refusal) => self.refusal(refusal, used),
            CheckError::Unavailable(error) => {
                let problem = Problem::from(error.clone());
                Box::new(for_programs(reply::tell_program(&problem)))
            }
            other => {
                let problem = Problem::new(&countersign_protocol::error::BUG).detail(other);
                Box::new(for_programs(reply::tell_program(&problem)))
            }
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    fn presented<'a>(
        &self,
        request: &WebRequest<'a>,
        kept: &'a mut Option<String>,
        url: &'a mut Option<Url>,
    ) -> Result<Presented<'a>, Refusal> {
        let places = self.0.server.places();
        let query = request.uri().query().filter(|query| query.contains(PARAMETER));
        let form = Some(request.form()).filter(|form| !form.is_empty() && is_form(request));
        let form = form.and_then(|form| std::str::from_utf8(form).ok());
        let mut presented = match (query, form) {
            (None, None) => Presented::from_headers(request.headers())?,
            (query, form) => Presented::find(places, request.headers(), query, form, kept)?,
        };
        if presented.credentials().scheme() != Scheme::Bearer {
            *url = self.address_of(request);
            if let Some(url) = url.as_ref() {
                presented = presented.request(request.method(), url);
            }
        }
        Ok(match request.client_certificate() {
            Some(der) => presented.certificate(der),
            None => presented,
        })
    }

    /// The address of a request as its sender wrote it.
    fn address_of(&self, request: &WebRequest<'_>) -> Option<Url> {
        if let Some(address) = &self.0.address {
            let base = address.seen(request.headers(), request.uri(), request.from()).base;
            return Some(base.url(base.inner(request.path())));
        }
        let mut url = self.0.server.resource().map(ProtectedResource::url)?.clone();
        url.set_path(request.path());
        Some(url)
    }

    fn admission(&self, settled: Result<Token, CheckError>, used: Scheme) -> Admission {
        match settled {
            Ok(token) => Admission::Pass(token),
            Err(error) => Admission::Answer(self.answer(&error, used)),
        }
    }

    fn refused(&self, refusal: &Refusal) -> Admission {
        let reply = self.refusal(refusal, Scheme::Bearer);
        match refusal {
            Refusal::Missing => Admission::Anonymous(reply),
            _ => Admission::Answer(reply),
        }
    }

    fn refusal(&self, refusal: &Refusal, used: Scheme) -> Box<Reply> {
        if refusal.entry().fault == Fault::Network {
            // Nobody is at fault, and nothing is known of the token: it may be tried again.
            let problem = Problem::new(refusal.entry()).detail(refusal);
            return Box::new(for_programs(reply::tell_program(&problem)));
        }
        let challenge = self.0.server.challenge(refusal, used);
        tracing::info!(code = refusal.code(), detail = %refusal, "refused");
        let view = RefusalView {
            entry: challenge.entry,
            error: challenge.error,
            status: challenge.status,
        };
        let own = self.0.show.as_ref().and_then(|show| show(&view));
        let mut reply = for_programs(own.unwrap_or_else(|| view.body()));
        reply.status = challenge.status;
        reply.headers.remove(header::WWW_AUTHENTICATE);
        for value in challenge.authenticate {
            reply.headers.append(header::WWW_AUTHENTICATE, value);
        }
        match self.0.server.dpop_nonce(refusal) {
            Ok(Some(nonce)) => reply = reply.header(DPOP_NONCE, &nonce),
            Ok(None) => {}
            Err(error) => return self.answer(&CheckError::Unavailable(error), used),
        }
        Box::new(reply)
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("server", &self.0.server).finish_non_exhaustive()
    }
}

/// What an application's own error body gets to show. Nothing in it is a secret.
#[derive(Debug)]
pub struct RefusalView<'a> {
    entry: &'a Code,
    error: Option<&'static str>,
    status: StatusCode,
}

impl RefusalView<'_> {
    /// The registered error code (RFC 6750 section 3.1); none when no token came.
    #[must_use]
    pub const fn error(&self) -> Option<&'static str> {
        self.error
    }

    /// The stable code, such as `access_token.expired`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.entry.code
    }

    /// What the code means, in words for everybody.
    #[must_use]
    pub const fn meaning(&self) -> &'static str {
        self.entry.meaning
    }

    /// The status that the answer has.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    fn body(&self) -> Reply {
        let body = json!({
            "error": self.error.unwrap_or(self.code()),
            "error_description": self.meaning(),
            "code": self.code(),
        });
        Reply::json(self.status, &body)
    }
}

/// Answers of an API depend on the token, not on cookies.
fn for_programs(reply: Reply) -> Reply {
    reply.header(header::VARY, "Authorization")
}

/// RFC 6750 section 2.2: a form, in a method whose body means something.
fn is_form(request: &WebRequest<'_>) -> bool {
    request.says_form() && [Method::POST, Method::PUT, Method::PATCH].contains(request.method())
}

const PARAMETER: &str = "access_token";
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
