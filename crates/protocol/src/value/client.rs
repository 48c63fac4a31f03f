//! Who this application is to the provider.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use countersign_jose::{Algorithm, SigningKey};
use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// A registered client: its identifier, how it authenticates, which ID tokens it expects.
///
/// ```
/// use countersign_protocol::{Client, ClientAuthMethod, Secret};
/// let client = Client::with_secret("web", Secret::from("s3cret"));
/// assert_eq!(client.authentication().method(), ClientAuthMethod::ClientSecretBasic);
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    id: String,
    authentication: ClientAuthentication,
    secret: Option<Secret>,
    id_token_alg: Option<Algorithm>,
    user_info_alg: Option<Algorithm>,
}

impl Client {
    /// A public client: no authentication, PKCE alone.
    #[must_use]
    pub fn public(id: impl Into<String>) -> Self {
        Self::new(id, ClientAuthentication::None)
    }

    /// A client with a secret, sent by `client_secret_basic`, the default of RFC 7591.
    #[must_use]
    pub fn with_secret(id: impl Into<String>, secret: Secret) -> Self {
        Self::new(id, ClientAuthentication::SecretBasic(secret))
    }

    /// A client with any authentication.
    #[must_use]
    pub fn new(id: impl Into<String>, authentication: ClientAuthentication) -> Self {
        let secret = authentication.secret().cloned();
        Self { id: id.into(), authentication, secret, id_token_alg: None, user_info_alg: None }
    }

    /// The one algorithm of ID tokens (`id_token_signed_response_alg`). Without it the asymmetric
    /// ones that the provider announces are accepted. HS256 to HS512 are accepted only here.
    #[must_use]
    pub fn id_token_alg(mut self, alg: Algorithm) -> Self {
        self.id_token_alg = Some(alg);
        self
    }

    /// The algorithm of signed UserInfo answers (`userinfo_signed_response_alg`).
    #[must_use]
    pub fn user_info_alg(mut self, alg: Algorithm) -> Self {
        self.user_info_alg = Some(alg);
        self
    }

    /// A secret for HS256 to HS512 ID tokens, when the client does not authenticate with it.
    #[must_use]
    pub fn signing_secret(mut self, secret: Secret) -> Self {
        self.secret = Some(secret);
        self
    }

    /// `client_id`
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How it authenticates.
    #[must_use]
    pub fn authentication(&self) -> &ClientAuthentication {
        &self.authentication
    }

    /// `client_secret`, if it has one.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        self.secret.as_ref()
    }

    /// The one algorithm of its ID tokens, if set.
    #[must_use]
    pub fn expected_id_token_alg(&self) -> Option<Algorithm> {
        self.id_token_alg
    }

    /// The one algorithm of its signed UserInfo answers, if set.
    #[must_use]
    pub fn expected_user_info_alg(&self) -> Option<Algorithm> {
        self.user_info_alg
    }
}

/// How a client proves itself at the token endpoint (OpenID Connect Core 1.0 section 9).
#[derive(Clone)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// Not at all.
    None,
    /// The secret in the `Authorization` header.
    SecretBasic(Secret),
    /// The secret in the form.
    SecretPost(Secret),
    /// An assertion with an HMAC made with the secret.
    SecretJwt(Secret, Algorithm),
    /// An assertion signed with a key of the client's own.
    PrivateKeyJwt(Arc<SigningKey>),
}

impl ClientAuthentication {
    /// The registered name of the method.
    #[must_use]
    pub fn method(&self) -> ClientAuthMethod {
        match self {
            Self::None => ClientAuthMethod::None,
            Self::SecretBasic(_) => ClientAuthMethod::ClientSecretBasic,
            Self::SecretPost(_) => ClientAuthMethod::ClientSecretPost,
            Self::SecretJwt(..) => ClientAuthMethod::ClientSecretJwt,
            Self::PrivateKeyJwt(_) => ClientAuthMethod::PrivateKeyJwt,
        }
    }

    fn secret(&self) -> Option<&Secret> {
        match self {
            Self::SecretBasic(secret) | Self::SecretPost(secret) | Self::SecretJwt(secret, _) => {
                Some(secret)
            }
            Self::None | Self::PrivateKeyJwt(_) => None,
        }
    }
}

impl fmt::Debug for ClientAuthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method().name())
    }
}

/// The names of the methods (OpenID Connect Core 1.0 section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClientAuthMethod {
    /// `none`
    None,
    /// `client_secret_basic`
    ClientSecretBasic,
    /// `client_secret_post`
    ClientSecretPost,
    /// `client_secret_jwt`
    ClientSecretJwt,
    /// `private_key_jwt`
    PrivateKeyJwt,
}

impl ClientAuthMethod {
    /// All of them, the preferred ones first.
    pub const ALL: [Self; 5] = [
        Self::PrivateKeyJwt,
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::None,
    ];

    /// The registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }
}

impl fmt::Display for ClientAuthMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ClientAuthMethod {
    type Err = UnknownMethod;

    fn from_str(name: &str) -> Result<Self, UnknownMethod> {
        Self::ALL.into_iter().find(|method| method.name() == name).ok_or(UnknownMethod)
    }
}

/// The name is none of the five.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected none, client_secret_basic, client_secret_post, client_secret_jwt or private_key_jwt"
)]
#[non_exhaustive]
pub struct UnknownMethod;
