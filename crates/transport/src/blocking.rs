//! The same door without a runtime: the calling thread waits.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use countersign::outside::{BoxFuture, Failure, Limits, Transport};
use countersign_protocol::{Request, Response};
use http::Method;
use ureq::tls::TlsConfig;
use ureq::unversioned::transport::{Connector as _, RustlsConnector};
use ureq::{AsSendBody, Body};

use crate::error::TransportError;
use crate::failure::{innermost, is_tls, is_unreachable};
use crate::lookup::{Literally, LookUpAndConnect};
use crate::trust::TrustAnchors;

/// Carries requests to providers over HTTP/1.1, with TLS where the address says https, and lets the
/// thread that drives its future wait for the answer. No proxy of the environment is used.
///
/// Its connections don't survive a `fork()`: the child needs a transport of its own.
///
/// ```no_run
/// use countersign::blocking::block_on;
/// use countersign::outside::Outside;
/// use countersign_transport::BlockingTransport;
/// # fn example(provider: countersign::Provider, client: countersign::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let outside = Outside::new(BlockingTransport::new()?);
/// let here = "https://app.example/auth/callback".parse()?;
/// let rp = countersign::RelyingParty::builder(provider, client, here).build(outside)?;
/// block_on(rp.ready())?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct BlockingTransport {
    #[expect(clippy::disallowed_types, reason = "this is the door")]
    agent: ureq::Agent,
}

impl BlockingTransport {
    /// Trusts what this system trusts.
    ///
    /// # Errors
    /// [`TransportError`] when the system has no trust anchors.
    pub fn new() -> Result<Self, TransportError> {
        Ok(Self::trusting(TrustAnchors::of_system()?))
    }

    /// Trusts these anchors.
    #[must_use]
    pub fn trusting(anchors: TrustAnchors) -> Self {
        let certificates = anchors.into_certificates();
        let certificates = certificates.iter().map(|der| ureq::tls::Certificate::from_der(der));
        let certificates: Vec<_> = certificates.map(|certificate| certificate.to_owned()).collect();
        let tls = TlsConfig::builder()
            .root_certs(ureq::tls::RootCerts::Specific(Arc::new(certificates)))
            .unversioned_rustls_crypto_provider(Arc::new(
                rustls::crypto::aws_lc_rs::default_provider(),
            ))
            .build();
        #[expect(clippy::disallowed_types, reason = "this is the door")]
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .no_delay(true)
            .timeout_global(Some(Limits::USUAL.time))
            .timeout_connect(Some(CONNECT))
            .max_idle_age(IDLE)
            .max_idle_connections_per_host(IDLE_CONNECTIONS)
            .build();
        let connector = LookUpAndConnect::default().chain(RustlsConnector::default());
        #[expect(clippy::disallowed_types, reason = "this is the door")]
        let agent = ureq::Agent::with_parts(config, connector, Literally);
        Self { agent }
    }

    fn ask(&self, request: &Request, limits: Limits) -> Result<Response, Failure> {
        let mut outgoing = http::Request::new(());
        *outgoing.method_mut() = request.method().clone();
        *outgoing.uri_mut() = request.url().as_str().parse().map_err(|_| Failure::Unreachable {
            why: "the address can't be requested".to_owned(),
        })?;
        *outgoing.headers_mut() = request.headers().clone();
        let answered = match *request.method() {
            // Without a body, and so without its length.
            Method::GET | Method::HEAD => self.send(outgoing, limits),
            _ => self.send(outgoing.map(|()| request.body().as_ref()), limits),
        };
        let (head, body) = answered.map_err(|error| failure(&error, limits))?.into_parts();
        let most = u64::try_from(limits.body).unwrap_or(u64::MAX);
        let body = body.into_with_config().limit(most).read_to_vec();
        let body = Bytes::from(body.map_err(|error| failure(&error, limits))?);
        Ok(Response { status: head.status, headers: head.headers, body })
    }

    /// What is set for one request alone makes the client prepare TLS anew.
    fn send(
        &self,
        request: http::Request<impl AsSendBody>,
        limits: Limits,
    ) -> Result<http::Response<Body>, ureq::Error> {
        if limits.time == Limits::USUAL.time {
            return self.agent.run(request);
        }
        let request = self.agent.configure_request(request);
        self.agent.run(request.timeout_global(Some(limits.time)).build())
    }
}

impl Transport for BlockingTransport {
    fn send(&self, request: Request, limits: Limits) -> BoxFuture<'_, Result<Response, Failure>> {
        Box::pin(async move { self.ask(&request, limits) })
    }
}

impl fmt::Debug for BlockingTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlockingTransport")
    }
}

fn failure(error: &ureq::Error, limits: Limits) -> Failure {
    let why = || match error {
        ureq::Error::Io(io) => innermost(io),
        other => other.to_string(),
    };
    match error {
        ureq::Error::Timeout(_) => Failure::Timeout { after: limits.time },
        ureq::Error::BodyExceedsLimit(_) => Failure::TooLarge { limit: limits.body },
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) => {
            Failure::Tls { why: why() }
        }
        ureq::Error::Io(io) if is_tls(io) => Failure::Tls { why: why() },
        ureq::Error::Io(io) if io.kind() == std::io::ErrorKind::TimedOut => {
            Failure::Timeout { after: limits.time }
        }
        ureq::Error::Io(io) if !is_unreachable(io) => Failure::Cut { why: why() },
        ureq::Error::Protocol(_)
        | ureq::Error::LargeResponseHeader(..)
        | ureq::Error::BodyStalled => Failure::Cut { why: why() },
        _ => Failure::Unreachable { why: why() },
    }
}

const CONNECT: Duration = Duration::from_secs(5);
/// Shorter than the patience of common servers: see the other client.
const IDLE: Duration = Duration::from_secs(4);
const IDLE_CONNECTIONS: usize = 32;
