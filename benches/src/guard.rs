//! A page that needs a login, against the same page that needs none: what the guard costs a request.
//!
//! In process: a request is built, goes through the router, and its answer's body is read. The session was made by
//! a login at a provider in the same process. With twelve kilobytes of claims its cookie comes in several parts.

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use axum::routing::get;
use countersign::outside::{BoxFuture, Failure, Limits, Transport};
use countersign::protocol;
use countersign_axum::Principal;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

use crate::figure::Figure;
use crate::login::ours::countersign;
use crate::measure::side_by_side;
use crate::provider;

/// Takes `guard/cookie_session` and `guard/cookie_session_12k`.
pub fn take(give: &mut dyn FnMut(Figure) -> Result<()>) -> Result<()> {
    let runtime = Builder::new_current_thread().build()?;
    let twelve: Vec<_> = (0..400).map(|n| format!("urn:example:group:{:08x}", hashed(n))).collect();
    for (name, more) in [
        ("guard/cookie_session", json!({})),
        ("guard/cookie_session_12k", json!({ "groups": twelve })),
    ] {
        let site = Site::new(&more)?;
        let cookies = runtime.block_on(site.log_in())?;
        for path in ["/open", "/guarded"] {
            ensure!(site.page(&runtime, path, &cookies)? == StatusCode::OK, "{path} stays shut");
        }
        ensure!(site.page(&runtime, "/guarded", "")? != StatusCode::OK, "nothing is guarded");
        let (ours, theirs) = side_by_side(
            || site.page(&runtime, "/guarded", &cookies),
            || site.page(&runtime, "/open", &cookies),
        );
        give(Figure::least(name, "µs", &ours, "open page", &theirs))?;
    }
    Ok(())
}

/// A site with an open and a guarded page.
struct Site(Router);

impl Site {
    fn new(more: &Value) -> Result<Self> {
        let provider = InProcess(provider::router(ISSUER, more)?);
        let countersign = countersign(ISSUER, ADDRESS, provider)?;
        Ok(Self(
            Router::new()
                .route("/guarded", get(async |_: Principal| "hello"))
                .layer(countersign.layer())
                .route("/open", get(async || "hello"))
                .merge(countersign.routes()),
        ))
    }

    /// Logs in and returns the `Cookie` header of the session.
    async fn log_in(&self) -> Result<String> {
        let away = self.get("/auth/login", "").await?;
        let url = location(&away)?.parse::<url::Url>()?;
        let of = |wanted: &str| {
            let found = url.query_pairs().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.into_owned()).context("a parameter")
        };
        let code = provider::code(&of("code_challenge")?, &of("nonce")?);
        let mut answer = url::Url::parse(ADDRESS)?;
        answer
            .query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &of("state")?)
            .append_pair("iss", ISSUER);
        let query = answer.query().unwrap_or_default();
        let back = self.get(&format!("/auth/callback?{query}"), &cookies(&away)?).await?;
        ensure!(back.status().is_redirection(), "the login fails with {}", back.status());
        cookies(&back)
    }

    /// The status of a page, its body read.
    fn page(&self, runtime: &Runtime, path: &str, cookies: &str) -> Result<StatusCode> {
        runtime.block_on(async {
            let response = self.get(path, cookies).await?;
            let status = response.status();
            response.into_body().collect().await?;
            Ok(status)
        })
    }

    async fn get(&self, path: &str, cookies: &str) -> Result<Response<Body>> {
        let request = Request::get(path)
            .header(header::HOST, HOST)
            .header("sec-fetch-mode", "navigate")
            .header(header::COOKIE, cookies);
        Ok(self.0.clone().oneshot(request.body(Body::empty())?).await?)
    }
}

/// Reaches a provider in the same process.
struct InProcess(Router);

impl Transport for InProcess {
    fn send(
        &self,
        request: protocol::Request,
        _: Limits,
    ) -> BoxFuture<'_, Result<protocol::Response, Failure>> {
        let router = self.0.clone();
        Box::pin(async move {
            let mut asked = Request::new(Body::from(request.body().clone()));
            *asked.method_mut() = request.method().clone();
            *asked.headers_mut() = request.headers().clone();
            if let Ok(path) = request.url().path().parse() {
                *asked.uri_mut() = path;
            }
            let Ok(answer) = router.oneshot(asked).await;
            let (head, body) = answer.into_parts();
            let body = body.collect().await;
            let body = body.map_err(|_| Failure::Unreachable { why: String::new() })?.to_bytes();
            Ok(protocol::Response { status: head.status, headers: head.headers, body })
        })
    }
}

fn location(response: &Response<Body>) -> Result<&str> {
    Ok(response.headers().get(header::LOCATION).context("a redirect")?.to_str()?)
}

/// What was set, as a browser sends it back.
fn cookies(response: &Response<Body>) -> Result<String> {
    let mut kept = Vec::new();
    for line in response.headers().get_all(header::SET_COOKIE) {
        let pair = line.to_str()?.split(';').next().unwrap_or_default();
        if !pair.ends_with('=') {
            kept.push(pair);
        }
    }
    Ok(kept.join("; "))
}

/// Names that compression can't make short.
fn hashed(n: u32) -> u32 {
    n.wrapping_add(1).wrapping_mul(0x9e37_79b1).rotate_left(13).wrapping_mul(0x85eb_ca6b)
}

const ISSUER: &str = "https://provider.example.test";
const ADDRESS: &str = "https://notes.example.test";
const HOST: &str = "notes.example.test";
