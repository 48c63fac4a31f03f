//! A route that asks for a token with a scope and a role, against the same route open: what the guard costs a
//! request.
//!
//! In process, a request is built, goes through the router, and its answer's body is read. Over loopback, all CPU
//! time of the server's process counts, the kernel's part included; both routes get the same requests.

mod peer;

use std::env;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::routing::get;
use countersign::{Requirement, ResourceServer};
use countersign_axum::Api;
use countersign_axum::web;
use countersign_jose::Algorithm;
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::child::Child;
use crate::figure::Figure;
use crate::measure::{Samples, side_by_side};
use crate::tokens::{ROLE, SCOPE, Signer, forged};

/// Takes `route/{seen,new_rs256,new_es256,bad_signature}`, those but the first also with `/peer`, and
/// `route/loopback`.
pub fn take(give: &mut dyn FnMut(Figure) -> Result<()>) -> Result<()> {
    let runtime = Builder::new_current_thread().build()?;
    let (rs256, es256) = (Signer::new(Algorithm::Rs256)?, Signer::new(Algorithm::Es256)?);

    let seen = bearer(&rs256.token(0)?)?;
    let site = Site::new(&runtime, ours(rs256.api(LARGE_CACHE)?))?;
    site.expect(&seen, StatusCode::OK)?;
    let (guarded, open) = side_by_side(|| site.get(GUARDED, &seen), || site.get(OPEN, &seen));
    give(Figure::least("route/seen", "ns", &guarded, OPEN_IS, &open))?;

    for (name, signer) in [("route/new_rs256", &rs256), ("route/new_es256", &es256)] {
        let tokens = signer.tokens(NEW)?;
        let tokens: Vec<_> = tokens.iter().map(|token| bearer(token)).collect::<Result<_>>()?;
        against_both(name, &runtime, signer, &tokens, StatusCode::OK, give)?;
    }
    let bad = [bearer(&forged(&rs256.token(0)?))?];
    against_both("route/bad_signature", &runtime, &rs256, &bad, StatusCode::UNAUTHORIZED, give)?;

    let runtime = Builder::new_current_thread().enable_all().build()?;
    give(runtime.block_on(loopback())?)
}

/// An API of ours, with a guarded and an open route.
fn ours(server: ResourceServer) -> Router {
    let api = Api::new(web::Api::new(server));
    let guard = api.require(Requirement::new().scope(SCOPE).role(ROLE));
    Router::new().route(GUARDED, get(hello).layer(guard)).route(OPEN, get(hello))
}

async fn hello() -> &'static str {
    "hello"
}

/// The guarded route against the open one, and against the peer's.
fn against_both(
    name: &str,
    runtime: &Runtime,
    signer: &Signer,
    tokens: &[HeaderValue],
    status: StatusCode,
    give: &mut dyn FnMut(Figure) -> Result<()>,
) -> Result<()> {
    let site = Site::new(runtime, ours(signer.api(SMALL_CACHE)?))?;
    let peer = Site::new(runtime, peer::router(signer)?)?;
    for token in tokens {
        site.expect(token, status)?;
        peer.expect(token, status)?;
    }
    let mut ours = tokens.iter().cycle();
    let mut open = tokens.iter().cycle();
    let mut theirs = tokens.iter().cycle();
    let (guarded, open) = side_by_side(
        || ours.next().map(|token| site.get(GUARDED, token)),
        || open.next().map(|token| site.get(OPEN, token)),
    );
    give(Figure::least(name, "ns", &guarded, OPEN_IS, &open))?;
    let (guarded, theirs) = side_by_side(
        || ours.next().map(|token| site.get(GUARDED, token)),
        || theirs.next().map(|token| peer.get(GUARDED, token)),
    );
    give(Figure::least(format!("{name}/peer"), "ns", &guarded, "jsonwebtoken 11", &theirs))
}

struct Site<'r> {
    runtime: &'r Runtime,
    router: Router,
}

impl<'r> Site<'r> {
    fn new(runtime: &'r Runtime, router: Router) -> Result<Self> {
        let site = Self { runtime, router };
        let none = HeaderValue::from_static("");
        ensure!(site.get(OPEN, &none)? == StatusCode::OK, "the open route is closed");
        ensure!(site.get(GUARDED, &none)? == StatusCode::UNAUTHORIZED, "nothing is guarded");
        Ok(site)
    }

    /// What is measured has to be what it is called.
    fn expect(&self, authorization: &HeaderValue, status: StatusCode) -> Result<()> {
        let got = self.get(GUARDED, authorization)?;
        ensure!(got == status, "{got} instead of {status}");
        Ok(())
    }

    /// The status, once the body is read.
    fn get(&self, path: &str, authorization: &HeaderValue) -> Result<StatusCode> {
        self.runtime.block_on(async {
            let request = Request::get(path)
                .header(header::HOST, HOST)
                .header(header::AUTHORIZATION, authorization.clone());
            let response = self.router.clone().oneshot(request.body(Body::empty())?).await?;
            let status = response.status();
            response.into_body().collect().await?;
            Ok(status)
        })
    }
}

/// The server of `route/loopback` and `memory/cached_token`, which also gives out tokens.
pub fn server() -> Result<Router> {
    let signer = Signer::new(Algorithm::Rs256)?;
    let tokens = signer.tokens(LIVE)?.join("\n");
    let api = signer.api(LARGE_CACHE)?;
    let router = ours(api.clone()).route("/tokens", get(async move || tokens));
    Ok(router.merge(crate::memory::routes(signer, api)))
}

/// Starts it.
pub fn start() -> Result<Child> {
    Child::start(Command::new(env::current_exe()?).args(["--serve", "api"]))
}

async fn loopback() -> Result<Figure> {
    let child = start()?;
    let caller = Caller::new(&child.address).await?;
    for path in [GUARDED, OPEN] {
        caller.call(path, WARM_UP).await?;
    }
    let (mut guarded, mut open) = (Samples::default(), Samples::default());
    for _ in 0..ROUNDS {
        for (path, costs) in [(GUARDED, &mut guarded), (OPEN, &mut open)] {
            let before = child.cpu()?;
            caller.call(path, CALLS).await?;
            costs.add((child.cpu()? - before) / f64::from(CALLS));
        }
    }
    Ok(Figure::least("route/loopback", "µs", &guarded, OPEN_IS, &open))
}

/// Clients with tokens that the server has seen before.
struct Caller {
    client: Client<HttpConnector, Body>,
    address: String,
    tokens: Vec<HeaderValue>,
}

impl Caller {
    async fn new(address: &str) -> Result<Self> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let all = client.get(format!("{address}/tokens").parse()?).await?;
        let all = all.into_body().collect().await?.to_bytes();
        let tokens = std::str::from_utf8(&all)?.lines().map(bearer).collect::<Result<_>>()?;
        Ok(Self { client, address: address.to_owned(), tokens })
    }

    /// So many requests, some at a time.
    async fn call(&self, path: &str, calls: u32) -> Result<()> {
        let mut all = JoinSet::new();
        for at in 0..AT_A_TIME {
            let (client, url) = (self.client.clone(), format!("{}{path}", self.address));
            let tokens: Vec<_> = self.tokens.iter().skip(at as usize).cloned().collect();
            all.spawn(async move {
                for token in tokens.iter().cycle().take((calls / AT_A_TIME) as usize) {
                    let request = Request::get(&url).header(header::AUTHORIZATION, token);
                    let response = client.request(request.body(Body::empty())?).await?;
                    ensure!(response.status() == StatusCode::OK, "{} at {url}", response.status());
                    response.into_body().collect().await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(done) = all.join_next().await {
            done??;
        }
        Ok(())
    }
}

fn bearer(token: &str) -> Result<HeaderValue> {
    format!("Bearer {token}").parse().context("a header")
}

pub const GUARDED: &str = "/guarded";
pub const OPEN: &str = "/open";
const OPEN_IS: &str = "open route";
const HOST: &str = "orders.example.test";
/// Several times more than the small cache holds.
const NEW: usize = 2_048;
const SMALL_CACHE: usize = 512 * 1024;
const LARGE_CACHE: usize = 256 * 1024 * 1024;
const LIVE: usize = 100;
const AT_A_TIME: u32 = 8;
const WARM_UP: u32 = 4_000;
const CALLS: u32 = 400;
const ROUNDS: u32 = 200;
