//! The token answer (RFC 6749 section 5.1, OpenID Connect Core 1.0 section 3.1.3.3).

use std::fmt;
use std::time::Duration;

use countersign_jose::KeySet;
use countersign_jose::json::Object;
use serde_json::Value;

use crate::error::{self, Code, ProviderSays};
use crate::exchange::{AnswerError, Response};
use crate::id_token::{IdToken, IdTokenError, IdTokenRules};
use crate::login::Expected;
use crate::value::endpoint::Endpoint;
use crate::value::secret::Secret;
use crate::value::time::UnixTime;
use crate::verified::Verified;

/// The tokens themselves. `Debug` shows none of them.
#[derive(Clone)]
#[non_exhaustive]
pub struct Tokens {
    /// `access_token`
    pub access_token: Secret,
    /// When it ends, if the provider said so (`expires_in`).
    pub expires_at: Option<UnixTime>,
    /// `refresh_token`
    pub refresh_token: Option<Secret>,
    /// The scope granted: what the answer says, or what was asked when it says nothing.
    pub scope: String,
    /// What else the answer said, `token_type` included. It is not part of a kept session.
    pub others: Object,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("expires_at", &self.expires_at)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    /// Tokens that were kept since they came.
    #[must_use]
    pub fn new(
        access_token: Secret,
        expires_at: Option<UnixTime>,
        refresh_token: Option<Secret>,
        scope: String,
    ) -> Self {
        Self { access_token, expires_at, refresh_token, scope, others: Object::new() }
    }

    /// Reads the answer; the second half is the ID token, if there is one.
    pub(super) fn read(
        response: Response,
        asked_scope: &str,
        asked_at: UnixTime,
    ) -> Result<(Self, Option<Secret>), TokenError> {
        let issued = Issued::read(response, asked_at)?;
        if !issued.is_type("Bearer")? {
            return Err(TokenError::Member { member: "token_type", expected: "\"Bearer\"" });
        }
        issued.into_tokens(asked_scope)
    }
}

/// A token answer that is no refusal, its members not yet looked at.
pub(super) struct Issued {
    answer: Object,
    asked_at: UnixTime,
}

impl Issued {
    pub(super) fn read(response: Response, asked_at: UnixTime) -> Result<Self, TokenError> {
        let answer = match response.into_object(Endpoint::Token) {
            Ok(answer) => answer,
            Err(error) if error.may_pass() => return Err(error.into()),
            Err(AnswerError::Refused { says, .. }) => {
                return Err(TokenError::Refused { says });
            }
            Err(other) => return Err(other.into()),
        };
        // Some providers answer 200 with an error inside.
        if let Some(says) = ProviderSays::from_json(&answer) {
            return Err(TokenError::Refused { says });
        }
        Ok(Self { answer, asked_at })
    }

    /// Whether `token_type` is this one; it has no case (RFC 6749 section 5.1).
    pub(super) fn is_type(&self, name: &str) -> Result<bool, TokenError> {
        Ok(self.text("token_type")?.unwrap_or_default().eq_ignore_ascii_case(name))
    }

    pub(super) fn text(&self, member: &'static str) -> Result<Option<&str>, TokenError> {
        text(&self.answer, member)
    }

    /// The tokens; the second half is the ID token, if there is one.
    pub(super) fn into_tokens(
        mut self,
        asked_scope: &str,
    ) -> Result<(Tokens, Option<Secret>), TokenError> {
        let access_token =
            self.text("access_token")?.filter(|token| !token.is_empty()).map(Secret::from).ok_or(
                TokenError::Member { member: "access_token", expected: "a non-empty string" },
            )?;
        let expires_at = lifetime(&self.answer)?.map(|lifetime| self.asked_at + lifetime);
        let refresh_token =
            self.text("refresh_token")?.filter(|token| !token.is_empty()).map(Secret::from);
        let scope = scope(&self.answer)?.unwrap_or_else(|| asked_scope.to_owned());
        let id_token = self.text("id_token")?.map(Secret::from);
        self.answer.retain(|name, _| !READ.contains(&name.as_str()));
        let tokens = Tokens { access_token, expires_at, refresh_token, scope, others: self.answer };
        Ok((tokens, id_token))
    }
}

/// The answer to *our* token request, its ID token not yet checked; nonce and the other
/// expectations of the login travel inside, so that nobody can forget them.
///
/// ```compile_fail
/// fn unchecked(received: &countersign_protocol::token::Received) {
///     let subject = received.claims();
/// }
/// ```
#[derive(Debug)]
pub struct Received {
    pub(super) id_token: Secret,
    pub(super) tokens: Tokens,
    pub(super) code: Secret,
    pub(super) expected: Expected,
}

impl Received {
    /// The signature, then every rule of OpenID Connect Core 1.0 section 3.1.3.7. With an unknown
    /// key it may be tried again once the keys were fetched anew.
    ///
    /// # Errors
    /// [`IdTokenError`] names the rule that failed.
    pub fn verify(
        &self,
        rules: &IdTokenRules<'_>,
        keys: &KeySet,
        now: UnixTime,
    ) -> Result<Verified<IdToken>, IdTokenError> {
        rules.login(
            &self.id_token,
            &self.tokens.access_token,
            &self.code,
            &self.expected,
            keys,
            now,
        )
    }

    /// The tokens, once the identity is known.
    #[must_use]
    pub fn into_tokens(self, _whose: &Verified<IdToken>) -> Tokens {
        self.tokens
    }

    /// The access token, to ask for the profile of this verified identity.
    #[must_use]
    pub fn access_token(&self, _whose: &Verified<IdToken>) -> &Secret {
        &self.tokens.access_token
    }
}

fn text<'a>(answer: &'a Object, member: &'static str) -> Result<Option<&'a str>, TokenError> {
    match answer.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(TokenError::Member { member, expected: "a string" }),
    }
}

/// A string with spaces between, or a list as some providers send it.
fn scope(answer: &Object) -> Result<Option<String>, TokenError> {
    let wrong = TokenError::Member { member: "scope", expected: "a string" };
    match answer.get("scope") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(scope)) => Ok(Some(scope.clone())),
        Some(Value::Array(scopes)) => {
            let scopes: Option<Vec<&str>> = scopes.iter().map(Value::as_str).collect();
            Ok(Some(scopes.ok_or(wrong)?.join(" ")))
        }
        Some(_) => Err(wrong),
    }
}

/// Seconds; some providers send them as a string.
fn lifetime(answer: &Object) -> Result<Option<Duration>, TokenError> {
    let wrong = TokenError::Member {
        member: "expires_in",
        expected: "a number of seconds between 0 and ten years",
    };
    let seconds = match answer.get("expires_in") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.parse().ok(),
        Some(_) => None,
    };
    match seconds {
        Some(seconds) if (0.0..=TEN_YEARS).contains(&seconds) => {
            Ok(Some(Duration::from_secs_f64(seconds)))
        }
        _ => Err(wrong),
    }
}

/// What may come of a token request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The provider refused in its own words (RFC 6749 section 5.2).
    #[error("the provider refused to exchange the code: {says}")]
    Refused {
        /// Its words.
        says: ProviderSays,
    },
    /// The provider refused to renew (`invalid_grant`): the sign-in is over.
    #[error("the provider refused to renew the sign-in: {says}")]
    RefreshRefused {
        /// Its words.
        says: ProviderSays,
    },
    /// The provider refused a token that this application asked for in its own name, or in
    /// exchange for another one.
    #[error("the provider refused to give out a token: {says}")]
    NotGranted {
        /// Its words.
        says: ProviderSays,
    },
    /// A member that is absent or wrong.
    #[error("the token answer should have \"{member}\" as {expected}")]
    Member {
        /// Its name.
        member: &'static str,
        /// Its right form.
        expected: &'static str,
    },
    /// The answer is none.
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

impl TokenError {
    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self {
            Self::Refused { .. } => &error::TOKEN_REFUSED,
            Self::RefreshRefused { .. } => &error::REFRESH_REFUSED,
            Self::NotGranted { .. } => &error::TOKEN_NOT_GRANTED,
            Self::Member { .. } => &error::TOKEN_MEMBER,
            Self::Answer(answer) => answer.entry(),
        }
    }

    /// The same without words that repeat a secret of the question.
    pub(super) fn without(self, secret: &Secret) -> Self {
        match self {
            Self::Refused { says } => Self::Refused { says: says.without(secret) },
            Self::RefreshRefused { says } => Self::RefreshRefused { says: says.without(secret) },
            Self::NotGranted { says } => Self::NotGranted { says: says.without(secret) },
            Self::Answer(AnswerError::Refused { from, status, says }) => {
                let says = says.without(secret);
                Self::Answer(AnswerError::Refused { from, status, says })
            }
            other => other,
        }
    }

    /// The same where no code was to be exchanged.
    pub(super) fn not_granted(self) -> Self {
        match self {
            Self::Refused { says } => Self::NotGranted { says },
            other => other,
        }
    }

    /// The provider's own words, if it had any.
    #[must_use]
    pub fn says(&self) -> Option<&ProviderSays> {
        match self {
            Self::Refused { says } | Self::RefreshRefused { says } | Self::NotGranted { says } => {
                Some(says)
            }
            Self::Answer(answer) => answer.says(),
            Self::Member { .. } => None,
        }
    }
}

/// The members of a token answer that have a place of their own.
const READ: [&str; 4] = ["access_token", "id_token", "refresh_token", "scope"];
const TEN_YEARS: f64 = 315_360_000.0;
