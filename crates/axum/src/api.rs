//! An API as axum sees it: a layer that asks for tokens, and what handlers get.

use std::convert::Infallible;
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequestParts, OptionalFromRequestParts, OriginalUri, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use countersign::Requirement;
use countersign_web::{Admission, WebRequest};
use futures_util::future::Either;
use tower_layer::Layer;
use tower_service::Service;

use crate::rejection::Rejection;
use crate::routes::read_ahead;
use crate::slot::peer_of;

/// An API whose routes ask for access tokens. Cheap to clone.
///
/// ```
/// use axum::{Router, routing::get};
/// use countersign::{Requirement, ResourceServer};
/// use countersign_axum::{Api, Token};
///
/// fn app(server: ResourceServer) -> Router {
///     let api = Api::from(server);
///     Router::new()
///         .route("/notes", get(notes).layer(api.require(Requirement::new().scope("notes:read"))))
///         .route("/me", get(me).layer(api.require(Requirement::new())))
///         .merge(api.routes())
/// }
///
/// async fn notes(token: Token) -> Result<String, countersign_axum::Rejection> {
///     // One more thing, in the middle of the handler.
///     token.require(&Requirement::new().role("editor"))?;
///     Ok(format!("notes of {:?}", token.subject()))
/// }
///
/// async fn me(token: Token) -> String {
///     format!("editor: {}", token.has_role("editor"))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Api(countersign_web::Api);

impl Api {
    /// Wraps an API.
    #[must_use]
    pub const fn new(api: countersign_web::Api) -> Self {
        Self(api)
    }

    /// The API itself.
    #[must_use]
    pub const fn api(&self) -> &countersign_web::Api {
        &self.0
    }

    /// A layer for routes that need a token which meets this.
    ///
    /// CORS preflights (`OPTIONS` with `Origin` and `Access-Control-Request-Method`) pass untouched
    /// and without a token. Anybody can send one, so what a handler does for every method it does for
    /// them as well, unless it takes a [`Token`].
    #[must_use]
    pub fn require(&self, requirement: Requirement) -> ApiLayer {
        ApiLayer { api: self.0.clone(), requirement: Arc::new(requirement), optional: false }
    }

    /// A layer for routes that anybody may use and that know who comes with a token. A token that
    /// is no good is refused all the same.
    #[must_use]
    pub fn optional(&self) -> ApiLayer {
        ApiLayer { api: self.0.clone(), requirement: Arc::default(), optional: true }
    }

    /// The route of the metadata (RFC 9728), if the API has an address; to be merged into the
    /// application's outermost router.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let Some(path) = self.0.metadata_path() else { return Router::new() };
        let api = self.0.clone();
        let metadata = move || async move {
            api.metadata().map_or_else(
                || StatusCode::NOT_FOUND.into_response(),
                |reply| Rejection::from(reply).into_response(),
            )
        };
        Router::new().route(&path, get(metadata))
    }
}

impl From<countersign::ResourceServer> for Api {
    /// An API with nothing else set: no error body of its own, and no address besides that of its
    /// metadata.
    fn from(server: countersign::ResourceServer) -> Self {
        Self(countersign_web::Api::new(server))
    }
}

/// Asks for a token before the route is reached.
#[derive(Clone, Debug)]
pub struct ApiLayer {
    api: countersign_web::Api,
    requirement: Arc<Requirement>,
    optional: bool,
}

impl<S> Layer<S> for ApiLayer {
    type Service = ApiService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ApiService { layer: self.clone(), inner }
    }
}

/// A service with an [`ApiLayer`] around it.
#[derive(Clone, Debug)]
pub struct ApiService<S> {
    layer: ApiLayer,
    inner: S,
}

impl<S> Service<Request> for ApiService<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<S::Future, Waiting>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        // Nearly all requests are settled here, without a future of our own.
        match self.layer.at_once(&request) {
            Some(Admission::Pass(token)) => {
                self.layer.hand_over(&mut request, token);
                Either::Left(self.inner.call(request))
            }
            Some(Admission::Preflight) => {
                self.layer.pass_without(&mut request);
                Either::Left(self.inner.call(request))
            }
            Some(Admission::Anonymous(reply) | Admission::Answer(reply)) => {
                let response = Rejection::from(*reply).into_response();
                Either::Right(Box::pin(std::future::ready(Ok(response))))
            }
            None => {
                // The clone may not be ready; the one that is goes along (as tower asks for).
                let clone = self.inner.clone();
                let inner = std::mem::replace(&mut self.inner, clone);
                let layer = self.layer.clone();
                Either::Right(Box::pin(async move { layer.answer(request, inner).await }))
            }
        }
    }
}

/// An answer that takes its time.
pub type Waiting = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

impl ApiLayer {
    /// `None` when the network, or the body, is needed.
    fn at_once(&self, request: &Request) -> Option<Admission> {
        if let Some(passed) = self.passed_before(request) {
            return Some(self.api.admit_again(passed, &self.requirement));
        }
        let asked = asked(request);
        if self.api.reads_body(&asked) {
            return None;
        }
        let admission = self.api.admit_now(&asked, &self.requirement)?;
        Some(self.unless_anonymous(admission))
    }

    /// The token with which the request passed a layer further out.
    fn passed_before<'r>(&self, request: &'r Request) -> Option<&'r countersign::Token> {
        let passed = request.extensions().get::<Token>()?;
        passed.api.server().is(self.api.server()).then_some(&passed.token)
    }

    /// Where a token is optional, none at all is no reason to refuse.
    fn unless_anonymous(&self, admission: Admission) -> Admission {
        match admission {
            Admission::Anonymous(_) if self.optional => Admission::Preflight,
            other => other,
        }
    }

    async fn answer<S>(&self, request: Request, mut inner: S) -> Result<Response, Infallible>
    where
        S: Service<Request, Response = Response, Error = Infallible>,
    {
        let (mut request, form) = if self.api.reads_body(&asked(&request)) {
            let (parts, body) = request.into_parts();
            let (form, body) = read_ahead(body).await;
            (Request::from_parts(parts, body), form)
        } else {
            (request, Bytes::new())
        };
        let admission = self.api.admit(&asked(&request).body(&form), &self.requirement).await;
        match self.unless_anonymous(admission) {
            Admission::Pass(token) => self.hand_over(&mut request, token),
            Admission::Preflight => self.pass_without(&mut request),
            Admission::Anonymous(reply) | Admission::Answer(reply) => {
                return Ok(Rejection::from(*reply).into_response());
            }
        }
        inner.call(request).await
    }

    fn pass_without(&self, request: &mut Request) {
        request.extensions_mut().insert(WithoutToken(self.api.clone()));
    }

    fn hand_over(&self, request: &mut Request, token: countersign::Token) {
        request.extensions_mut().insert(Token { token, api: self.api.clone() });
    }
}

/// The certificate with which the client authenticated itself to whoever ended TLS, in DER. An
/// acceptor, or a middleware behind a trusted proxy, puts it into the request's extensions.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "written by whoever ended TLS")]
pub struct ClientCertificate(pub Bytes);

/// The token with which a request passed. Within [`Api::optional`] there may be none, which is
/// answered with 401; `Option<Token>` takes it as it is. Without a layer of [`Api`] around the
/// route there never is one: 500, as that is a mistake in the application.
#[derive(Clone, Debug)]
pub struct Token {
    token: countersign::Token,
    api: countersign_web::Api,
}

impl Token {
    /// Asks one more thing of it; the answer to its lack has the right challenge.
    ///
    /// # Errors
    /// The answer, for the handler to return.
    pub fn require(&self, requirement: &Requirement) -> Result<(), Rejection> {
        self.api.require(&self.token, requirement).map_err(|reply| Rejection::from(*reply))
    }

    /// The answer where a person or client with a name is needed.
    pub(crate) fn speaks_for_nobody(&self) -> Rejection {
        let refusal =
            countersign::Refusal::Unmet(countersign::Unmet::Claim { pointer: "/sub".to_owned() });
        Rejection::from(*self.api.answer(&refusal.into(), self.token.scheme()))
    }

    /// The answer where one is needed after all.
    pub(crate) fn is_needed(without: &WithoutToken) -> Rejection {
        let refusal = countersign::Refusal::Missing;
        Rejection::from(*without.0.answer(&refusal.into(), countersign::Scheme::Bearer))
    }

    /// The token by itself.
    #[must_use]
    pub fn into_inner(self) -> countersign::Token {
        self.token
    }
}

impl Deref for Token {
    type Target = countersign::Token;

    fn deref(&self) -> &Self::Target {
        &self.token
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Token {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        match parts.extensions.get::<Self>() {
            Some(token) => Ok(token.clone()),
            None => Err(WithoutToken::of(parts).map_or_else(Rejection::no_layer, Self::is_needed)),
        }
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Token {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

/// Put beside a request that a layer let pass without a token.
#[derive(Clone, Debug)]
pub(crate) struct WithoutToken(countersign_web::Api);

impl WithoutToken {
    pub(crate) fn of(parts: &Parts) -> Option<&Self> {
        parts.extensions.get()
    }
}

fn asked(request: &Request) -> WebRequest<'_> {
    let extensions = request.extensions();
    let uri = extensions.get::<OriginalUri>().map_or(request.uri(), |original| &original.0);
    let certificate = extensions.get::<ClientCertificate>().map(|certificate| &*certificate.0);
    WebRequest::new(request.method(), uri, request.headers())
        .peer(peer_of(extensions))
        .certificate(certificate)
}
