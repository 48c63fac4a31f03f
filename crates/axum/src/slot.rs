//! What a request carries from the layer to the extractors.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, OriginalUri};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Uri};
use countersign_web::{Decision, Reply, Site, Visit, WebRequest};
use tokio::sync::Mutex;

/// The site, and the visit once somebody has asked for it. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    site: Site,
    uri: Uri,
    peer: Option<IpAddr>,
    visit: Arc<Mutex<Option<Visit>>>,
}

impl Slot {
    pub(crate) fn new(site: Site, parts: &Parts) -> Self {
        Self { site, uri: uri(parts), peer: peer(parts), visit: Arc::default() }
    }

    /// Runs the guard unless somebody is known to be here.
    pub(crate) async fn require(&self, parts: &Parts) -> Result<(), Box<Reply>> {
        let mut visit = self.visit.lock().await;
        if visit.as_ref().is_some_and(|visit| visit.session().is_some()) {
            return Ok(());
        }
        match self.site.guard(&self.request(parts)).await {
            Decision::Pass(passed) => {
                *visit = Some(*passed);
                Ok(())
            }
            Decision::Answer(reply) => Err(Box::new(reply)),
        }
    }

    /// The session of whoever is here, after [`Slot::require`] or without it.
    pub(crate) async fn session(&self, parts: &Parts) -> Option<countersign::Session> {
        let mut visit = self.visit.lock().await;
        if visit.is_none() {
            *visit = Some(self.site.visit(&self.request(parts)).await);
        }
        visit.as_ref().and_then(|visit| visit.session().cloned())
    }

    /// As [`Slot::session`], but a session that can't be used now is told apart from none.
    pub(crate) async fn usable_session(
        &self,
        parts: &Parts,
    ) -> Result<Option<countersign::Session>, Reply> {
        let session = self.session(parts).await;
        match self.visit.lock().await.as_ref().and_then(Visit::trouble) {
            Some(trouble) => Err(trouble.clone()),
            None => Ok(session),
        }
    }

    /// Adds to an answer what the visit wants added, if anybody has asked for it.
    pub(crate) async fn apply(&self, headers: &mut HeaderMap) {
        if let Some(visit) = self.visit.lock().await.take() {
            visit.apply(headers);
        }
    }

    pub(crate) fn forbid(&self, parts: &Parts, detail: &str) -> Reply {
        self.site.forbid(&self.request(parts), detail)
    }

    fn request<'a>(&'a self, parts: &'a Parts) -> WebRequest<'a> {
        WebRequest::new(&parts.method, &self.uri, &parts.headers).peer(self.peer)
    }
}

/// The address as it was requested, whatever a nested router has taken off it.
pub(crate) fn uri(parts: &Parts) -> Uri {
    parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |uri| uri.0.clone())
}

/// The peer, if the server was made with `into_make_service_with_connect_info`.
pub(crate) fn peer(parts: &Parts) -> Option<IpAddr> {
    peer_of(&parts.extensions)
}

pub(crate) fn peer_of(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())
}
