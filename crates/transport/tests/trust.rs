use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign::outside::Failure;
use countersign_transport::{TransportError, TrustAnchors};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::server::{Door, Make, Server, ask, of_both, read_request, system};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates").join(name)
}

/// A server with a certificate for `localhost`, signed by the authority of the tests.
fn secure() -> Server {
    let certificate = CertificateDer::from_pem_file(file("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    Server::new(move |stream| {
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        while read_request(&mut stream).is_some() {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
            let _ = stream.flush();
        }
    })
}

fn trusting(make: Make) -> Door {
    make(TrustAnchors::of_system().unwrap().and_file(&file("authority.pem")).unwrap())
}

fn at(server: &Server, host: &str) -> String {
    format!("https://{host}:{}/", server.port)
}

of_both! {
    async fn an_authority_that_was_handed_over_is_trusted(make: Make) {
        let server = secure();
        let transport = trusting(make);
        for _ in 0..2 {
            assert_eq!(ask(&transport, &at(&server, "localhost")).await.unwrap().body, "{}");
        }
        assert_eq!(server.connections(), 1);
    }

    async fn an_unknown_authority_is_not_trusted(make: Make) {
        let failure = ask(&system(make), &at(&secure(), "localhost")).await.unwrap_err();
        assert!(matches!(failure, Failure::Tls { .. }), "{failure}");
        assert_eq!(failure.entry().code, "network.tls");
    }

    async fn a_certificate_for_another_host_is_not_trusted(make: Make) {
        let failure = ask(&trusting(make), &at(&secure(), "127.0.0.1")).await.unwrap_err();
        assert!(matches!(failure, Failure::Tls { .. }), "{failure}");
    }

    async fn a_port_without_tls_is_a_failure_of_tls(make: Make) {
        let other = Server::new(|mut stream| {
            let _ = stream.write_all(b"220 mail.example ESMTP\r\n");
            while read_request(&mut stream).is_some() {}
        });
        let failure = ask(&trusting(make), &at(&other, "localhost")).await.unwrap_err();
        assert!(matches!(failure, Failure::Tls { .. }), "{failure}");
    }

    async fn a_port_with_tls_is_not_asked_in_clear(make: Make) {
        let failure = ask(&trusting(make), &secure().url("/")).await.unwrap_err();
        assert!(matches!(failure, Failure::Cut { .. }), "{failure}");
    }
}

#[test]
fn a_file_that_holds_no_certificate_is_refused() {
    for name in ["missing.pem", "server.key", "README.md", "."] {
        let error = TrustAnchors::of_system().unwrap().and_file(&file(name)).unwrap_err();
        assert!(matches!(error, TransportError::File { .. }), "{name}: {error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn anchors_show_their_number_only() {
    let system = format!("{:?}", TrustAnchors::of_system().unwrap());
    let more = format!("{:?}", TrustAnchors::of_system().unwrap().and_file(&file("authority.pem")));
    assert_ne!(more, format!("Ok({system})"));
    assert!(system.ends_with(" trust anchors"), "{system}");
}
