//! An issuer of access tokens, its address in memory, and an API that asks it for its keys.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use countersign::outside::{BoxFuture, Clock, Failure, Limits, Outside, Transport};
use countersign::protocol::{Request, Response};
use countersign::{Provider, ResourceServer, ResourceServerBuilder, TrustedIssuer};
use countersign_test_kit::TestIssuer;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::Value;
use tokio::sync::watch;

use super::{HandClock, Seeded};

pub const API_ISSUER: &str = "https://op.example";

/// Clones are the same world.
#[derive(Clone)]
pub struct ApiWorld {
    pub issuer: Arc<TestIssuer>,
    pub clock: HandClock,
    wire: Arc<Mutex<Wire>>,
    gate: Arc<watch::Sender<bool>>,
}

/// What the issuer's address does and has done.
#[derive(Default)]
pub struct Wire {
    pub down: bool,
    pub asked: HashMap<String, usize>,
}

impl ApiWorld {
    pub fn new() -> Self {
        let clock = HandClock::new();
        let issuer = TestIssuer::new(API_ISSUER).at(clock.now());
        let gate = Arc::new(watch::Sender::new(true));
        Self { issuer: Arc::new(issuer), clock, wire: Arc::default(), gate }
    }

    pub fn server(
        &self,
        settings: impl FnOnce(ResourceServerBuilder) -> ResourceServerBuilder,
    ) -> ResourceServer {
        let provider = Provider::discover(self.issuer.issuer());
        let builder = ResourceServer::builder(["api"]).issuer(TrustedIssuer::new(provider));
        let outside =
            Outside::new(self.clone()).clock(self.clock.clone()).entropy(Seeded::new(7 << 32));
        settings(builder).build(outside).unwrap()
    }

    pub fn wire(&self) -> MutexGuard<'_, Wire> {
        self.wire.lock().unwrap()
    }

    pub fn asked(&self, path: &str) -> usize {
        self.wire().asked.get(path).copied().unwrap_or(0)
    }

    /// Answers are held back until it is opened again.
    pub fn close(&self) {
        self.gate.send_replace(false);
    }

    pub fn open(&self) {
        self.gate.send_replace(true);
    }

    pub fn seconds(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    fn answer(&self, request: &Request) -> Result<Response, Failure> {
        let path = request.url().path().to_owned();
        let mut wire = self.wire();
        *wire.asked.entry(path.clone()).or_default() += 1;
        if wire.down {
            return Err(Failure::Unreachable { why: "refused".to_owned() });
        }
        let body = match path.as_str() {
            "/.well-known/openid-configuration" => self.issuer.metadata(),
            "/jwks" => self.issuer.jwks(),
            other => panic!("nothing is at {other}"),
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let body = Value::Object(body).to_string().into();
        Ok(Response { status: StatusCode::OK, headers, body })
    }
}

impl Transport for ApiWorld {
    fn send(&self, request: Request, _: Limits) -> BoxFuture<'_, Result<Response, Failure>> {
        let mut gate = self.gate.subscribe();
        Box::pin(async move {
            let answer = self.answer(&request);
            gate.wait_for(|open| *open).await.unwrap();
            answer
        })
    }
}
