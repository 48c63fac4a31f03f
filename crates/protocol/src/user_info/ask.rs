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
        let signed = response.media_type().as_deref() == Some("application/jwt");
        let form = if signed && response.status.is_success() {
            Form::Signed(response.body)
        } else {
            Form::Plain(response.into_object(Endpoint::UserInfo)?)
        };
        Ok(UserInfoAnswer { subject: self.subject, form })
    }
}

/// The answer, not yet compared with whom it is about.
pub struct UserInfoAnswer {
    subject: String,
    form: Form,
}

enum Form {
    Plain(json::Object),
    Signed(Bytes),
}

impl UserInfoAnswer {
    /// Checks a signed answer's signature, issuer and audience (section 5.3.2), and in any case
    /// that `sub` is that of the ID token. A client registered for signed answers
    /// (`must_be_signed`) takes no plain one.
    ///
    /// # Errors
    /// [`UserInfoError`] names the rule that failed.
    pub fn verify(
        &self,
        keys: &KeySet,
        allowed: &Allowed,
        must_be_signed: bool,
        identity: &IssuerIdentity,
        client_id: &str,
        now: UnixTime,
    ) -> Result<Verified<UserInfo>, UserInfoError> {
        let claims = match &self.form {
            Form::Plain(_) if must_be_signed => return Err(UserInfoError::NotSigned),
            Form::Plain(claims) => claims.clone(),
            Form::Signed(token) => {
                let token = std::str::from_utf8(token).unwrap_or_default().trim();
                let payload = Jws::parse(token)?.verify(keys, allowed)?;
                let claims = payload.object().map_err(|error| {
                    UserInfoError::Answer(AnswerError::NotJson {
                        from: Endpoint::UserInfo,
                        why: error.to_string(),
                    })
                })?;
                addressed(&claims, identity, client_id)?;
                claims
            }
        };
        match claims.get("sub").and_then(Value::as_str) {
            None => Err(UserInfoError::Member { member: "sub", expected: "a string" }),
            Some(subject) if subject != self.subject => Err(UserInfoError::Subject),
            Some(_) => Ok(Verified::new(UserInfo::new(claims), now)),
        }
    }
}

impl std::fmt::Debug for UserInfoAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserInfoAnswer(…)")
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
