//! Asking for the metadata (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3).

use url::Url;

use super::metadata::{Metadata, Purpose};
use crate::error::{self, Code};
use crate::exchange::{AnswerError, Exchange, Request, Response};
use crate::value::endpoint::Endpoint;
use crate::value::issuer::{IssuerError, IssuerIdentity, difference};

/// The question for a provider's metadata.
#[derive(Debug)]
pub struct Fetch {
    identity: IssuerIdentity,
    url: Url,
    plain_http: bool,
    purpose: Purpose,
}

impl Fetch {
    /// Asks at `url` for the metadata of `identity`. With `plain_http` the endpoints may be plain
    /// http anywhere; otherwise only on loopback hosts.
    #[must_use]
    pub fn new(identity: IssuerIdentity, url: Url, plain_http: bool) -> Self {
        Self { identity, url, plain_http, purpose: Purpose::Login }
    }

    /// For an API, which logs nobody in: the endpoints of a login may be absent.
    #[must_use]
    pub fn for_api(mut self) -> Self {
        self.purpose = Purpose::Api;
        self
    }
}

impl Exchange for Fetch {
    type Answer = Metadata;
    type Error = DiscoveryError;

    fn request(&self) -> Request {
        Request::get(Endpoint::Discovery, self.url.clone())
    }

    fn answer(self, response: Response) -> Result<Metadata, DiscoveryError> {
        let document = response.into_object(Endpoint::Discovery)?;
        Metadata::read(document, &self.identity, self.purpose, self.plain_http)
    }
}

/// What is wrong with a provider's metadata.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiscoveryError {
    /// The answer is none.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// A written document that is not one JSON object.
    #[error("the provider's metadata is not one JSON object: {why}")]
    Unreadable {
        /// What is wrong.
        why: String,
    },
    /// Metadata of somebody else (section 4.3).
    #[error(
        "the provider calls itself by another name: {}; set the issuer exactly as it does",
        difference(.expected, .got)
    )]
    Issuer {
        /// The issuer that was asked for.
        expected: String,
        /// The issuer that the document names.
        got: String,
    },
    /// The issuer can't be one.
    #[error(transparent)]
    Name(#[from] IssuerError),
    /// A member that is missing.
    #[error("the provider's metadata lacks \"{member}\"")]
    Missing {
        /// Its name.
        member: &'static str,
    },
    /// An endpoint that is needed and not announced.
    #[error("the provider's metadata announces no {endpoint}")]
    NotOffered {
        /// Which.
        endpoint: Endpoint,
    },
    /// A member of a wrong form.
    #[error("\"{member}\" in the provider's metadata should be {expected}")]
    Member {
        /// Its name.
        member: &'static str,
        /// Its right form.
        expected: &'static str,
    },
}

impl DiscoveryError {
    pub(super) fn missing(member: &'static str) -> Self {
        Self::Missing { member }
    }

    pub(super) fn member(member: &'static str, expected: &'static str) -> Self {
        Self::Member { member, expected }
    }

    /// Whether the provider knows nothing at the address that was asked, so that its metadata may
    /// stand at another: a plain "not found" or "forbidden", but not "come later".
    #[must_use]
    pub fn is_not_there(&self) -> bool {
        match self {
            Self::Answer(answer) => match answer {
                AnswerError::Refused { status, .. } | AnswerError::Status { status, .. } => {
                    status.is_client_error() && !answer.may_pass()
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self {
            Self::Answer(answer) => answer.entry(),
            Self::Issuer { .. } => &error::DISCOVERY_ISSUER,
            Self::Name(name) => name.entry(),
            Self::NotOffered { .. } => &error::SETUP_ENDPOINT,
            Self::Unreadable { .. } | Self::Missing { .. } | Self::Member { .. } => {
                &error::DISCOVERY_MEMBER
            }
        }
    }
}
