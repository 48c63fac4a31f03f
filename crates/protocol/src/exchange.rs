//! A question to a provider: it writes its own request and reads its own answer.

use std::fmt;

use bytes::Bytes;

use countersign_jose::json::{self, Document, Object};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use url::Url;

use crate::error::{self, Code, ProviderSays};
use crate::value::endpoint::Endpoint;
use crate::value::secret::Secret;

/// A question to a provider.
///
/// [`answer`](Exchange::answer) consumes the question: what was asked is at hand when the reply is
/// judged, and a reply can't be judged against another question.
pub trait Exchange {
    /// What a good reply is turned into.
    type Answer;
    /// What else may come of it.
    type Error;

    /// The request to send.
    fn request(&self) -> Request;

    /// Judges the reply.
    ///
    /// # Errors
    /// Whatever is wrong with the reply.
    fn answer(self, response: Response) -> Result<Self::Answer, Self::Error>;
}

/// A request on its way to a provider. `Debug` shows method and address only.
#[derive(Clone)]
pub struct Request {
    endpoint: Endpoint,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
}

impl Request {
    /// `GET`, asking for JSON.
    #[must_use]
    pub fn get(endpoint: Endpoint, url: Url) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        Self { endpoint, method: Method::GET, url, headers, body: Bytes::new() }
    }

    /// `POST` of a form, asking for JSON.
    #[must_use]
    pub fn post_form(endpoint: Endpoint, url: Url, form: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        Self::post(endpoint, url, FORM, body.into())
    }

    /// `POST` of a JSON object, asking for JSON.
    #[must_use]
    pub fn post_json(endpoint: Endpoint, url: Url, object: &Object) -> Self {
        let body = serde_json::Value::Object(object.clone()).to_string();
        Self::post(endpoint, url, "application/json", body.into())
    }

    /// The same question by POST, with an empty form.
    #[must_use]
    pub fn by_post(mut self) -> Self {
        self.method = Method::POST;
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(FORM));
        self
    }

    fn post(endpoint: Endpoint, url: Url, content_type: &'static str, body: Bytes) -> Self {
        let mut request = Self::get(endpoint, url);
        request.method = Method::POST;
        request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        request.body = body;
        request
    }

    /// Any request, for a question of the application's own.
    #[must_use]
    pub fn other(method: Method, url: Url, headers: HeaderMap, body: Bytes) -> Self {
        let mut request = Self::get(Endpoint::Resource, url);
        request.headers.extend(headers);
        Self { method, body, ..request }
    }

    /// Adds `Authorization`, marked as sensitive. A value that no header can hold adds nothing.
    #[must_use]
    pub fn authorization(mut self, scheme: &str, credentials: &Secret) -> Self {
        let text = format!("{scheme} {}", credentials.expose());
        if let Ok(mut value) = HeaderValue::from_str(&text) {
            value.set_sensitive(true);
            self.headers.insert(header::AUTHORIZATION, value);
        }
        self
    }

    /// Asks for another media type.
    #[must_use]
    pub fn accept(mut self, media_type: &'static str) -> Self {
        self.headers.insert(header::ACCEPT, HeaderValue::from_static(media_type));
        self
    }

    /// Sends the same to another address.
    #[must_use]
    pub fn to(mut self, url: Url) -> Self {
        self.url = url;
        self
    }

    /// The place at the provider that is asked.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body: may hold secrets.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.url.clone();
        shown.set_query(None);
        write!(f, "{} {}", self.method, shown)
    }
}

/// What came back. `Debug` shows status and length only.
#[derive(Clone)]
#[expect(clippy::exhaustive_structs, reason = "every transport writes one")]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Response {
    /// The JSON object of a successful answer.
    ///
    /// # Errors
    /// [`AnswerError`] for another status than 2xx, a redirect, a compressed body, another media
    /// type or JSON that is not one clean object.
    pub fn into_object(self, from: Endpoint) -> Result<Object, AnswerError> {
        if !self.status.is_success() {
            return Err(self.into_refusal(from));
        }
        self.object(from)
    }

    /// The same, to be looked at rather than taken apart.
    ///
    /// # Errors
    /// As [`into_object`](Self::into_object).
    pub fn into_document(self, from: Endpoint) -> Result<Document, AnswerError> {
        if !self.status.is_success() {
            return Err(self.into_refusal(from));
        }
        self.must_be_json(from)?;
        Document::parse(self.body)
            .map_err(|error| AnswerError::NotJson { from, why: error.to_string() })
    }

    /// What an answer with an error status says.
    #[must_use]
    pub fn into_refusal(self, from: Endpoint) -> AnswerError {
        let status = self.status;
        if status.is_redirection() {
            let to = self.headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
            let to =
                to.map(|to| to.split(['?', '#']).next().unwrap_or(to).chars().take(200).collect());
            return AnswerError::Redirect { from, status, to };
        }
        let says = self.object(from).ok().and_then(|answer| ProviderSays::from_json(&answer));
        match says {
            Some(says) => AnswerError::Refused { from, status, says },
            None => AnswerError::Status { from, status },
        }
    }

    fn object(&self, from: Endpoint) -> Result<Object, AnswerError> {
        self.must_be_json(from)?;
        json::object(&self.body)
            .map_err(|error| AnswerError::NotJson { from, why: error.to_string() })
    }

    fn must_be_json(&self, from: Endpoint) -> Result<(), AnswerError> {
        self.plain(from)?;
        let content_type = self.media_type();
        let is_json = |media: &str| media == "application/json" || media.ends_with("+json");
        match content_type.as_deref() {
            // Some providers forget the media type; the JSON itself is then the judge.
            None => Ok(()),
            Some(media) if is_json(media) => Ok(()),
            Some(media) => Err(AnswerError::NotJson { from, why: format!("it is {media}") }),
        }
    }

    /// Nothing was asked to be compressed, so nothing is decompressed.
    fn plain(&self, from: Endpoint) -> Result<(), AnswerError> {
        match self.headers.get(header::CONTENT_ENCODING) {
            None => Ok(()),
            Some(encoding) if encoding.as_bytes().eq_ignore_ascii_case(b"identity") => Ok(()),
            Some(_) => Err(AnswerError::Encoding { from }),
        }
    }

    /// The media type without parameters, in lower case, cut to 100 characters.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let value = self.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let media = value.split(';').next()?.trim();
        Some(media.to_ascii_lowercase().chars().take(100).collect())
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} bytes", self.status, self.body.len())
    }
}

/// What is wrong with an answer before its content is looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// A redirect.
    #[error("the {from} answered {status}, a redirect{}; redirects are not followed", to_whom(.to.as_deref()))]
    Redirect {
        /// Who answered.
        from: Endpoint,
        /// With which status.
        status: StatusCode,
        /// Where it points, without the query.
        to: Option<String>,
    },
    /// An error in the provider's words.
    #[error("the {from} answered {status}: {says}")]
    Refused {
        /// Who answered.
        from: Endpoint,
        /// With which status.
        status: StatusCode,
        /// Its words.
        says: ProviderSays,
    },
    /// An error without words.
    #[error("the {from} answered {status}; expected 200 with a JSON object")]
    Status {
        /// Who answered.
        from: Endpoint,
        /// With which status.
        status: StatusCode,
    },
    /// Something else than one JSON object.
    #[error("the {from} answered something else than a JSON object: {why}")]
    NotJson {
        /// Who answered.
        from: Endpoint,
        /// What is wrong.
        why: String,
    },
    /// A compressed body.
    #[error("the {from} answered with a Content-Encoding that was not asked for")]
    Encoding {
        /// Who answered.
        from: Endpoint,
    },
    /// A member that is absent or has a wrong form.
    #[error("the {from} answered without a good \"{member}\": expected {expected}")]
    Member {
        /// Who answered.
        from: Endpoint,
        /// The name of the member.
        member: &'static str,
        /// Its right form.
        expected: &'static str,
    },
}

impl AnswerError {
    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self {
            Self::Redirect { .. } => &error::PROVIDER_REDIRECT,
            Self::Refused { .. } => &error::PROVIDER_REFUSED,
            Self::Status { .. } => &error::PROVIDER_STATUS,
            Self::NotJson { .. } => &error::PROVIDER_NOT_JSON,
            Self::Encoding { .. } => &error::PROVIDER_ENCODING,
            Self::Member { .. } => &error::PROVIDER_MEMBER,
        }
    }

    /// The provider's own words, if it had any.
    #[must_use]
    pub fn says(&self) -> Option<&ProviderSays> {
        match self {
            Self::Refused { says, .. } => Some(says),
            _ => None,
        }
    }

    /// Whether the provider is at the end of its strength (5xx, 429) rather than of another mind.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Refused { status, .. } | Self::Status { status, .. } => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
            _ => false,
        }
    }
}

fn to_whom(to: Option<&str>) -> String {
    to.map(|to| format!(" to {to}")).unwrap_or_default()
}

/// Some providers refuse requests that don't say who asks.
const FORM: &str = "application/x-www-form-urlencoded";
const USER_AGENT: &str = concat!("countersign/", env!("CARGO_PKG_VERSION"));
