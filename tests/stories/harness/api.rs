//! An API: the axum face on a port of its own, for tokens of the world's provider or of one that is
//! played.

use std::net::SocketAddr;
use std::sync::Mutex;

use axum::Router;
use axum::extract::RawForm;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use countersign::outside::Outside;
use countersign::{
    Dpop, Issuer, ProtectedResource, Provider, Requirement, ResourceServer, ResourceServerBuilder,
    TrustedIssuer,
};
use countersign_axum::{Api as Face, Rejection, Token};
use countersign_web::Api as Rules;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::Url;

use super::browser::{Answer, Step};
use super::log;
use super::secrets::{Kind, Secrets};
use super::story::Problems;
use super::wire;
use super::world::World;

/// What tokens for it are for.
pub(crate) const AUDIENCE: &str = "api";

pub(crate) struct Api {
    pub(crate) base: Url,
    pub(crate) server: ResourceServer,
    address: SocketAddr,
    secrets: Secrets,
    answers: Mutex<Vec<Answer>>,
    log_start: usize,
    _serving: JoinSet<()>,
}

/// How an API is set up.
pub(crate) struct Setup {
    issuers: Vec<TrustedIssuer>,
    builder: Box<dyn FnOnce(ResourceServerBuilder) -> ResourceServerBuilder + Send>,
    rules: Box<dyn FnOnce(Rules) -> Rules + Send>,
}

impl Setup {
    /// Accepts these issuers.
    pub(crate) fn of(issuers: impl IntoIterator<Item = TrustedIssuer>) -> Self {
        let issuers = issuers.into_iter().collect();
        Self { issuers, builder: Box::new(|builder| builder), rules: Box::new(|rules| rules) }
    }

    /// Accepts the world's provider.
    pub(crate) fn new(world: &World) -> Self {
        Self::of([TrustedIssuer::new(provider(world))])
    }

    pub(crate) fn builder(
        self,
        builder: impl FnOnce(ResourceServerBuilder) -> ResourceServerBuilder + Send + 'static,
    ) -> Self {
        Self { builder: Box::new(builder), ..self }
    }

    pub(crate) fn rules(self, rules: impl FnOnce(Rules) -> Rules + Send + 'static) -> Self {
        Self { rules: Box::new(rules), ..self }
    }
}

/// The world's provider, as an API knows it.
pub(crate) fn provider(world: &World) -> Provider {
    Provider::discover(Issuer::parse(world.provider.issuer()).unwrap())
}

impl Api {
    /// One that accepts the world's provider.
    pub(crate) async fn start(world: &World) -> Self {
        Self::with(world, Setup::new(world)).await
    }

    pub(crate) async fn with(world: &World, setup: Setup) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let base = Url::parse(&format!("http://{address}/")).unwrap();
        let outside = Outside::new(world.tap.clone()).clock(world.clock.clone());
        let resource = ProtectedResource::new(base.join("/api").unwrap().as_str()).unwrap();
        let builder = ResourceServer::builder([AUDIENCE])
            .resource(resource.scopes(["notes:read"]))
            .dpop(Dpop::new());
        let builder = setup.issuers.into_iter().fold(builder, ResourceServerBuilder::issuer);
        let server = (setup.builder)(builder).build(outside).unwrap();
        let face = Face::new((setup.rules)(Rules::new(server.clone())));
        let router = router(&face);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, service).await.unwrap();
        });
        let (secrets, answers, log_start) =
            (world.secrets.clone(), Mutex::default(), log::length());
        Self { base, server, address, secrets, answers, log_start, _serving: serving }
    }

    /// Where its metadata stand.
    pub(crate) fn metadata_address(&self) -> String {
        format!("{}.well-known/oauth-protected-resource/api", self.base)
    }

    /// Sends the request and reads the answer.
    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        let (answer, request) = self.prepared(ask);
        let response = wire::send(self.address, request).await;
        self.keep(answer, response)
    }

    /// The same, for what a server may cut off.
    pub(crate) async fn try_ask(&self, ask: Ask) -> Option<Answer> {
        let (step, request) = self.prepared(ask);
        let response = wire::try_send(self.address, request).await?;
        Some(self.keep(step, response))
    }

    /// Asks with this token.
    pub(crate) async fn bearer(&self, path: &str, token: &str) -> Answer {
        self.ask(Ask::get(path).bearer(token)).await
    }

    /// The address of the listener, for those who write to the wire themselves.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// After whatever happened: a good token passes, and nothing has leaked.
    pub(crate) async fn aftermath(&self, problems: &mut Problems, good: &str) {
        let answer = self.bearer("/api/me", good).await;
        let passed = answer.status == 200;
        problems.expect(passed, format!("the good token: {} {}", answer.name(), answer.body));
        self.leaks_nothing(problems);
    }

    pub(crate) fn leaks_nothing(&self, problems: &mut Problems) {
        let answers = self.answers.lock().unwrap().clone();
        for leak in self.secrets.leaks(&answers, &log::since(self.log_start)) {
            problems.expect(false, leak);
        }
        for answer in answers.iter().filter(|answer| answer.status == 500) {
            problems.expect(false, format!("500: {} {}", answer.name(), answer.body));
        }
    }

    fn prepared(&self, ask: Ask) -> (Step, Request<Bytes>) {
        let Ask { mut request, token } = ask;
        if let Some(token) = token {
            self.secrets.learn(Kind::AccessToken, &token);
        }
        let host = HeaderValue::from_str(&self.address.to_string()).unwrap();
        request.headers_mut().insert(header::HOST, host);
        let mut step = Step::get(self.base.join(&request.uri().to_string()).unwrap());
        step.method = request.method().clone();
        (step, request)
    }

    fn keep(&self, step: Step, response: http::Response<Bytes>) -> Answer {
        let (head, body) = response.into_parts();
        let body = String::from_utf8_lossy(&body).into_owned();
        let answer = Answer { status: head.status, headers: head.headers, body, step };
        self.answers.lock().unwrap().push(answer.clone());
        answer
    }
}

/// A request to the API.
pub(crate) struct Ask {
    request: Request<Bytes>,
    /// What it tells to nobody else.
    token: Option<String>,
}

impl Ask {
    pub(crate) fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn new(method: Method, path: &str) -> Self {
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap();
        Self { request, token: None }
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.authorization(&format!("Bearer {token}")).secret(token)
    }

    /// A line of this header, besides those that are there.
    pub(crate) fn authorization(self, value: &str) -> Self {
        self.header("authorization", value.as_bytes())
    }

    pub(crate) fn header(mut self, name: &'static str, value: &[u8]) -> Self {
        let name = HeaderName::from_static(name);
        self.request.headers_mut().append(name, HeaderValue::from_bytes(value).unwrap());
        self
    }

    pub(crate) fn form(mut self, body: &str) -> Self {
        *self.request.body_mut() = Bytes::from(body.to_owned());
        self.header("content-type", b"application/x-www-form-urlencoded")
    }

    /// This must be seen nowhere.
    pub(crate) fn secret(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }
}

/// Our own code in a body of the API.
pub(crate) fn code(answer: &Answer) -> String {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    // An answer for want of a provider has it as `error`.
    let code = body["code"].as_str().or(body["error"].as_str());
    code.unwrap_or_default().to_owned()
}

/// The lines of `WWW-Authenticate`.
pub(crate) fn challenges(answer: &Answer) -> Vec<String> {
    let lines = answer.headers.get_all(header::WWW_AUTHENTICATE).iter();
    lines.map(|line| line.to_str().unwrap().to_owned()).collect()
}

fn router(api: &Face) -> Router {
    let any = || api.require(Requirement::new());
    let strong = Requirement::new().acr_values(["mfa", "phr"]).max_age(300);
    let tenant = Requirement::new().claim("/tenant", "blue");
    let team =
        Requirement::new().any_scope(["notes:read", "notes:write"]).any_role(["editor", "admin"]);
    Router::new()
        .route("/api/me", get(me).layer(any()))
        .route(
            "/api/notes",
            get(me).options(preflight).layer(api.require(Requirement::new().scope("notes:read"))),
        )
        .route("/api/editor", get(me).layer(api.require(Requirement::new().role("editor"))))
        .route("/api/strong", get(me).layer(api.require(strong)))
        .route("/api/tenant", get(me).layer(api.require(tenant)))
        .route("/api/team", get(me).layer(api.require(team)))
        .route("/api/inside", get(inside).layer(any()))
        .route("/api/form", post(form).layer(any()))
        .route("/api/open", get(open).layer(api.optional()))
        .merge(api.routes())
}

async fn me(token: Token) -> Json<Value> {
    Json(json!(token.claims()))
}

async fn preflight() -> Response {
    let headers = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "https://spa.example")];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// The question in the middle of a handler.
async fn inside(token: Token) -> Result<String, Rejection> {
    token.require(&Requirement::new().role("editor").scope("notes:write"))?;
    Ok("written".to_owned())
}

/// The body is still there for the handler.
async fn form(token: Token, RawForm(form): RawForm) -> Json<Value> {
    Json(json!({ "sub": token.subject(), "bytes": form.len() }))
}

async fn open(token: Option<Token>) -> String {
    let subject = token.as_ref().and_then(|token| token.subject());
    subject.unwrap_or("nobody").to_owned()
}
