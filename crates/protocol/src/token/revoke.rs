//! Telling the provider that a token is not needed any more (RFC 7009).

use http::StatusCode;
use url::Url;

use super::client_auth::{ClientAuthError, ClientProof, authenticated};
use crate::error::{self, Code, ProviderSays};
use crate::exchange::{AnswerError, Exchange, Request, Response};
use crate::value::client::Client;
use crate::value::endpoint::Endpoint;
use crate::value::secret::Secret;

/// The question to forget a token.
#[derive(Debug)]
pub struct Revoke {
    request: Request,
    token: Secret,
    secret: Option<Secret>,
}

impl Revoke {
    /// Asks at `endpoint` in the name of `client`, to whom the token was issued. `hint` saves the
    /// provider a search.
    ///
    /// # Errors
    /// [`ClientAuthError`] when the client can't authenticate.
    pub fn new(
        token: &Secret,
        hint: Option<TokenHint>,
        endpoint: &Url,
        client: &Client,
        proof: ClientProof<'_>,
    ) -> Result<Self, ClientAuthError> {
        let mut form = vec![("token", token.expose().to_owned())];
        form.extend(hint.map(|hint| ("token_type_hint", hint.name().to_owned())));
        let request = authenticated(Endpoint::Revocation, endpoint, client, form, proof)?;
        Ok(Self { request, token: token.clone(), secret: client.secret().cloned() })
    }
}

impl Exchange for Revoke {
    type Answer = ();
    type Error = RevokeError;

    fn request(&self) -> Request {
        self.request.clone()
    }

    /// Any success is one: a token that the provider never knew is gone as well, and the body is
    /// ignored (section 2.2).
    fn answer(self, response: Response) -> Result<(), RevokeError> {
        if matches!(response.status, StatusCode::OK | StatusCode::NO_CONTENT) {
            return Ok(());
        }
        match response.into_refusal(Endpoint::Revocation) {
            AnswerError::Refused { from, status, says } => {
                let says = says.without(&self.token).without_any(self.secret.as_ref());
                let answer = AnswerError::Refused { from, status, says: says.clone() };
                match &*says.error {
                    _ if answer.may_pass() => Err(answer.into()),
                    "unsupported_token_type" => Err(RevokeError::Unsupported),
                    _ => Err(RevokeError::Refused { says }),
                }
            }
            other => Err(other.into()),
        }
    }
}

/// `token_type_hint` (section 2.1)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenHint {
    /// `access_token`
    AccessToken,
    /// `refresh_token`
    RefreshToken,
}

impl TokenHint {
    /// The registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
        }
    }
}

/// Why a token is not revoked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RevokeError {
    /// `unsupported_token_type`: such tokens end by themselves only.
    #[error("the provider does not revoke tokens of this kind (unsupported_token_type)")]
    Unsupported,
    /// The provider refused in its own words.
    #[error("the provider refused to revoke the token: {says}")]
    Refused {
        /// Its words.
        says: ProviderSays,
    },
    /// The answer is none.
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

impl RevokeError {
    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self {
            Self::Unsupported => &error::REVOCATION_UNSUPPORTED,
            Self::Refused { .. } => &error::REVOCATION_REFUSED,
            Self::Answer(answer) => answer.entry(),
        }
    }

    /// The provider's own words, if it had any.
    #[must_use]
    pub fn says(&self) -> Option<&ProviderSays> {
        match self {
            Self::Refused { says } => Some(says),
            Self::Answer(answer) => answer.says(),
            Self::Unsupported => None,
        }
    }
}
