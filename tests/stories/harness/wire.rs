//! One HTTP/1.1 request over a connection of its own, with whatever headers a test wants.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Sends the request and reads the whole answer.
pub(crate) async fn send(to: SocketAddr, request: Request<Bytes>) -> Response<Bytes> {
    try_send(to, request).await.unwrap()
}

/// The same, if there is a whole answer: a server may hang up on what is too much for it.
pub(crate) async fn try_send(to: SocketAddr, request: Request<Bytes>) -> Option<Response<Bytes>> {
    Line::open(to).await.send(request).await
}

/// A connection that is used again and again.
pub(crate) struct Line {
    sender: SendRequest<Full<Bytes>>,
    _driver: JoinSet<hyper::Result<()>>,
}

impl Line {
    pub(crate) async fn open(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).await.unwrap();
        let (sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        let mut driver = JoinSet::new();
        driver.spawn(connection);
        Self { sender, _driver: driver }
    }

    pub(crate) async fn send(&mut self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        self.sender.ready().await.ok()?;
        let response = self.sender.send_request(request.map(Full::new)).await.ok()?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Response::from_parts(head, body))
    }
}
