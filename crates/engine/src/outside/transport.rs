//! The door to the network.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use countersign_protocol::{Code, Request, Response, error};

/// A future on the heap, able to move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Carries one request to a provider and its answer back.
///
/// An implementation follows no redirect, decompresses nothing, keeps to both [`Limits`], and may
/// be asked from many threads at once. Its future may be dropped at any time.
pub trait Transport: Send + Sync {
    /// Sends the request and reads the whole answer.
    fn send(&self, request: Request, limits: Limits) -> BoxFuture<'_, Result<Response, Failure>>;
}

/// No network at all: whoever asks hears that nobody can be reached. For an API whose keys are
/// written down, and for tests.
///
/// ```
/// use countersign::outside::{NoNetwork, Outside};
/// use countersign::{Issuer, Provider, ResourceServer, TrustedIssuer};
/// # use countersign::protocol::jose::{Algorithm, KeySet, SigningKey};
/// # let keys = KeySet::from_jwks([SigningKey::generate(Algorithm::Es256)?.public_jwk()]);
///
/// let provider = Provider::with_keys(Issuer::parse("https://op.example")?, keys);
/// let api = ResourceServer::builder(["notes-api"])
///     .issuer(TrustedIssuer::new(provider))
///     .build(Outside::new(NoNetwork))?;
/// # let _ = api;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to add to nothing")]
pub struct NoNetwork;

impl Transport for NoNetwork {
    fn send(&self, _: Request, _: Limits) -> BoxFuture<'_, Result<Response, Failure>> {
        let why = "there is no network here (outside::NoNetwork)".to_owned();
        Box::pin(std::future::ready(Err(Failure::Unreachable { why })))
    }
}

/// How long an answer may take and how large it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "every transport reads both")]
pub struct Limits {
    /// From the first byte sent to the last byte read.
    pub time: Duration,
    /// Bytes of the body.
    pub body: usize,
}

impl Limits {
    /// Those of every request of the engine: 10 seconds and 1 MiB.
    pub const USUAL: Self = Self { time: Duration::from_secs(10), body: 1024 * 1024 };
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// No connection.
    #[error("no connection: {why}")]
    Unreachable {
        /// What the system says.
        why: String,
    },
    /// No trust.
    #[error("TLS failed: {why}")]
    Tls {
        /// What TLS says.
        why: String,
    },
    /// No answer in time.
    #[error("no complete answer within {} s", .after.as_secs())]
    Timeout {
        /// The limit.
        after: Duration,
    },
    /// An answer that broke off.
    #[error("the answer broke off: {why}")]
    Cut {
        /// What is known.
        why: String,
    },
    /// An answer without end.
    #[error("the answer has more than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
}

impl Failure {
    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self {
            Self::Unreachable { .. } => &error::NETWORK_UNREACHABLE,
            Self::Tls { .. } => &error::NETWORK_TLS,
            Self::Timeout { .. } => &error::NETWORK_TIMEOUT,
            Self::Cut { .. } => &error::NETWORK_CUT,
            Self::TooLarge { .. } => &error::NETWORK_TOO_LARGE,
        }
    }
}
