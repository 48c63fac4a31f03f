//! The three doors of a world in memory, and a small provider in it.

mod op;
mod poll;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Poll, Waker};
use std::time::Duration;

use countersign::outside::{
    BoxFuture, Clock, Entropy, EntropyError, Failure, Limits, Outside, Transport,
};
use countersign::protocol::value::endpoint::Endpoint;
use countersign::protocol::{Request, Response};
use countersign::{
    Callback, Client, Error, Issuer, LoginOptions, PendingLogin, Provider, RegistrationRequest,
    RelyingParty, RelyingPartyBuilder, Secret, Session, UnixTime,
};
use url::Url;

pub(crate) use op::{Op, answer, key};
pub(crate) use poll::{Task, ready};

pub(crate) const ISSUER: &str = "https://op.example";
pub(crate) const CLIENT_SECRET: &str = "client-secret-hush";
pub(crate) const START: UnixTime = UnixTime::from_secs(1_700_000_000);

/// Clock, entropy and transport with a provider behind it. Clones are the same world.
#[derive(Clone)]
pub(crate) struct World {
    inner: Arc<Inner>,
}

struct Inner {
    now: Mutex<UnixTime>,
    random: Mutex<Option<u64>>,
    op: Mutex<Op>,
    asked: Mutex<Vec<Request>>,
    gate: Mutex<Gate>,
}

#[derive(Default)]
struct Gate {
    closed: HashSet<Endpoint>,
    waiting: Vec<Waker>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            inner: Arc::new(Inner {
                now: Mutex::new(START),
                random: Mutex::new(Some(1)),
                op: Mutex::new(Op::new(ISSUER)),
                asked: Mutex::default(),
                gate: Mutex::default(),
            }),
        }
    }

    pub(crate) fn outside(&self) -> Outside {
        Outside::new(self.clone()).clock(self.clone()).entropy(self.clone())
    }

    /// The provider, to look at it and turn its knobs.
    pub(crate) fn op(&self) -> MutexGuard<'_, Op> {
        self.inner.op.lock().unwrap()
    }

    pub(crate) fn forward(&self, by: Duration) {
        let mut now = self.inner.now.lock().unwrap();
        *now = *now + by;
    }

    pub(crate) fn back(&self, by: Duration) {
        let mut now = self.inner.now.lock().unwrap();
        *now = *now - by;
    }

    pub(crate) fn without_randomness(&self) {
        *self.inner.random.lock().unwrap() = None;
    }

    /// Questions to this endpoint get their answer when the gate opens.
    pub(crate) fn close(&self, endpoint: Endpoint) {
        self.inner.gate.lock().unwrap().closed.insert(endpoint);
    }

    pub(crate) fn open(&self) {
        let mut gate = self.inner.gate.lock().unwrap();
        gate.closed.clear();
        gate.waiting.drain(..).for_each(Waker::wake);
    }

    /// How often an endpoint was asked.
    pub(crate) fn asked(&self, endpoint: Endpoint) -> usize {
        self.requests().iter().filter(|request| request.endpoint() == endpoint).count()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.inner.asked.lock().unwrap().clone()
    }

    /// A relying party with discovery and a client that was registered by hand.
    pub(crate) fn rp(&self) -> RelyingParty {
        self.builder().build(self.outside()).unwrap()
    }

    pub(crate) fn builder(&self) -> RelyingPartyBuilder {
        RelyingParty::builder(discovered(), client(), redirect_uri())
    }

    pub(crate) fn registering(&self) -> RelyingParty {
        let request = RegistrationRequest::new([redirect_uri()]);
        let builder = RelyingParty::registering(discovered(), request, redirect_uri());
        builder.build(self.outside()).unwrap()
    }

    pub(crate) fn begin(&self, rp: &RelyingParty) -> Result<(Url, PendingLogin), Error> {
        ready(rp.begin(LoginOptions::new()))
    }

    /// The person says yes: the query that the browser brings back.
    pub(crate) fn authorize(&self, url: &Url) -> Callback {
        let query = self.op().authorize(url);
        Callback::parse(&query).unwrap()
    }

    pub(crate) fn log_in(&self, rp: &RelyingParty) -> Result<Session, Error> {
        self.log_in_with(rp, LoginOptions::new())
    }

    pub(crate) fn log_in_with(
        &self,
        rp: &RelyingParty,
        options: LoginOptions,
    ) -> Result<Session, Error> {
        let (url, pending) = ready(rp.begin(options))?;
        let callback = self.authorize(&url);
        ready(rp.complete(pending, callback))
    }
}

pub(crate) fn discovered() -> Provider {
    Provider::discover(Issuer::parse(ISSUER).unwrap())
}

pub(crate) fn client() -> Client {
    Client::with_secret("web", Secret::from(CLIENT_SECRET))
}

pub(crate) fn redirect_uri() -> Url {
    "https://app.example/auth/callback".parse().unwrap()
}

pub(crate) fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

pub(crate) fn down() -> Failure {
    Failure::Unreachable { why: "connection refused".to_owned() }
}

impl Transport for World {
    fn send(&self, request: Request, limits: Limits) -> BoxFuture<'_, Result<Response, Failure>> {
        assert_eq!(limits, Limits { time: secs(10), body: 1024 * 1024 });
        self.inner.asked.lock().unwrap().push(request.clone());
        // Answered as it is sent; only the way back may take long.
        let answered = self.op().answer(&request, self.now());
        let endpoint = request.endpoint();
        Box::pin(async move {
            std::future::poll_fn(|context| {
                let mut gate = self.inner.gate.lock().unwrap();
                if gate.closed.contains(&endpoint) {
                    gate.waiting.push(context.waker().clone());
                    return Poll::Pending;
                }
                Poll::Ready(())
            })
            .await;
            answered
        })
    }
}

impl Clock for World {
    fn now(&self) -> UnixTime {
        *self.inner.now.lock().unwrap()
    }
}

impl Entropy for World {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        let mut random = self.inner.random.lock().unwrap();
        let Some(state) = random.as_mut() else {
            return Err(EntropyError::new("the pool is dry"));
        };
        for byte in buffer {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = (*state >> 56) as u8;
        }
        Ok(())
    }
}
