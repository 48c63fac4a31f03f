//! Telling clients that a session is over: by a POST behind the browser's back, and by frames in
//! the browser.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use url::Url;

use crate::doors;
use crate::form;
use crate::provider::Inner;
use crate::session::Session;
use crate::tokens;

/// Sends logout tokens to the clients of the session that registered a `backchannel_logout_uri`
/// (OpenID Connect Back-Channel Logout section 2.5). Nobody waits for their answers.
pub(crate) fn back_channel(provider: &Inner, session: &Session) {
    let subject = {
        let book = provider.book();
        book.user(&session.username).map(|user| user.subject().to_owned())
    };
    if tokio::runtime::Handle::try_current().is_err() {
        tracing::warn!("without a tokio runtime nobody is told of the end of a session");
        return;
    }
    for client_id in &session.clients {
        let uri = provider
            .book()
            .clients
            .get(client_id)
            .and_then(|client| client.metadata.backchannel_logout_uri.clone());
        let Some(uri) = uri else { continue };
        let token =
            tokens::logout_token(provider, client_id, subject.as_deref(), Some(&session.sid));
        let Some(token) = token else { continue };
        let client_id = client_id.clone();
        doors::spawn(async move {
            let body = form::encode([("logout_token", token.as_str())]);
            match tokio::time::timeout(PATIENCE, post(&uri, body)).await {
                Ok(Ok(status)) => {
                    tracing::debug!(client_id, uri, status, "told of the end of a session");
                }
                Ok(Err(error)) => tracing::warn!(client_id, uri, %error, "could not be told"),
                Err(_) => tracing::warn!(client_id, uri, "did not answer in time"),
            }
        });
    }
}

/// The addresses to load in frames (OpenID Connect Front-Channel Logout section 2).
pub(crate) fn front_channel(provider: &Inner, session: &Session) -> Vec<String> {
    let book = provider.book();
    let clients = session.clients.iter().filter_map(|id| book.clients.get(id));
    clients
        .filter_map(|client| Url::parse(client.metadata.frontchannel_logout_uri.as_deref()?).ok())
        .map(|mut url| {
            let issuer = provider.settings.issuer.as_str();
            url.query_pairs_mut().append_pair("iss", issuer).append_pair("sid", &session.sid);
            url.into()
        })
        .collect()
}

/// A POST over plain HTTP, which is all that development needs.
async fn post(uri: &str, body: String) -> Result<u16, Box<dyn std::error::Error + Send + Sync>> {
    let url = Url::parse(uri)?;
    if url.scheme() != "http" {
        return Err("the development provider can call http addresses only".into());
    }
    let host = url.host_str().ok_or("the address has no host")?;
    let authority = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let stream = doors::connect(host, url.port().unwrap_or(80)).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake::<_, http_body_util::Full<Bytes>>(stream).await?;
    let driver = doors::spawn(connection);
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let request = Request::post(path)
        .header(header::HOST, authority)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(http_body_util::Full::new(Bytes::from(body)))?;
    let status = sender.send_request(request).await?.status().as_u16();
    driver.abort();
    Ok(status)
}

const PATIENCE: Duration = Duration::from_secs(5);
