//! A provider, a clock for everybody, and the secrets that come into being.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use countersign::UnixTime;
use countersign::outside::{Clock, SystemClock};
use countersign_dev_provider::{Builder, DevProvider, Mischief, RunningProvider, Who};
use countersign_jose::Algorithm;

use super::app::{App, Settings};
use super::log;
use super::secrets::Secrets;
use super::tap::Tap;

pub(crate) struct World {
    pub(crate) provider: RunningProvider,
    pub(crate) clock: HandClock,
    pub(crate) secrets: Secrets,
    pub(crate) tap: Tap,
}

impl World {
    /// A provider with keys for RS256 and ES256.
    pub(crate) async fn new() -> Self {
        Self::with(|provider| provider).await
    }

    /// A provider that is quickly made: ES256 alone.
    pub(crate) async fn small() -> Self {
        Self::with(|provider| provider.signing_algorithms([Algorithm::Es256])).await
    }

    pub(crate) async fn with(change: impl FnOnce(Builder) -> Builder) -> Self {
        log::keep();
        let provider =
            DevProvider::builder().signing_algorithms([Algorithm::Rs256, Algorithm::Es256]);
        let provider = change(provider).start().await.unwrap();
        let secrets = Secrets::default();
        let tap = Tap::new(secrets.clone());
        Self { provider, clock: HandClock::default(), secrets, tap }
    }

    /// An application with nothing in its memory.
    pub(crate) async fn app(&self) -> App {
        App::start(self, Settings::default()).await
    }

    pub(crate) async fn app_with(&self, settings: Settings) -> App {
        App::start(self, settings).await
    }

    /// Misbehaves in these steps until it is told otherwise.
    pub(crate) fn misbehave(&self, steps: impl IntoIterator<Item = Mischief>) {
        self.provider.mischief().set(Who::All, steps);
    }

    /// Misbehaves as these cases say, all at once.
    pub(crate) fn misbehave_as(&self, cases: &[&str]) {
        let steps = cases.iter().flat_map(|case| {
            Mischief::named(case).unwrap_or_else(|| panic!("no mischief is named {case}"))
        });
        self.misbehave(steps);
    }

    pub(crate) fn behave(&self) {
        self.provider.mischief().clear();
    }

    /// Time passes for the application, the provider and the browsers.
    pub(crate) fn wait(&self, seconds: u64) {
        self.clock.advance(seconds);
        self.provider.advance_clock(Duration::from_secs(seconds));
    }
}

/// The system's clock, moved on by hand; it may be told to stand still.
#[derive(Clone, Default)]
pub(crate) struct HandClock(Arc<Hands>);

#[derive(Default)]
struct Hands {
    ahead: AtomicI64,
    /// Milliseconds since 1970; 0 while the clock runs.
    stopped_at: AtomicI64,
}

impl HandClock {
    pub(crate) fn advance(&self, seconds: u64) {
        let seconds = i64::try_from(seconds).unwrap();
        self.0.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Runs no more by itself, for promises that a slow machine must not break.
    pub(crate) fn stop(&self) {
        self.0.stopped_at.store(SystemClock.now().as_millis(), Ordering::SeqCst);
    }

    pub(crate) fn seconds(&self) -> i64 {
        self.now().as_secs()
    }
}

impl Clock for HandClock {
    fn now(&self) -> UnixTime {
        let base = match self.0.stopped_at.load(Ordering::SeqCst) {
            0 => SystemClock.now(),
            stopped_at => UnixTime::from_millis(stopped_at),
        };
        base + Duration::from_secs(self.0.ahead.load(Ordering::SeqCst).unsigned_abs())
    }
}
