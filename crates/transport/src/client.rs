//! The client itself.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use countersign::outside::{BoxFuture, Failure, Limits, Transport};
use countersign_protocol::{Request, Response};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
#[expect(clippy::disallowed_types, reason = "this is the door")]
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::error::TransportError;
use crate::failure::{innermost, is_tls};
use crate::trust::TrustAnchors;

/// Carries requests to providers over HTTP/1.1, with TLS where the address says https.
#[derive(Clone)]
pub struct HyperTransport {
    #[expect(clippy::disallowed_types, reason = "this is the door")]
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl HyperTransport {
    /// Trusts what this system trusts.
    ///
    /// # Errors
    /// [`TransportError`] when the system has no trust anchors.
    pub fn new() -> Result<Self, TransportError> {
        Self::trusting(TrustAnchors::of_system()?)
    }

    /// Trusts these anchors.
    ///
    /// # Errors
    /// [`TransportError`] when TLS can't be set up.
    pub fn trusting(anchors: TrustAnchors) -> Result<Self, TransportError> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT));
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(anchors.into_tls()?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        #[expect(clippy::disallowed_types, reason = "this is the door")]
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .build(https);
        Ok(Self { client })
    }
}

impl Transport for HyperTransport {
    fn send(&self, request: Request, limits: Limits) -> BoxFuture<'_, Result<Response, Failure>> {
        Box::pin(async move {
            let exchange = async {
                let mut outgoing = http::Request::new(Full::new(request.body().clone()));
                *outgoing.method_mut() = request.method().clone();
                *outgoing.uri_mut() = request.url().as_str().parse().map_err(|_| {
                    Failure::Unreachable { why: "the address can't be requested".to_owned() }
                })?;
                *outgoing.headers_mut() = request.headers().clone();
                if request.body().is_empty() && request.method() == http::Method::POST {
                    // RFC 9110 section 8.6; some servers wait for a body otherwise.
                    let nothing = http::HeaderValue::from_static("0");
                    outgoing.headers_mut().insert(http::header::CONTENT_LENGTH, nothing);
                }
                let response =
                    self.client.request(outgoing).await.map_err(|error| no_answer(&error))?;
                let (head, body) = response.into_parts();
                let body = Limited::new(body, limits.body).collect().await;
                let body = body.map_err(|error| broken(error.as_ref(), limits.body))?.to_bytes();
                Ok(Response { status: head.status, headers: head.headers, body })
            };
            match tokio::time::timeout(limits.time, exchange).await {
                Ok(answered) => answered,
                Err(_) => Err(Failure::Timeout { after: limits.time }),
            }
        })
    }
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HyperTransport")
    }
}

fn no_answer(error: &hyper_util::client::legacy::Error) -> Failure {
    let why = innermost(error);
    if !error.is_connect() {
        return Failure::Cut { why };
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        if is_tls(inner) {
            return Failure::Tls { why };
        }
        cause = inner.source();
    }
    Failure::Unreachable { why }
}

fn broken(error: &(dyn std::error::Error + 'static), limit: usize) -> Failure {
    match error.downcast_ref::<LengthLimitError>() {
        Some(_) => Failure::TooLarge { limit },
        None => Failure::Cut { why: innermost(error) },
    }
}

const CONNECT: Duration = Duration::from_secs(5);
/// Shorter than the patience of common servers (Node's and Apache's is 5 s): a request on a
/// connection that the other side is about to close is lost, and a POST can't be sent again for
/// good measure.
const IDLE: Duration = Duration::from_secs(4);
const IDLE_CONNECTIONS: usize = 32;
