//! An API that takes tokens of peers: engine and transport as an application has them, no framework.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countersign::outside::{BoxFuture, Clock, Failure, Limits, Outside, SystemClock, Transport};
use countersign::protocol::{Request, Response};
use countersign::{
    CheckError, Issuer, Presented, Provider, Requirement, ResourceServer, ResourceServerBuilder,
    Token, TrustedIssuer, UnixTime,
};
use countersign_transport::HyperTransport;
use http::{HeaderMap, HeaderValue, Method, header};
use tokio::runtime::{Builder, Runtime};

/// An API, the runtime that drives it, and its clock, which a test can set forward.
pub(crate) struct Api {
    pub(crate) server: ResourceServer,
    pub(crate) outside: Outside,
    runtime: Runtime,
    ahead: Ahead,
}

impl Api {
    /// Takes the tokens of this discovered provider that are for [`AUDIENCE`].
    pub(crate) fn of(issuer: &str) -> Self {
        Self::with(ResourceServer::builder([AUDIENCE]).issuer(trusted(issuer)))
    }

    pub(crate) fn with(builder: ResourceServerBuilder) -> Self {
        Self::through(HyperTransport::new().unwrap(), builder)
    }

    /// One that has all it needs.
    pub(crate) fn without_network(builder: ResourceServerBuilder) -> Self {
        Self::through(NoNetwork, builder)
    }

    fn through(transport: impl Transport + 'static, builder: ResourceServerBuilder) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let ahead = Ahead::default();
        let outside = Outside::new(transport).clock(ahead.clone());
        let server = builder.build(outside.clone()).unwrap();
        Self { server, outside, runtime, ahead }
    }

    /// Runs a question to its end.
    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Shows a token as a plain bearer does.
    pub(crate) fn bearer(&self, token: &str) -> Result<Token, CheckError> {
        self.shown(&[("authorization", &format!("Bearer {token}"))], &Requirement::new())
    }

    /// Shows a token that is bound to a key, with a proof for [`ADDRESS`].
    pub(crate) fn dpop(&self, token: &str, proof: &str) -> Result<Token, CheckError> {
        let headers = [("authorization", &*format!("DPoP {token}")), ("dpop", proof)];
        self.shown(&headers, &Requirement::new())
    }

    /// Sends these headers with `GET` to [`ADDRESS`].
    pub(crate) fn shown(
        &self,
        headers: &[(&'static str, &str)],
        requirement: &Requirement,
    ) -> Result<Token, CheckError> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                let name = header::HeaderName::from_static(name);
                // As servers read it: any byte but line breaks.
                Ok((name, HeaderValue::from_str(value)?))
            })
            .collect::<Result<_, header::InvalidHeaderValue>>()
            .unwrap_or_default();
        let url = ADDRESS.parse().unwrap();
        let presented = Presented::from_headers(&headers)?.request(&Method::GET, &url);
        self.wait(self.server.check(&presented, requirement))
    }

    /// Stops this API's clock, so that nothing of it depends on how quick the machine is.
    pub(crate) fn stop_clock(&self) {
        let now = SystemClock.now().as_millis();
        self.ahead.stopped_at.store(now.try_into().unwrap(), Ordering::SeqCst);
    }

    /// Lets time pass for this API alone.
    pub(crate) fn later(&self, by: Duration) {
        self.ahead.by.fetch_add(by.as_millis().try_into().unwrap(), Ordering::SeqCst);
    }
}

/// A provider that is discovered, and trusted by its keys.
pub(crate) fn trusted(issuer: &str) -> TrustedIssuer {
    TrustedIssuer::new(Provider::discover(Issuer::parse(issuer).unwrap()))
}

/// The system's clock, or the time when it was stopped, and some milliseconds more.
#[derive(Clone, Debug, Default)]
struct Ahead {
    by: Arc<AtomicU64>,
    /// 0 while it goes.
    stopped_at: Arc<AtomicU64>,
}

impl Clock for Ahead {
    fn now(&self) -> UnixTime {
        let base = match self.stopped_at.load(Ordering::SeqCst) {
            0 => SystemClock.now(),
            at => UnixTime::from_millis(at.try_into().unwrap()),
        };
        base + Duration::from_millis(self.by.load(Ordering::SeqCst))
    }
}

/// Nobody is to be asked.
#[derive(Debug)]
struct NoNetwork;

impl Transport for NoNetwork {
    fn send(&self, request: Request, _: Limits) -> BoxFuture<'_, Result<Response, Failure>> {
        panic!("nobody is to be asked, yet {request:?} was sent")
    }
}

/// What tokens for it have as `aud`: the resource that is named when they are asked for.
pub(crate) const AUDIENCE: &str = "https://api.example.test";
/// Where requests go.
pub(crate) const ADDRESS: &str = "https://api.example.test/notes";
