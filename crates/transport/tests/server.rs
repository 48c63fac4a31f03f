//! A server that does with each connection what a test says.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use countersign::outside::{Failure, Limits, Transport};
use countersign_protocol::value::endpoint::Endpoint;
use countersign_protocol::{Request, Response};
use countersign_transport::{BlockingTransport, HyperTransport, TrustAnchors};

pub(crate) const LIMITS: Limits = Limits { time: Duration::from_secs(10), body: 1000 };

pub(crate) struct Server {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn new(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (counted, serve) = (Arc::clone(&connections), Arc::new(serve));
        thread::spawn(move || {
            for stream in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                let serve = Arc::clone(&serve);
                thread::spawn(move || serve(stream.unwrap()));
            }
        });
        Self { port, connections }
    }

    /// Gives each request the same bytes and keeps the connection.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::new(move |mut stream| {
            while read_request(&mut stream).is_some() {
                if stream.write_all(&answer).is_err() {
                    return;
                }
            }
        })
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

/// Head and body of the next request; `None` when the connection is closed.
pub(crate) fn read_request(stream: &mut impl Read) -> Option<String> {
    let mut read = Vec::new();
    let mut byte = [0];
    while !read.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        read.push(byte[0]);
    }
    let head = String::from_utf8(read).unwrap();
    let length = head.to_ascii_lowercase();
    let length = length.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).ok()?;
    Some(head + &String::from_utf8(body).unwrap())
}

pub(crate) fn get(url: &str) -> Request {
    Request::get(Endpoint::Discovery, url.parse().unwrap())
}

pub(crate) async fn ask(transport: &Door, url: &str) -> Result<Response, Failure> {
    transport.send(get(url), LIMITS).await
}

/// Any of the clients.
pub(crate) type Door = Arc<dyn Transport>;

/// How to make one that trusts these anchors.
pub(crate) type Make = fn(TrustAnchors) -> Door;

pub(crate) fn system(make: Make) -> Door {
    make(TrustAnchors::of_system().unwrap())
}

pub(crate) fn hyper(anchors: TrustAnchors) -> Door {
    Arc::new(HyperTransport::trusting(anchors).unwrap())
}

pub(crate) fn blocking(anchors: TrustAnchors) -> Door {
    Arc::new(BlockingTransport::trusting(anchors))
}

/// Makes a test of each client.
macro_rules! of_both {
    ($(async fn $name:ident($make:ident: Make) $body:block)*) => {
        mod hyper {
            use super::*;
            $(#[tokio::test]
            async fn $name() {
                let $make: Make = crate::server::hyper;
                $body
            })*
        }
        mod blocking {
            use super::*;
            $(#[tokio::test]
            async fn $name() {
                let $make: Make = crate::server::blocking;
                $body
            })*
        }
    };
}

pub(crate) use of_both;
