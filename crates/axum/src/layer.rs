//! The layers: one that lets handlers ask who is here, one that asks for them.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use countersign_web::Site;
use tower_layer::Layer;
use tower_service::Service;

use crate::rejection::Rejection;
use crate::slot::Slot;

/// Lets the extractors find out who is here, and adds renewed cookies to the answer.
///
/// Nothing is read before a handler asks. Put it around all routes that use the extractors.
#[derive(Clone, Debug)]
pub struct CountersignLayer {
    site: Site,
    asks: Asks,
}

/// Whether handlers ask for the login, or the layer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    Handler,
    Layer,
}

impl CountersignLayer {
    pub(crate) const fn lazy(site: Site) -> Self {
        Self { site, asks: Asks::Handler }
    }

    pub(crate) const fn guard(site: Site) -> Self {
        Self { site, asks: Asks::Layer }
    }
}

impl<S> Layer<S> for CountersignLayer {
    type Service = CountersignService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CountersignService { layer: self.clone(), inner }
    }
}

/// A service with a [`CountersignLayer`] around it.
#[derive(Clone)]
pub struct CountersignService<S> {
    layer: CountersignLayer,
    inner: S,
}

impl<S> Service<Request> for CountersignService<S>
where
    S: Service<Request, Error = Infallible> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The clone may not be ready; the one that is goes along (as tower asks for).
        let clone = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, clone);
        let layer = self.layer.clone();
        Box::pin(async move { Ok(layer.answer(request, inner).await) })
    }
}

impl<S> fmt::Debug for CountersignService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CountersignService").field("layer", &self.layer).finish_non_exhaustive()
    }
}

impl CountersignLayer {
    async fn answer<S>(&self, request: Request, mut inner: S) -> Response
    where
        S: Service<Request, Error = Infallible>,
        S::Response: IntoResponse,
    {
        let (mut parts, body) = request.into_parts();
        // A layer further out has put one there already: one visit a request.
        let outer = parts.extensions.get::<Slot>().cloned();
        let slot = outer.clone().unwrap_or_else(|| Slot::new(self.site.clone(), &parts));
        parts.extensions.insert(slot.clone());
        if self.asks == Asks::Layer
            && let Err(reply) = slot.require(&parts).await
        {
            return Rejection::from(*reply).into_response();
        }
        let request = Request::from_parts(parts, Body::new(body));
        let mut response = match inner.call(request).await {
            Ok(response) => response.into_response(),
            Err(never) => match never {},
        };
        if outer.is_none() {
            slot.apply(response.headers_mut()).await;
        }
        response
    }
}
