//! The doors to the world: time, randomness, tasks and connections. Everything else gets them handed in.

use std::future::Future;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use countersign_jose::base64url;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// The provider's clock: the system's, moved by what a test asked for.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset: AtomicI64,
}

impl Clock {
    /// Seconds since 1970 at the provider.
    pub(crate) fn now(&self) -> i64 {
        system_seconds().saturating_add(self.offset.load(Ordering::Relaxed))
    }

    /// Moves the clock on; it never goes back by itself.
    pub(crate) fn advance(&self, by: Duration) {
        let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
        self.offset.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Sets the clock; it keeps running from there.
    pub(crate) fn set(&self, unix_seconds: i64) {
        self.offset.store(unix_seconds.saturating_sub(system_seconds()), Ordering::Relaxed);
    }
}

/// A fresh unguessable value of 192 bits, safe in URLs, cookies and forms.
pub(crate) fn random() -> String {
    let mut bytes = [0; 24];
    fill(&mut bytes);
    base64url::encode(&bytes)
}

#[expect(clippy::disallowed_methods, reason = "this is the door of randomness")]
fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system has randomness");
}

#[expect(clippy::disallowed_methods, reason = "this is the door of the clock")]
fn system_seconds() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

#[expect(clippy::disallowed_methods, reason = "this is the door of the tasks")]
pub(crate) fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(future)
}

#[expect(clippy::disallowed_methods, reason = "a slow answer is one of the misbehaviours on offer")]
pub(crate) async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// A connection to a client that wants to hear of the end of a session.
pub(crate) async fn connect(host: &str, port: u16) -> std::io::Result<TokioIo<TcpStream>> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Ok(TokioIo::new(TcpStream::connect((host, port)).await?))
}
