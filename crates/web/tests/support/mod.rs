//! A provider out of a script, a clock set by hand, and browsers with a cookie jar.
//! Also used by the tests of the axum face.
#![allow(dead_code, clippy::allow_attributes, unreachable_pub, missing_debug_implementations)]

pub mod api;
pub mod browser;
pub mod provider;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use countersign::outside::{Clock, Entropy, EntropyError, Outside};
use countersign::{Client, Provider, RelyingParty, Secret, UnixTime};
use countersign_web::{KeyRing, PublicAddress, Site, SiteBuilder};

#[allow(unused_imports)]
pub use browser::{Answer, Browser, Wish};
pub use provider::Scripted;

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub struct HandClock(Arc<AtomicI64>);

impl HandClock {
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_800_000_000_000)))
    }

    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Never the same bytes twice, always the same ones in each run.
pub struct Seeded(AtomicU64);

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for Seeded {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        for byte in buffer {
            // splitmix64
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (z >> 24) as u8;
        }
        Ok(())
    }
}

/// A site with its provider and its time.
#[derive(Clone)]
pub struct World {
    pub site: Site,
    pub provider: Scripted,
    pub clock: HandClock,
}

pub const SECRET: &str = "first-secret-of-32-characters-or-more";
pub const HTTPS: &str = "https://app.example";
pub const LOOPBACK: &str = "http://127.0.0.1:3000";

impl World {
    pub fn new() -> Self {
        Self::with(|site| site)
    }

    pub fn with(settings: impl FnOnce(SiteBuilder) -> SiteBuilder) -> Self {
        Self::at(HTTPS, settings)
    }

    pub fn at(address: &str, settings: impl FnOnce(SiteBuilder) -> SiteBuilder) -> Self {
        Self::of(PublicAddress::new(address).unwrap(), SECRET, settings)
    }

    pub fn of(
        address: PublicAddress,
        secrets: &str,
        settings: impl FnOnce(SiteBuilder) -> SiteBuilder,
    ) -> Self {
        let clock = HandClock::new();
        let provider = Scripted::new(clock.clone());
        let site = site(&provider, &clock, address, secrets, 1, settings);
        Self { site, provider, clock }
    }

    /// The same provider and time, another process with these secrets.
    pub fn restarted(&self, secrets: &str) -> Self {
        let address = self.site.address().clone();
        let site = site(&self.provider, &self.clock, address, secrets, 2, |site| site);
        Self { site, ..self.clone() }
    }

    /// The same provider, time and secrets, another process with settings.
    pub fn beside(&self, settings: impl FnOnce(SiteBuilder) -> SiteBuilder) -> Self {
        let address = self.site.address().clone();
        let site = site(&self.provider, &self.clock, address, SECRET, 3, settings);
        Self { site, ..self.clone() }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self)
    }

    /// A browser that has logged in.
    pub fn logged_in(&self) -> Browser {
        let mut browser = self.browser();
        let end = browser.log_in("/profile");
        assert_eq!(end.status, 200, "logged in: {}", end.text());
        browser
    }

    pub fn seconds(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

fn site(
    provider: &Scripted,
    clock: &HandClock,
    address: PublicAddress,
    secrets: &str,
    seed: u64,
    settings: impl FnOnce(SiteBuilder) -> SiteBuilder,
) -> Site {
    let outside =
        Outside::new(provider.clone()).clock(clock.clone()).entropy(Seeded::new(seed << 32));
    let client = Client::with_secret("web", Secret::from("client secret of the tests"));
    let issuer = countersign::Issuer::parse(provider::ISSUER).unwrap();
    let redirect_uri = address.url("/auth/callback");
    let relying_party = RelyingParty::builder(Provider::discover(issuer), client, redirect_uri)
        .build(outside)
        .unwrap();
    let key_ring = KeyRing::parse(secrets).unwrap();
    settings(Site::builder(relying_party, address, key_ring)).build().unwrap()
}

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
