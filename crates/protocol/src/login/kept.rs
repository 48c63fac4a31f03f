//! A login that another library began, or that is kept as the parameters of its request.

use countersign_jose::json::{self, Object};
use serde_json::Value;
use url::Url;

use super::options::LoginOptions;
use super::pending::{Expected, PendingLogin};
use crate::value::issuer::Issuer;
use crate::value::return_to::ReturnTo;
use crate::value::secret::Secret;
use crate::value::time::UnixTime;

/// What is known of a login besides the parameters of its authorization request.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "the caller kept it")]
pub struct KeptRequest<'a> {
    /// The parameters of the request, as they were sent.
    pub parameters: &'a Object,
    /// Who was asked.
    pub issuer: &'a str,
    /// The PKCE verifier, if a challenge was sent.
    pub verifier: Option<Secret>,
    /// When it was sent.
    pub started_at: UnixTime,
}

/// Why these are no parameters of a login that was begun here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the kept authorization request has no good \"{parameter}\"")]
#[non_exhaustive]
pub struct KeptRequestError {
    /// Which parameter is missing or wrong.
    pub parameter: &'static str,
}

impl KeptRequest<'_> {
    pub(crate) fn pending(self, with_nonce: bool) -> Result<PendingLogin, KeptRequestError> {
        let needed = |parameter| {
            let text = self.parameters.get(parameter).and_then(Value::as_str);
            text.filter(|text| !text.is_empty()).ok_or(KeptRequestError { parameter })
        };
        let optional = |name| self.parameters.get(name).and_then(Value::as_str).unwrap_or_default();
        let redirect_uri = KeptRequestError { parameter: "redirect_uri" };
        Issuer::parse_any_scheme(self.issuer)
            .map_err(|_| KeptRequestError { parameter: "issuer" })?;
        let mut options = LoginOptions::new().acr_values(optional("acr_values"));
        if let Some(claims) = self.claims()? {
            options = options.claims(claims);
        }
        Ok(PendingLogin {
            state: needed("state")?.to_owned(),
            issuer: self.issuer.to_owned(),
            announces_iss: false,
            client_id: needed("client_id")?.to_owned(),
            redirect_uri: Url::parse(needed("redirect_uri")?).map_err(|_| redirect_uri)?,
            scope: optional("scope").to_owned(),
            started_at: self.started_at,
            silent: optional("prompt") == "none",
            expected: Expected {
                nonce: if with_nonce { Some(needed("nonce")?.to_owned()) } else { None },
                began_at: self.started_at,
                max_age: self.max_age()?,
                essential: options.essential(),
                acr_values: options.acr_values,
                subject: None,
            },
            return_to: ReturnTo::default(),
            verifier: self.verifier,
        })
    }

    /// As an object, or as the text that was sent.
    fn claims(&self) -> Result<Option<Object>, KeptRequestError> {
        match self.parameters.get("claims") {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(claims)) => Ok(Some(claims.clone())),
            Some(Value::String(text)) => {
                let read = json::object(text.as_bytes());
                read.map(Some).map_err(|_| KeptRequestError { parameter: "claims" })
            }
            Some(_) => Err(KeptRequestError { parameter: "claims" }),
        }
    }

    /// As a number, or as the text that was sent.
    fn max_age(&self) -> Result<Option<u64>, KeptRequestError> {
        let wrong = KeptRequestError { parameter: "max_age" };
        match self.parameters.get("max_age") {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(seconds)) => seconds.as_u64().map(Some).ok_or(wrong),
            Some(Value::String(text)) => text.parse().map(Some).map_err(|_| wrong),
            Some(_) => Err(wrong),
        }
    }
}
