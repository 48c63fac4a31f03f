use std::io::Write;
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use countersign::outside::{Failure, Limits};
use countersign_protocol::value::endpoint::Endpoint;
use countersign_protocol::{Request, Secret};
use countersign_transport::{BlockingTransport, HyperTransport};

use crate::server::{LIMITS, Make, Server, ask, get, of_both, read_request, system};

const OK: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

fn of_length(length: usize) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").into_bytes();
    answer.extend(vec![b'x'; length]);
    answer
}

of_both! {
    async fn an_answer_comes_back_whole(make: Make) {
        let server = Server::answering(OK);
        let answer = ask(&system(make), &server.url("/x")).await.unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["content-type"], "application/json");
        assert_eq!(answer.body, "{}");
    }

    async fn a_request_goes_out_as_it_is(make: Make) {
        let (sender, requests) = mpsc::channel();
        let server = Server::new(move |mut stream| {
            sender.send(read_request(&mut stream).unwrap()).unwrap();
            stream.write_all(OK).unwrap();
        });
        let url = server.url("/token?a=%2F&b=1").parse().unwrap();
        let request = Request::post_form(Endpoint::Token, url, &[("code", "a b"), ("x", "ü")])
            .authorization("Basic", &Secret::from("d2ViOmh1c2g="));
        system(make).send(request, LIMITS).await.unwrap();
        let sent = requests.recv().unwrap();
        let (head, body) = sent.split_once("\r\n\r\n").unwrap();
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with("post /token?a=%2f&b=1 http/1.1\r\n"), "{head}");
        assert!(head.contains(&format!("\r\nhost: 127.0.0.1:{}", server.port)), "{head}");
        assert!(head.contains("\r\nauthorization: basic d2viomh1c2g="), "{head}");
        assert!(!head.contains("accept-encoding"), "{head}");
        assert_eq!(body, "code=a+b&x=%C3%BC");
    }

    async fn a_refused_connection_is_unreachable(make: Make) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let failure = ask(&system(make), &format!("http://127.0.0.1:{port}/")).await.unwrap_err();
        assert!(matches!(failure, Failure::Unreachable { .. }), "{failure}");
        assert!(failure.to_string().to_lowercase().contains("refused"), "{failure}");
    }

    async fn silence_lasts_no_longer_than_the_limit(make: Make) {
        // Holds the connection until the client closes it.
        let server = Server::new(|mut stream| while read_request(&mut stream).is_some() {});
        let time = Duration::from_millis(200);
        assert_eq!(within(make, &server.url("/"), time).await, Failure::Timeout { after: time });
    }

    async fn an_answer_in_drops_lasts_no_longer_than_the_limit(make: Make) {
        let server = Server::new(|mut stream| {
            read_request(&mut stream).unwrap();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n");
            while stream.write_all(b"x").is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
        });
        let time = Duration::from_millis(300);
        assert_eq!(within(make, &server.url("/"), time).await, Failure::Timeout { after: time });
    }

    async fn a_server_that_accepts_and_never_reads_is_left_at_the_limit(make: Make) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
        let time = Duration::from_millis(200);
        assert_eq!(within(make, &url, time).await, Failure::Timeout { after: time });
    }

    async fn a_body_has_at_most_the_bytes_of_the_limit(make: Make) {
        let fits = Server::answering(of_length(1000));
        assert_eq!(ask(&system(make), &fits.url("/")).await.unwrap().body.len(), 1000);
        let exceeds = Server::answering(of_length(1001));
        let failure = ask(&system(make), &exceeds.url("/")).await.unwrap_err();
        assert_eq!(failure, Failure::TooLarge { limit: 1000 });
    }

    async fn a_body_without_end_is_too_large(make: Make) {
        for start in ["transfer-encoding: chunked", "connection: close"] {
            let server = Server::new(move |mut stream| {
                read_request(&mut stream).unwrap();
                let _ = write!(stream, "HTTP/1.1 200 OK\r\n{start}\r\n\r\n");
                while stream.write_all(b"8\r\nxxxxxxxx\r\n").is_ok() {}
            });
            let failure = ask(&system(make), &server.url("/")).await.unwrap_err();
            assert_eq!(failure, Failure::TooLarge { limit: 1000 }, "{start}");
        }
    }

    async fn headers_without_end_are_cut(make: Make) {
        let server = Server::new(|mut stream| {
            read_request(&mut stream).unwrap();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
            while stream.write_all(b"x-filler: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n").is_ok()
            {
            }
        });
        let failure = ask(&system(make), &server.url("/")).await.unwrap_err();
        assert!(matches!(failure, Failure::Cut { .. }), "{failure}");
    }

    async fn an_answer_that_breaks_off_is_cut(make: Make) {
        for answer in [
            &b""[..],
            b"HTTP/1.1 200",
            b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
            b"SSH-2.0-OpenSSH\r\n",
            b"<html>",
        ] {
            let server = Server::new(move |mut stream| {
                read_request(&mut stream).unwrap();
                stream.write_all(answer).unwrap();
            });
            let failure = ask(&system(make), &server.url("/")).await.unwrap_err();
            let shown = String::from_utf8_lossy(answer);
            assert!(matches!(failure, Failure::Cut { .. }), "{shown:?}: {failure}");
        }
    }

    async fn a_redirect_is_returned_and_never_followed(make: Make) {
        let target = Server::answering(OK);
        for status in [301, 302, 303, 307, 308] {
            let location = target.url("/stolen");
            let answer =
                format!("HTTP/1.1 {status} X\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
            let server = Server::answering(answer);
            let answer = ask(&system(make), &server.url("/")).await.unwrap();
            assert_eq!(answer.status.as_u16(), status);
            assert_eq!(answer.headers["location"], *location);
        }
        assert_eq!(target.connections(), 0);
    }

    async fn a_compressed_body_is_left_as_it_is(make: Make) {
        let gzip =
            [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0xae, 5, 0, 0x43, 0xbf, 0xa6, 0xa3, 2, 0, 0, 0];
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            gzip.len()
        );
        let server = Server::answering([head.as_bytes(), &gzip].concat());
        let answer = ask(&system(make), &server.url("/")).await.unwrap();
        assert_eq!(answer.headers["content-encoding"], "gzip");
        assert_eq!(answer.body, &gzip[..]);
    }

    async fn a_connection_is_kept_for_the_next_request(make: Make) {
        let server = Server::answering(OK);
        let transport = system(make);
        for _ in 0..10 {
            ask(&transport, &server.url("/")).await.unwrap();
        }
        ask(&transport.clone(), &server.url("/")).await.unwrap();
        assert_eq!(server.connections(), 1);
    }

    async fn a_connection_that_the_server_closed_is_replaced(make: Make) {
        let server = Server::new(|mut stream| {
            read_request(&mut stream).unwrap();
            stream.write_all(OK).unwrap();
        });
        let transport = system(make);
        for number in 1..=5 {
            let mut answer = ask(&transport, &server.url("/")).await;
            // The client may learn of the close only while it writes; such a request was not served.
            if matches!(answer, Err(Failure::Cut { .. })) {
                answer = ask(&transport, &server.url("/")).await;
            }
            assert!(answer.is_ok(), "request {number}: {answer:?}");
        }
    }

    async fn a_name_that_nobody_has_is_unreachable(make: Make) {
        let failure = ask(&system(make), "http://nobody.invalid/").await.unwrap_err();
        assert!(matches!(failure, Failure::Unreachable { .. }), "{failure}");
    }

    async fn an_address_may_be_of_either_kind(make: Make) {
        let server = Server::answering(OK);
        let transport = system(make);
        for host in ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]"] {
            let url = format!("http://{host}:{}/", server.port);
            let answer = ask(&transport, &url).await;
            assert!(answer.is_ok(), "{host}: {answer:?}");
        }
    }

    async fn a_post_without_content_says_so(make: Make) {
        let (sender, requests) = mpsc::channel();
        let server = Server::new(move |mut stream| {
            sender.send(read_request(&mut stream).unwrap()).unwrap();
            stream.write_all(OK).unwrap();
        });
        let request = get(&server.url("/userinfo")).by_post();
        system(make).send(request, LIMITS).await.unwrap();
        let head = requests.recv().unwrap().to_ascii_lowercase();
        assert!(head.contains("\r\ncontent-length: 0\r\n"), "{head}");
        assert!(!head.contains("transfer-encoding"), "{head}");
    }
}

async fn within(make: Make, url: &str, time: Duration) -> Failure {
    let begun = Instant::now();
    let failure = system(make).send(get(url), Limits { time, ..LIMITS }).await.unwrap_err();
    let took = begun.elapsed();
    assert!(took >= time && took < time + Duration::from_secs(5), "it took {took:?}");
    failure
}

#[tokio::test]
async fn others_are_served_while_one_is_silent() {
    let silent = Server::new(|mut stream| while read_request(&mut stream).is_some() {});
    let good = Server::answering(OK);
    let transport = system(crate::server::hyper);
    let (silent_url, good_url) = (silent.url("/"), good.url("/"));
    let mut waiting = std::pin::pin!(ask(&transport, &silent_url));
    for _ in 0..5 {
        tokio::select! {
            biased;
            answer = &mut waiting => panic!("the silent one answered {answer:?}"),
            answer = ask(&transport, &good_url) => assert!(answer.is_ok()),
        }
    }
}

#[tokio::test]
async fn a_request_that_was_dropped_disturbs_no_other() {
    let server = Server::answering(OK);
    let transport = system(crate::server::hyper);
    for _ in 0..20 {
        let mut dropped = Box::pin(ask(&transport, "http://127.0.0.1:1/"));
        let _ = poll_once(dropped.as_mut()).await;
        drop(dropped);
        assert!(ask(&transport, &server.url("/")).await.is_ok());
    }
}

async fn poll_once<F: Future>(mut future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match future.as_mut().poll(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[test]
fn a_transport_shows_nothing() {
    assert_eq!(format!("{:?}", HyperTransport::new().unwrap()), "HyperTransport");
    assert_eq!(format!("{:?}", BlockingTransport::new().unwrap()), "BlockingTransport");
}
