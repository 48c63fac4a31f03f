//! The application that `countersign demo` protects.

mod api;
mod call;
mod health;
mod me;
mod metrics;
mod page;
mod pages;

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use countersign::{RelyingParty, ResourceServer};
use countersign_axum::{Api, Countersign};
use countersign_dev_provider::User;
use countersign_web::{KeyRing, PublicAddress, Site, SiteBuilder};
use url::Url;

use self::metrics::Metrics;
use crate::error::CommandError;

/// The application and what its pages need to know.
#[derive(Debug)]
pub(crate) struct App {
    site: Site,
    api: Api,
    call_api: Option<Url>,
    people: Vec<User>,
    metrics: Arc<Metrics>,
}

impl App {
    pub(crate) fn new(
        relying_party: RelyingParty,
        api: ResourceServer,
        address: PublicAddress,
        key_ring: KeyRing,
        change: impl FnOnce(SiteBuilder) -> SiteBuilder,
    ) -> Result<Self, CommandError> {
        let metrics = Arc::new(Metrics::default());
        let counting = Arc::clone(&metrics);
        let api = Api::new(countersign_web::Api::new(api).address(address.clone()));
        let site = Site::builder(relying_party, address, key_ring);
        let site = change(site).watch(move |event| counting.count(event)).build()?;
        Ok(Self { site, api, call_api: None, people: Vec::new(), metrics })
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
        .merge(api::routes(&app.api))
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
    let metadata = app.api.routes();
    all.with_state(app).merge(face.routes()).merge(metadata).fallback(page::not_found)
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
