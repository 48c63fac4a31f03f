//! A token as it is handed out.

use std::time::Duration;

use countersign_protocol::token::{ExchangedToken, TokenError, TokenType, Tokens};
use countersign_protocol::{Secret, UnixTime};

/// A token for a call onward. `Debug` does not show it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccessGrant {
    /// The token.
    pub token: Secret,
    /// When it ends, if the provider said so.
    pub expires_at: Option<UnixTime>,
    /// The scope granted, which may be less than was asked for.
    pub scope: String,
    /// What kind of token it is: an access token, unless another was asked for in an exchange.
    pub kind: TokenType,
}

impl AccessGrant {
    pub(super) fn own(tokens: Tokens, now: UnixTime) -> Result<Self, TokenError> {
        let (token, kind) = (tokens.access_token, TokenType::AccessToken);
        Self { token, expires_at: tokens.expires_at, scope: tokens.scope, kind }.alive(now)
    }

    pub(super) fn exchanged(given: ExchangedToken, now: UnixTime) -> Result<Self, TokenError> {
        let (token, kind) = (given.token, given.kind);
        Self { token, expires_at: given.expires_at, scope: given.scope, kind }.alive(now)
    }

    /// A token that ended on its way is not handed out.
    fn alive(self, now: UnixTime) -> Result<Self, TokenError> {
        if self.expires_at.is_some_and(|end| end <= now) {
            let expected = "more seconds than the answer took";
            return Err(TokenError::Member { member: "expires_in", expected });
        }
        Ok(self)
    }

    /// Until when it may be kept.
    pub(super) fn until(&self, got_at: UnixTime) -> UnixTime {
        self.expires_at.unwrap_or(got_at + WITHOUT_END)
    }
}

/// When a token is to be renewed that was fetched at one moment and ends at another: while there
/// is time left, so that it does not end on its way.
pub(super) fn renew_at(got_at: UnixTime, until: UnixTime) -> UnixTime {
    until - (until.since(got_at) / 10).min(RENEW_BEFORE)
}

/// How long a token is kept of which the provider does not say when it ends.
const WITHOUT_END: Duration = Duration::from_secs(60);
const RENEW_BEFORE: Duration = Duration::from_secs(30);
