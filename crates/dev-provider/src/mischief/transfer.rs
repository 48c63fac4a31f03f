//! Bends HTTP answers on their way out.

use std::convert::Infallible;
use std::io::Write as _;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use http::{HeaderName, StatusCode, header};

use super::{Mischief, Steps, Transfer};
use crate::Endpoint;
use crate::answer::set;
use crate::doors;

/// Applies the steps that are about this endpoint's answers.
pub(crate) async fn bend(endpoint: Endpoint, steps: &Steps, mut response: Response) -> Response {
    for step in &steps.0 {
        match step {
            Mischief::Answer { endpoint: at, status, headers, body } if *at == endpoint => {
                if let Some(status) = status.and_then(|status| StatusCode::from_u16(status).ok()) {
                    *response.status_mut() = status;
                }
                for (name, value) in headers {
                    if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
                        set(&mut response, name, value);
                    }
                }
                if let Some(body) = body {
                    *response.body_mut() = Body::from(body.clone());
                }
            }
            Mischief::Transfer { endpoint: at, how } if *at == endpoint => {
                response = deliver(*how, response).await;
            }
            _ => {}
        }
    }
    response
}

async fn deliver(how: Transfer, response: Response) -> Response {
    match how {
        Transfer::Silence => std::future::pending().await,
        Transfer::Slow(milliseconds) => {
            doors::pause(Duration::from_millis(milliseconds)).await;
            response
        }
        Transfer::Endless => {
            let (mut parts, _) = response.into_parts();
            parts.headers.remove(header::CONTENT_LENGTH);
            let chunk = Bytes::from(vec![b' '; CHUNK]);
            let endless = stream::repeat_with(move || Ok::<_, Infallible>(chunk.clone()));
            Response::from_parts(parts, Body::from_stream(endless))
        }
        Transfer::Cut => {
            let (mut parts, body) = response.into_parts();
            let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
            parts.headers.insert(header::CONTENT_LENGTH, whole.len().max(2).into());
            let half = whole.slice(..whole.len() / 2);
            let cut = stream::unfold(Some(half), |half| async move {
                match half {
                    Some(half) if !half.is_empty() => Some((Ok(half), Some(Bytes::new()))),
                    Some(_) => {
                        // Lets the first half leave before the connection breaks.
                        doors::pause(Duration::from_millis(50)).await;
                        Some((Err(std::io::Error::other("cut on purpose")), None))
                    }
                    None => None,
                }
            });
            Response::from_parts(parts, Body::from_stream(cut))
        }
        Transfer::Gzip => {
            let (parts, body) = response.into_parts();
            let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            // Writing into memory does not fail.
            let packed = encoder.write_all(&whole).and_then(|()| encoder.finish());
            let mut response = Response::from_parts(parts, Body::from(packed.unwrap_or_default()));
            response.headers_mut().remove(header::CONTENT_LENGTH);
            set(&mut response, header::CONTENT_ENCODING, "gzip");
            response
        }
    }
}

const CHUNK: usize = 16 * 1024;
