//! The routes of a site.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use countersign_web::{BODY_LIMIT, Site, WebRequest};
use futures_util::{StreamExt, stream};

use crate::rejection::Rejection;
use crate::slot::{peer, uri};

/// Login, callback, logout, logged-out and the provider's own logout. Methods are the endpoints' own business.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(site: &Site) -> Router<S> {
    site.paths().into_iter().fold(Router::new(), |router, path| {
        let site = site.clone();
        router.route(&path, any(move |request: Request| answer(site, request)))
    })
}

async fn answer(site: Site, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = if parts.method == Method::POST { read(body).await } else { Bytes::new() };
    let uri = uri(&parts);
    let request =
        WebRequest::new(&parts.method, &uri, &parts.headers).peer(peer(&parts)).body(&body);
    match site.endpoint(&request).await {
        Some(reply) => Rejection::from(reply).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Reads a form, and no more of it than shows that it is too large.
pub(crate) async fn read(body: Body) -> Bytes {
    let mut read = Vec::new();
    let mut stream = body.into_data_stream();
    while let Some(Ok(chunk)) = stream.next().await {
        read.extend_from_slice(&chunk);
        if read.len() > BODY_LIMIT {
            break;
        }
    }
    read.into()
}

/// The form of a request that a handler will read as well, and its whole body for that handler. No
/// form is read of a body that is too large or breaks off; the handler gets it as it came.
pub(crate) async fn read_ahead(body: Body) -> (Bytes, Body) {
    let mut read = Vec::new();
    let mut rest = body.into_data_stream();
    while let Some(next) = rest.next().await {
        match next {
            Ok(chunk) => read.extend_from_slice(&chunk),
            Err(error) => {
                let read = stream::iter([Ok(Bytes::from(read)), Err(error)]);
                return (Bytes::new(), Body::from_stream(read));
            }
        }
        if read.len() > BODY_LIMIT {
            let read = stream::iter([Ok(Bytes::from(read))]);
            return (Bytes::new(), Body::from_stream(read.chain(rest)));
        }
    }
    let form = Bytes::from(read);
    (form.clone(), Body::from(form))
}
