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

/// The question for the profile of *this* verified identity.
#[derive(Debug)]
pub struct AskUserInfo {
    request: Request,
    subject: String,
}

impl AskUserInfo {
    /// Asks at `endpoint` with the access token that came along with the identity.
    #[must_use]
    pub fn new(endpoint: &Url, access_token: &Secret, about: &Verified<IdToken>) -> Self {
        let request = Request::get(Endpoint::UserInfo, endpoint.clone())
            .accept("application/json, application/jwt")
            .authorization("Bearer", access_token);
        Self { request, subject: about.subject().to_owned() }
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
    subject: String,
    claims: json::Object,
}

/// Claims as a JWT, not yet checked.
pub struct SignedUserInfo {
    subject: String,
    token: Bytes,
}

impl PlainUserInfo {
    /// Checks that `sub` is that of the ID token. A client registered for signed answers
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
        about(&self.subject, self.claims, now)
    }
}

impl SignedUserInfo {
    /// Checks signature, issuer and audience (section 5.3.2), and that `sub` is that of the ID
    /// token. With an unknown key it may be tried again once the keys were fetched anew.
    ///
    /// # Errors
    /// [`UserInfoError`] names the rule that failed.
    pub fn verify(
        &self,
        keys: &KeySet,
        allowed: &Allowed,
        identity: &IssuerIdentity,
        client_id: &str,
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
        about(&self.subject, claims, now)
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
    subject: &str,
    claims: json::Object,
    now: UnixTime,
) -> Result<Verified<UserInfo>, UserInfoError> {
    match claims.get("sub").and_then(Value::as_str) {
        None => Err(UserInfoError::Member { member: "sub", expected: "a string" }),
        Some(other) if other != subject => Err(UserInfoError::Subject),
        Some(_) => Ok(Verified::new(UserInfo::new(claims), now)),
    }
}

/// `iss` and `aud` are recommended in a signed answer; if they are there, they must be right.
fn addressed(
    claims: &json::Object,
    identity: &IssuerIdentity,
    client_id: &str,
) -> Result<(), UserInfoError> {
    match claims.get("iss").map(Value::as_str) {
        None => {}
        Some(Some(issuer)) if identity.accepts(issuer) => {}
        Some(_) => return Err(UserInfoError::Member { member: "iss", expected: "the issuer" }),
    }
    let ours = |one: &Value| one.as_str() == Some(client_id);
    match claims.get("aud") {
        None => Ok(()),
        Some(Value::Array(many)) if many.iter().any(ours) => Ok(()),
        Some(one) if ours(one) => Ok(()),
        Some(_) => Err(UserInfoError::Member { member: "aud", expected: "our client_id" }),
    }
}
