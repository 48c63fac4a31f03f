//! The answer: who we are to the provider from now on (section 3.2).

use std::fmt;
use std::sync::Arc;

use countersign_jose::json::Object;
use countersign_jose::{Algorithm, SigningKey};
use http::StatusCode;
use serde_json::Value;

use crate::error::{self, Code, ProviderSays};
use crate::exchange::{AnswerError, Response};
use crate::value::client::{Client, ClientAuthMethod, ClientAuthentication};
use crate::value::endpoint::Endpoint;
use crate::value::secret::Secret;
use crate::value::time::UnixTime;

/// A client as the provider registered it. `Debug` shows no secret.
#[derive(Clone)]
pub struct Registration {
    client: Client,
    secret_expires_at: Option<UnixTime>,
    all: Object,
}

impl Registration {
    pub(super) fn read(
        response: Response,
        asked: &Object,
        key: Option<Arc<SigningKey>>,
        sent_token: bool,
    ) -> Result<Self, RegistrationError> {
        let unauthorized =
            matches!(response.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        if unauthorized && !sent_token {
            return Err(RegistrationError::TokenNeeded);
        }
        let all = match response.into_object(Endpoint::Registration) {
            Ok(all) => all,
            Err(error) if error.may_pass() => return Err(error.into()),
            Err(AnswerError::Refused { says, .. }) => {
                return Err(RegistrationError::Refused { says });
            }
            Err(other) => return Err(other.into()),
        };
        Self::from_members(all, asked, key)
    }

    fn from_members(
        all: Object,
        asked: &Object,
        key: Option<Arc<SigningKey>>,
    ) -> Result<Self, RegistrationError> {
        let text = |name: &'static str| match all.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(RegistrationError::Member { member: name, expected: "a string" }),
        };
        let id =
            text("client_id")?.filter(|id| !id.is_empty()).ok_or(RegistrationError::Member {
                member: "client_id",
                expected: "a non-empty string",
            })?;
        let secret = text("client_secret")?.map(Secret::from);
        // What the answer leaves out was accepted as asked (RFC 7591 section 3.2.1).
        let asked = |name: &str| asked.get(name).and_then(Value::as_str);
        let method = text("token_endpoint_auth_method")?
            .or(asked("token_endpoint_auth_method"))
            .unwrap_or("client_secret_basic");
        let alg = text("id_token_signed_response_alg")?.or(asked("id_token_signed_response_alg"));
        let authentication = authentication(method, secret.clone(), key)?;
        let mut client = Client::new(id, authentication);
        if let Some(secret) = secret {
            client = client.signing_secret(secret);
        }
        // RS256 is what a registration says when nobody chose (section 2); it is no decision.
        if let Some(alg) =
            alg.filter(|alg| asked("id_token_signed_response_alg").is_some() || *alg != "RS256")
        {
            let alg = alg.parse::<Algorithm>().map_err(|_| RegistrationError::Member {
                member: "id_token_signed_response_alg",
                expected: "a signature algorithm that is known here",
            })?;
            client = client.id_token_alg(alg);
        }
        let secret_expires_at = all
            .get("client_secret_expires_at")
            .and_then(UnixTime::from_json)
            .filter(|at| at.as_secs() > 0);
        Ok(Self { client, secret_expires_at, all })
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// When its secret ends; `None` when it does not.
    #[must_use]
    pub fn secret_expires_at(&self) -> Option<UnixTime> {
        self.secret_expires_at
    }

    /// The whole answer, secrets included.
    #[must_use]
    pub fn all(&self) -> &Object {
        &self.all
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("client", &self.client)
            .field("secret_expires_at", &self.secret_expires_at)
            .finish_non_exhaustive()
    }
}

fn authentication(
    method: &str,
    secret: Option<Secret>,
    key: Option<Arc<SigningKey>>,
) -> Result<ClientAuthentication, RegistrationError> {
    let needs_secret = RegistrationError::Member { member: "client_secret", expected: "a string" };
    let method = method.parse().map_err(|_| RegistrationError::Member {
        member: "token_endpoint_auth_method",
        expected: "one of the five methods of OpenID Connect Core 1.0 section 9",
    })?;
    Ok(match method {
        ClientAuthMethod::None => ClientAuthentication::None,
        ClientAuthMethod::ClientSecretBasic => {
            ClientAuthentication::SecretBasic(secret.ok_or(needs_secret)?)
        }
        ClientAuthMethod::ClientSecretPost => {
            ClientAuthentication::SecretPost(secret.ok_or(needs_secret)?)
        }
        ClientAuthMethod::ClientSecretJwt => {
            ClientAuthentication::SecretJwt(secret.ok_or(needs_secret)?, Algorithm::Hs256)
        }
        ClientAuthMethod::PrivateKeyJwt => {
            ClientAuthentication::PrivateKeyJwt(key.ok_or(RegistrationError::NoKey)?)
        }
    })
}

/// What may come of a registration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationError {
    /// The provider announces no registration endpoint.
    #[error(
        "the provider announces no registration_endpoint; register the client by hand and set its \
         client_id"
    )]
    NotOffered,
    /// It wants an initial access token.
    #[error("the provider registers clients only with an initial access token, and none is set")]
    TokenNeeded,
    /// The method is `private_key_jwt` and there is no key.
    #[error("the provider wants private_key_jwt, and no client key is set")]
    NoKey,
    /// It refused in its own words.
    #[error("the provider refused to register the client: {says}")]
    Refused {
        /// Its words.
        says: ProviderSays,
    },
    /// A member of the answer that is absent or wrong.
    #[error("the answer to the registration should have \"{member}\" as {expected}")]
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

impl RegistrationError {
    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        match self {
            Self::NotOffered => &error::SETUP_ENDPOINT,
            Self::TokenNeeded => &error::REGISTRATION_TOKEN,
            Self::NoKey => &error::SETUP_CLIENT_AUTH,
            Self::Refused { .. } => &error::REGISTRATION_REFUSED,
            Self::Member { .. } => &error::REGISTRATION_MEMBER,
            Self::Answer(answer) => answer.entry(),
        }
    }

    /// The provider's own words, if it had any.
    #[must_use]
    pub fn says(&self) -> Option<&ProviderSays> {
        match self {
            Self::Refused { says } => Some(says),
            Self::Answer(answer) => answer.says(),
            _ => None,
        }
    }
}
