//! What UserInfo says, and why it is refused.

use countersign_jose::SignatureError;
use countersign_jose::json::Object;
use http::StatusCode;

use crate::error::{self, Code, ProviderSays};
use crate::exchange::AnswerError;

/// The claims of a profile. Reachable only as [`Verified<UserInfo>`](crate::Verified).
#[derive(Clone)]
pub struct UserInfo {
    claims: Object,
}

impl UserInfo {
    pub(super) fn new(claims: Object) -> Self {
        Self { claims }
    }

    /// All claims.
    #[must_use]
    pub fn claims(&self) -> &Object {
        &self.claims
    }

    /// Gives the claims away.
    #[must_use]
    pub fn into_claims(self) -> Object {
        self.claims
    }
}

impl std::fmt::Debug for UserInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserInfo(…)")
    }
}

/// Why a profile is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UserInfoError {
    /// The access token is not good there.
    #[error("the userinfo_endpoint answered {status} to the access token")]
    Refused {
        /// With which status.
        status: StatusCode,
    },
    /// The profile of somebody else (section 5.3.2).
    #[error("the userinfo_endpoint answered about somebody else: its sub is not the token's")]
    Subject,
    /// A member that is absent or wrong.
    #[error("the UserInfo answer should have \"{member}\" as {expected}")]
    Member {
        /// Its name.
        member: &'static str,
        /// Its right form.
        expected: &'static str,
    },
    /// Plain although the client is registered for signed ones.
    #[error("the UserInfo answer is not signed although userinfo_signed_response_alg is set")]
    NotSigned,
    /// The signature of a signed answer.
    #[error("the UserInfo answer: {0}")]
    Signature(#[from] SignatureError),
    /// The answer is none.
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

impl UserInfoError {
    /// Whether fetching the keys anew might help.
    #[must_use]
    pub fn is_unknown_key(&self) -> bool {
        matches!(self, Self::Signature(signature) if signature.is_unknown_key())
    }

    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self {
            Self::Refused { .. } => &error::USER_INFO_REFUSED,
            Self::Subject => &error::USER_INFO_SUBJECT,
            Self::Member { .. } | Self::NotSigned => &error::USER_INFO_MEMBER,
            Self::Signature(signature) => error::of_signature(signature),
            Self::Answer(answer) => answer.entry(),
        }
    }

    /// The provider's own words, if it had any.
    #[must_use]
    pub fn says(&self) -> Option<&ProviderSays> {
        match self {
            Self::Answer(answer) => answer.says(),
            _ => None,
        }
    }
}
