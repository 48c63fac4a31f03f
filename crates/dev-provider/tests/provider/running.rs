//! The provider over a real connection: starting, stopping, and unpleasant deliveries.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use countersign_dev_provider::{DevProvider, Endpoint, RunningProvider, StartError, User, Who};
use countersign_jose::{Algorithm, Allowed, Jws, KeySet};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Browser, with};

async fn running() -> RunningProvider {
    DevProvider::builder().signing_algorithms([Algorithm::Es256]).start().await.unwrap()
}

/// Everything that comes back on one connection, as far as it goes.
async fn get(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).await;
    match end {
        Ok(_) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(_) if !bytes.is_empty() => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) => Err(error),
    }
}

#[tokio::test]
async fn it_starts_on_a_free_port_within_a_second_with_all_algorithms() {
    let before = Instant::now();
    let provider = DevProvider::builder().start().await.unwrap();
    assert!(before.elapsed() < Duration::from_secs(5), "{:?}", before.elapsed());
    assert_eq!(provider.issuer(), format!("http://{}", provider.address()));
    let names: Vec<String> =
        provider.users().iter().map(|user| user.username().to_owned()).collect();
    assert_eq!(names, ["alice", "bob", "carol"]);
    let answer = get(provider.address(), "/.well-known/openid-configuration").await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains(provider.issuer()));
    assert_eq!(provider.requests().count(Endpoint::Discovery), 1);
    assert_eq!(provider.requests().total(), 1);
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_refused() {
    let everywhere: SocketAddr = ([0, 0, 0, 0], 0).into();
    let refused = DevProvider::builder().listen(everywhere).start().await.unwrap_err();
    assert_eq!(refused.code(), "dev_provider.not_loopback");
    assert!(matches!(refused, StartError::NotLoopback { .. }));

    let allowed = DevProvider::builder()
        .signing_algorithms([Algorithm::Es256])
        .listen(everywhere)
        .danger_listen_anywhere()
        .start()
        .await
        .unwrap();
    let local = SocketAddr::from(([127, 0, 0, 1], allowed.address().port()));
    let answer = get(local, "/dev/mischief").await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 404"), "no remote control there: {answer}");
}

#[tokio::test]
async fn wrong_settings_are_refused_with_their_code() {
    let code = |builder: countersign_dev_provider::Builder| builder.build().unwrap_err().code();
    let builder = DevProvider::builder;
    assert_eq!(code(builder().issuer(Some("ftp://x".into()))), "dev_provider.issuer");
    assert_eq!(code(builder().issuer(Some("https://x/?q".into()))), "dev_provider.issuer");
    assert_eq!(code(builder().signing_algorithms([Algorithm::Hs256])), "dev_provider.algorithms");
    assert_eq!(code(builder().users_from_file("/no/such/file.toml")), "dev_provider.users_file");
    let first = running().await;
    let second = DevProvider::builder().listen(first.address()).start().await.unwrap_err();
    assert_eq!(second.code(), "dev_provider.listen");
}

#[tokio::test]
async fn shutdown_and_drop_close_listener_and_connections() {
    for drops in [false, true] {
        let provider = running().await;
        let address = provider.address();
        let mut open = TcpStream::connect(address).await.unwrap();
        open.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut first = [0; 12];
        open.read_exact(&mut first).await.unwrap();
        match drops {
            true => drop(provider),
            false => provider.shutdown().await,
        }
        let mut rest = Vec::new();
        let end = timeout(Duration::from_secs(5), open.read_to_end(&mut rest)).await;
        assert!(end.is_ok(), "an open connection ends");
        assert!(get(address, "/healthz").await.is_err(), "nobody listens");
    }
}

#[tokio::test]
async fn silence_cut_and_endless_bodies_are_delivered_as_named() {
    let provider = running().await;
    let address = provider.address();
    let honest = get(address, "/jwks").await.unwrap();

    provider.mischief().set_case(Who::All, "jwks.silence").unwrap();
    let silent = timeout(Duration::from_millis(300), get(address, "/jwks")).await;
    assert!(silent.is_err(), "no answer");
    assert!(get(address, "/healthz").await.unwrap().contains("ok"), "the rest goes on");

    provider.mischief().set_case(Who::All, "jwks.cut").unwrap();
    let cut = get(address, "/jwks").await.unwrap();
    assert!(cut.starts_with("HTTP/1.1 200"), "{cut}");
    assert!(cut.len() < honest.len() && cut.contains("{\"keys\""), "{cut}");

    provider.mischief().set_case(Who::All, "jwks.endless").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /jwks HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut megabytes = vec![0; 4 * 1024 * 1024];
    stream.read_exact(&mut megabytes).await.unwrap();
}

#[tokio::test]
async fn an_issuer_with_a_path_has_everything_below_it() {
    let issuer = "http://127.0.0.1:9000/realms/one";
    let provider = with(|builder| builder.issuer(Some(issuer.to_owned())));
    let mut browser = Browser::new(&provider);
    for path in [
        "/realms/one/.well-known/openid-configuration",
        "/realms/one/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/realms/one",
    ] {
        let document = browser.get(path).await.json();
        assert_eq!(document["issuer"], issuer, "{path}");
        assert_eq!(document["token_endpoint"], format!("{issuer}/token"));
    }
    let query = crate::support::request("web", &[]);
    let page = browser.get(&format!("/realms/one/authorize?{query}")).await;
    assert_eq!(page.location().path(), "/realms/one/login");
    assert_eq!(provider.requests().count(Endpoint::Discovery), 3);
}

#[tokio::test]
async fn a_rotation_keeps_the_keys_before_published_once() {
    let provider = with(|builder| builder);
    let claims = json!({"sub": "alice"});
    let token = provider.sign(Algorithm::Es256, "JWT", claims.as_object().unwrap()).unwrap();
    let good = || {
        let keys = KeySet::parse(provider.key_set_document().as_bytes()).unwrap();
        Jws::parse(&token).unwrap().verify(&keys, &Allowed::asymmetric()).is_ok()
    };
    assert!(good());
    provider.rotate_keys().unwrap();
    assert!(good(), "on its way while keys change");
    provider.rotate_keys().unwrap();
    assert!(!good());
}

#[tokio::test]
async fn users_come_from_files_builder_and_later() {
    let path = std::env::temp_dir().join(format!("dev-provider-users-{}.json", std::process::id()));
    std::fs::write(&path, r#"{"users": [{"username": "dora", "password": "explorer"}]}"#).unwrap();
    let provider = with(|builder| {
        builder.users_from_file(&path).user(User::new("eve").with_subject("sub-of-eve")).big_user()
    });
    std::fs::remove_file(&path).unwrap();
    provider.add_user(User::new("frank"));
    let names: Vec<String> =
        provider.users().iter().map(|user| user.username().to_owned()).collect();
    assert_eq!(names, ["eve", "dora", "big", "frank"]);
    let big = serde_json::to_string(provider.users()[2].claims()).unwrap();
    assert!((11_000..16_000).contains(&big.len()), "{}", big.len());
    assert!(!format!("{:?}", provider.users()).contains("explorer"));

    for (name, text) in [
        ("a.json", "{}"),
        ("a.json", r#"{"users": []}"#),
        ("a.json", r#"{"users": [{"username": "x", "pasword": "typo"}]}"#),
        ("a.toml", "users = 5"),
        ("a.yaml", "users: []"),
    ] {
        let path = std::env::temp_dir().join(format!("{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        let refused = User::read_file(&path).unwrap_err();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(refused.code(), "dev_provider.users_file", "{text}");
    }
}
