//! The provider's clock, read from the dates of its answers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use axum::http::HeaderMap;
use axum::http::header::{AGE, DATE, HeaderName};
use countersign::outside::{BoxFuture, Clock, Failure, Limits, SystemClock, Transport};
use countersign::protocol::{Request, Response};
use countersign_transport::HyperTransport;

/// The way to the provider, which keeps the smallest difference between both clocks.
#[derive(Clone)]
pub(super) struct Watching {
    inner: HyperTransport,
    /// Seconds that the provider is ahead.
    ahead: Arc<Mutex<Option<i64>>>,
}

impl Watching {
    pub(super) fn new(inner: HyperTransport) -> Self {
        Self { inner, ahead: Arc::default() }
    }

    /// Seconds that the provider's clock is ahead of this machine's, as far as its answers say.
    pub(super) fn ahead(&self) -> Option<i64> {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, headers: &HeaderMap) {
        let Some(date) = date_of(headers) else { return };
        let now = SystemClock.now().as_secs();
        let ahead = date.saturating_sub(now);
        let mut kept = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        // A slow answer makes a difference larger, never smaller.
        if kept.is_none_or(|kept| ahead.unsigned_abs() < kept.unsigned_abs()) {
            *kept = Some(ahead);
        }
    }
}

impl Transport for Watching {
    fn send(&self, request: Request, limits: Limits) -> BoxFuture<'_, Result<Response, Failure>> {
        Box::pin(async move {
            let response = self.inner.send(request, limits).await?;
            self.read(&response.headers);
            Ok(response)
        })
    }
}

/// When the answer was written, as its origin says; a cache tells how long it kept it (RFC 9111
/// section 5.1).
fn date_of(headers: &HeaderMap) -> Option<i64> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok();
    let date = httpdate::parse_http_date(text(DATE)?).ok()?;
    let written = date.duration_since(UNIX_EPOCH).ok()?;
    let kept = text(AGE).and_then(|age| age.trim().parse().ok()).unwrap_or(0);
    i64::try_from((written + Duration::from_secs(kept.min(YEAR))).as_secs()).ok()
}

const YEAR: u64 = 366 * 86_400;
