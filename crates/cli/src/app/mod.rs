//! The application that `countersign demo` protects.

mod api;
mod health;
mod me;
mod metrics;
mod page;
mod pages;

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use countersign::RelyingParty;
use countersign_axum::Countersign;
use countersign_dev_provider::User;
use countersign_web::{KeyRing, PublicAddress, Site, SiteBuilder};
use serde_json::json;
use url::Url;

use self::metrics::Metrics;
use crate::error::CommandError;

/// The application and what its pages need to know.
#[derive(Debug)]
pub(crate) struct App {
    site: Site,
    call_api: Option<Url>,
    people: Vec<User>,
    metrics: Arc<Metrics>,
}

impl App {
    pub(crate) fn new(
        relying_party: RelyingParty,
        address: PublicAddress,
        key_ring: KeyRing,
        change: impl FnOnce(SiteBuilder) -> SiteBuilder,
    ) -> Result<Self, CommandError> {
        let metrics = Arc::new(Metrics::default());
        let counting = Arc::clone(&metrics);
        let site = Site::builder(relying_party, address, key_ring);
        let site = change(site).watch(move |event| counting.count(event)).build()?;
        Ok(Self { site, call_api: None, people: Vec::new(), metrics })
    }

    /// An API to call with the access token of whoever is logged in.
    pub(crate) fn calling(self, call_api: Option<Url>) -> Self {
        Self { call_api, ..self }
    }

    /// People to show on the start page, if our own provider has them.
    pub(crate) fn with_people(self, people: Option<Vec<User>>) -> Self {
        Self { people: people.unwrap_or_default(), ..self }
    }

    pub(crate) fn site(&self) -> &Site {
        &self.site
    }

    /// A path as people see it: with the path of the public address in front.
    fn path(&self, path: &str) -> String {
        let url = self.site.address().url(path);
        match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        }
    }
}

/// All routes, below the path of the public address too if it has one.
pub(crate) fn router(app: App) -> Router {
    let face = Countersign::new(app.site.clone());
    let prefix = app.path("/").trim_end_matches('/').to_owned();
    let app = Arc::new(app);
    let own = Router::new()
        .route("/", get(pages::home))
        .route("/profile", get(pages::profile))
        .route("/me", get(me::me))
        .layer(face.layer())
        .route("/api/{*rest}", any(not_built))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .route("/assets/style.css", get(style))
        .route("/favicon.ico", get(icon));
    let mut all = own.clone();
    if !prefix.is_empty() {
        // A nested start page has no slash at its end, and people type one.
        let slash = Router::new().route(&format!("{prefix}/"), get(pages::home));
        all = all.nest(&prefix, own).merge(slash.layer(face.layer()));
    }
    all.with_state(app).merge(face.routes()).fallback(page::not_found)
}

async fn not_built() -> Response {
    let body = json!({
        "error": "not_built",
        "message": "The routes below /api, which take bearer tokens, are not built yet.",
    });
    (StatusCode::NOT_IMPLEMENTED, axum::Json(body)).into_response()
}

async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("style.css"))
}

async fn icon() -> Response {
    asset("image/svg+xml", include_str!("icon.svg"))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "max-age=300"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text).into_response()
}
