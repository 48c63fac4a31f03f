//! Asking for the key set (`jwks_uri`, RFC 7517).

use std::time::Duration;

use countersign_jose::KeySet;
use http::{HeaderMap, header};
use url::Url;

use crate::error::{self, Code};
use crate::exchange::{AnswerError, Exchange, Request, Response};
use crate::value::endpoint::Endpoint;

/// The question for a provider's keys.
#[derive(Debug)]
pub struct FetchKeys {
    url: Url,
}

impl FetchKeys {
    /// Asks at `url`.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self { url }
    }
}

/// A key set as it was fetched.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FetchedKeys {
    /// The usable keys.
    pub keys: KeySet,
    /// `max-age` of the answer, if it had one.
    pub max_age: Option<Duration>,
}

impl Exchange for FetchKeys {
    type Answer = FetchedKeys;
    type Error = KeysError;

    fn request(&self) -> Request {
        Request::get(Endpoint::Keys, self.url.clone())
    }

    fn answer(self, response: Response) -> Result<FetchedKeys, KeysError> {
        let max_age = max_age(&response.headers);
        let set = response.into_object(Endpoint::Keys)?;
        let keys =
            KeySet::from_object(&set).map_err(|error| KeysError::Set { why: error.to_string() })?;
        Ok(FetchedKeys { keys, max_age })
    }
}

/// What is wrong with a key set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// The answer is none.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// Not a key set.
    #[error("the jwks_uri answered something else than a key set: {why}")]
    Set {
        /// What is wrong.
        why: String,
    },
}

impl KeysError {
    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self {
            Self::Answer(answer) => answer.entry(),
            Self::Set { .. } => &error::KEYS_UNREADABLE,
        }
    }
}

fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let lines = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok());
    let directives = lines.flat_map(|line| line.split(','));
    let (_, seconds) = directives
        .filter_map(|directive| directive.trim().split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case("max-age"))?;
    seconds.trim_matches('"').parse().ok().map(Duration::from_secs)
}
