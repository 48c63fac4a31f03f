//! OpenID Connect login for axum applications.
//!
//! A layer, routes and an extractor:
//!
//! ```no_run
#![doc = include_str!("../../../examples/axum-login.rs")]
//! ```
//!
//! | Item | What it does |
//! | --- | --- |
//! | [`Countersign::routes`] | login, callback, logout, logged-out and back-channel logout as routes |
//! | [`Countersign::layer`] | lets handlers ask who is here; sets renewed cookies |
//! | [`Countersign::guard`] | the same, and nobody passes who isn't logged in |
//! | [`Principal`], [`Session`], [`Claims`] | what handlers ask for |
//! | [`Api`], [`Token`] | access tokens instead of sessions |
//!
//! This crate only translates between axum and [`countersign_web`], which decides.

mod api;
mod extract;
mod layer;
mod rejection;
mod routes;
mod slot;

pub use api::{Api, ApiLayer, ApiService, ClientCertificate, Token, Waiting};
pub use countersign_web as web;
pub use extract::{Claims, Principal, Session};
pub use layer::{CountersignLayer, CountersignService};
pub use rejection::Rejection;

use axum::Router;
use countersign_web::Site;

/// A site as axum sees it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Countersign(Site);

impl Countersign {
    /// Wraps a site.
    #[must_use]
    pub const fn new(site: Site) -> Self {
        Self(site)
    }

    /// The site itself.
    #[must_use]
    pub const fn site(&self) -> &Site {
        &self.0
    }

    /// The routes of login, callback, logout, logged-out and back-channel logout, to be merged into the application's
    /// outermost router. They need no layer.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        routes::routes(&self.0)
    }

    /// A layer for all routes whose handlers use the extractors of this crate.
    #[must_use]
    pub fn layer(&self) -> CountersignLayer {
        CountersignLayer::lazy(self.0.clone())
    }

    /// A layer for routes that all need a login, whether or not their handlers ask for it.
    #[must_use]
    pub fn guard(&self) -> CountersignLayer {
        CountersignLayer::guard(self.0.clone())
    }
}
