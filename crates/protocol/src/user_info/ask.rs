//! Asking for the profile of a verified identity.

use bytes::Bytes;
use countersign_jose::{Allowed, Jws, KeySet, json};
use http::StatusCode;
use serde_json::Value;
use url::Url;

use super::claims::{UserInfo, UserInfoError};
use crate::exchange::{AnswerError, Exchange, Request, Response};
use crate::id_token::IdToken;
use crate::value::endpoint::Endpoint;
use crate::value::issuer::IssuerIdentity;
use crate::value::secret::Secret;
use crate::value::time::UnixTime;
use crate::verified::Verified;

/// The question for the profile of *this* verified identity, or of whoever a token is from.
#[derive(Debug)]
pub struct AskUserInfo {
    request: Request,
    subject: Option<String>,
}

impl AskUserInfo {
    /// Asks at `endpoint` with the access token that came along with the identity.
    #[must_use]
    pub fn new(endpoint: &Url, access_token: &Secret, about: &Verified<IdToken>) -> Self {
        Self::with_token(endpoint, access_token, Some(about.subject()))
    }

    /// Asks with an access token that came to an API. `subject` is the token's own, which the
    /// profile's must then equal; a token that names none is whose the provider says it is.
    #[must_use]
    pub fn with_token(endpoint: &Url, access_token: &Secret, subject: Option<&str>) -> Self {
        let request = Request::get(Endpoint::UserInfo, endpoint.clone())
            .accept("application/json, application/jwt")
            .authorization("Bearer", access_token);
        Self { request, subject: subject.map(str::to_owned) }
    }

    /// Asks by POST with an empty body instead of GET (section 5.3.1).
    #[must_use]
    pub fn by_post(mut self) -> Self {
        self.request = self.request.by_post();
        self
    }
}

impl Exchange for AskUserInfo {
    type Answer = UserInfoAnswer;
    type Error = UserInfoError;

    fn request(&self) -> Request {
        self.request.clone()
    }

    fn answer(self, response: Response) -> Result<UserInfoAnswer, UserInfoError> {
        if matches!(response.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(UserInfoError::Refused { status: response.status });
        }
        let subject = self.subject;
        let signed = response.media_type().as_deref() == Some("application/jwt");
        if signed && response.status.is_success() {
            return Ok(UserInfoAnswer::Signed(SignedUserInfo { subject, token: response.body }));
        }
        let claims = response.into_object(Endpoint::UserInfo)?;
        Ok(UserInfoAnswer::Plain(PlainUserInfo { subject, claims }))
    }
}

/// The answer, not yet compared with whom it is about.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "section 5.3.2 knows these two")]
pub enum UserInfoAnswer {
    /// JSON.
    Plain(PlainUserInfo),
    /// A JWT.
    Signed(SignedUserInfo),
}

/// Claims as JSON: as good as the connection that they came over.
pub struct PlainUserInfo {
    subject: Option<String>,
    claims: json::Object,
}

/// Claims as a JWT, not yet checked.
pub struct SignedUserInfo {
    subject: Option<String>,
    token: Bytes,
}

impl PlainUserInfo {
    /// Checks that `sub` is that of the token. A client registered for signed answers
    /// (`must_be_signed`) takes no plain one.
    ///
    /// # Errors
    /// [`UserInfoError`] names the rule that failed.
    pub fn verify(
        self,
        must_be_signed: bool,
        now: UnixTime,
    ) -> Result<Verified<UserInfo>, UserInfoError> {
        if must_be_signed {
            return Err(UserInfoError::NotSigned);
        }
        about(self.subject.as_deref(), self.claims, now)
    }
}

impl SignedUserInfo {
    /// Checks signature, issuer and audience (section 5.3.2), and that `sub` is that of the token.
    /// Where there is no `client_id`, at an API, the audience is whoever the access token was given
    /// to, which nobody knows. With an unknown key it may be tried again once the keys were fetched anew.
    ///
    /// # Errors
    /// [`UserInfoError`] names the rule that failed.
    pub fn verify(
        &self,
        keys: &KeySet,
        allowed: &Allowed,
        identity: &IssuerIdentity,
        client_id: Option<&str>,
        now: UnixTime,
    ) -> Result<Verified<UserInfo>, UserInfoError> {
        let token = std::str::from_utf8(&self.token).unwrap_or_default().trim();
        let payload = Jws::parse(token)?.verify(keys, allowed)?;
        let claims = payload.object().map_err(|error| {
            UserInfoError::Answer(AnswerError::NotJson {
                from: Endpoint::UserInfo,
                why: error.to_string(),
            })
        })?;
        addressed(&claims, identity, client_id)?;
        about(self.subject.as_deref(), claims, now)
    }
}

impl std::fmt::Debug for PlainUserInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlainUserInfo(…)")
    }
}

impl std::fmt::Debug for SignedUserInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignedUserInfo(…)")
    }
}

/// Section 5.3.2: claims about anybody else are never used.
fn about(
    subject: Option<&str>,
    claims: json::Object,
    now: UnixTime,
) -> Result<Verified<UserInfo>, UserInfoError> {
    match claims.get("sub").and_then(Value::as_str) {
        None | Some("") => {
            Err(UserInfoError::Member { member: "sub", expected: "a string that is not empty" })
        }
        Some(other) if subject.is_some_and(|subject| subject != other) => {
            Err(UserInfoError::Subject)
        }
        Some(_) => Ok(Verified::new(UserInfo::new(claims), now)),
    }
}

/// `iss` and `aud` are recommended in a signed answer; if they are there, they must be right.
fn addressed(
    claims: &json::Object,
    identity: &IssuerIdentity,
    client_id: Option<&str>,
) -> Result<(), UserInfoError> {
    match claims.get("iss").map(Value::as_str) {
        None => {}
        Some(Some(issuer)) if identity.accepts(issuer) => {}
        Some(_) => return Err(UserInfoError::Member { member: "iss", expected: "the issuer" }),
    }
    let Some(client_id) = client_id else { return Ok(()) };
    let ours = |one: &Value| one.as_str() == Some(client_id);
    match claims.get("aud") {
        None => Ok(()),
        Some(Value::Array(many)) if many.iter().any(ours) => Ok(()),
        Some(one) if ours(one) => Ok(()),
        Some(_) => Err(UserInfoError::Member { member: "aud", expected: "our client_id" }),
    }
}
