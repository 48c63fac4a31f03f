//! A server where nobody should ever arrive. It records whoever does.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub(crate) struct Trap {
    pub(crate) address: String,
    caught: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

impl Trap {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let caught = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&caught);
        let catch = Router::new().fallback(move |request: Request| async move {
            let (head, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
            seen.lock().unwrap().push(format!("{head:?} {}", String::from_utf8_lossy(&body)));
            "{}"
        });
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, catch).await.unwrap() });
        Self { address, caught, _serving: serving }
    }

    /// The requests that arrived.
    pub(crate) fn caught(&self) -> Vec<String> {
        self.caught.lock().unwrap().clone()
    }
}
