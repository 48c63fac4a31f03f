//! Asking an API in a person's name (RFC 6750 section 2.1).

use http::StatusCode;
use serde_json::Value;
use url::Url;

use crate::error::{self, Code};
use crate::exchange::{Exchange, Request, Response};
use crate::value::endpoint::Endpoint;
use crate::value::issuer::is_loopback;
use crate::value::secret::Secret;

/// The question to an API: `GET` with an access token in the header, where no log sees it.
#[derive(Debug)]
pub struct AskResource {
    url: Url,
    access_token: Secret,
}

impl AskResource {
    /// Asks at `url`.
    ///
    /// # Errors
    /// [`ResourceError::Address`] for plain http beyond loopback: the token would travel in clear
    /// (RFC 6750 section 5.3).
    ///
    /// ```
    /// use countersign_protocol::Secret;
    /// use countersign_protocol::resource::AskResource;
    ///
    /// let token = Secret::from("a token");
    /// assert!(AskResource::new("https://api.example/notes".parse().unwrap(), &token).is_ok());
    /// assert!(AskResource::new("http://api.example/notes".parse().unwrap(), &token).is_err());
    /// ```
    pub fn new(url: Url, access_token: &Secret) -> Result<Self, ResourceError> {
        Self::check(&url)?;
        Ok(Self { url, access_token: access_token.clone() })
    }
}

impl AskResource {
    /// Whether an access token may go to this address: for settings that name an API.
    ///
    /// # Errors
    /// As [`AskResource::new`].
    pub fn check(url: &Url) -> Result<(), ResourceError> {
        let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url));
        if safe && url.host().is_some() {
            return Ok(());
        }
        Err(ResourceError::Address { scheme: url.scheme().to_owned() })
    }
}

impl Exchange for AskResource {
    type Answer = ResourceAnswer;
    type Error = ResourceError;

    fn request(&self) -> Request {
        Request::get(Endpoint::Resource, self.url.clone())
            .authorization("Bearer", &self.access_token)
    }

    /// Any status is an answer: what it means is between the application and its API.
    fn answer(self, response: Response) -> Result<ResourceAnswer, ResourceError> {
        let body = match response.media_type() {
            Some(media) if media == "application/json" || media.ends_with("+json") => {
                serde_json::from_slice(&response.body).ok()
            }
            _ => None,
        };
        let body = body
            .unwrap_or_else(|| Value::String(String::from_utf8_lossy(&response.body).into_owned()));
        Ok(ResourceAnswer { status: response.status, body })
    }
}

/// What an API answered. Nothing in it has been checked.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResourceAnswer {
    /// Its status.
    pub status: StatusCode,
    /// Its body: JSON as such, anything else as text.
    pub body: Value,
}

/// Why an API is not asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResourceError {
    /// The token would travel in clear.
    #[error(
        "an access token goes to https addresses only (http on a loopback host), and this one is \
         {scheme}"
    )]
    Address {
        /// The scheme that came.
        scheme: String,
    },
}

impl ResourceError {
    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        &error::SETUP_OPTION
    }
}
