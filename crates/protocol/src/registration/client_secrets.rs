//! The file `client_secrets.json`, in which applications keep who they are to their provider.

use countersign_jose::json::{self, Object};
use serde_json::{Value, json};

use super::Registration;
use crate::discovery::Metadata;
use crate::error::{self, Code};
use crate::value::client::{Client, ClientAuthMethod, ClientAuthentication};
use crate::value::secret::Secret;
use countersign_jose::Algorithm;

/// One client and its provider, as `oidc-register` writes them and Flask-OIDC reads them: an
/// object with the one member `web`. `Debug` shows no secret.
///
/// ```
/// use countersign_protocol::registration::ClientSecrets;
///
/// let file = br#"{"web": {
///     "issuer": "https://op.example",
///     "client_id": "web",
///     "client_secret": "s3cret",
///     "auth_uri": "https://op.example/authorize",
///     "token_uri": "https://op.example/token",
///     "redirect_uris": ["https://app.example/authorize"]
/// }}"#;
/// let secrets = ClientSecrets::parse(file).unwrap();
/// assert_eq!(secrets.issuer(), Some("https://op.example"));
/// assert_eq!(secrets.client().unwrap().id(), "web");
/// ```
#[derive(Clone)]
pub struct ClientSecrets {
    web: Object,
}

impl ClientSecrets {
    /// Reads the file. Members that are unknown here are kept.
    ///
    /// # Errors
    /// [`ClientSecretsError`] names what is missing or has a wrong form.
    pub fn parse(document: &[u8]) -> Result<Self, ClientSecretsError> {
        let mut document = json::object(document)
            .map_err(|error| ClientSecretsError::Unreadable { why: error.to_string() })?;
        let wrong = |member, expected| ClientSecretsError::Member { member, expected };
        let Some(Value::Object(web)) = document.remove("web") else {
            return Err(wrong("web", "an object"));
        };
        for (member, needed) in TEXTS {
            match web.get(member) {
                Some(Value::String(text)) if !text.is_empty() => {}
                None if !needed => {}
                _ => return Err(wrong(member, "a non-empty string")),
            }
        }
        let texts =
            |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
        if !web.get("redirect_uris").is_none_or(texts) {
            return Err(wrong("redirect_uris", "a list of strings"));
        }
        Ok(Self { web })
    }

    /// What a registration at a provider led to.
    #[must_use]
    pub fn of(registration: &Registration, provider: &Metadata) -> Self {
        let mut web = Object::new();
        let client = registration.client();
        web.insert("client_id".to_owned(), json!(client.id()));
        if let Some(secret) = client.secret() {
            web.insert("client_secret".to_owned(), json!(secret.expose()));
        }
        let addresses = [
            ("auth_uri", provider.authorization_endpoint()),
            ("token_uri", provider.token_endpoint()),
            ("token_introspection_uri", provider.introspection_endpoint()),
            ("userinfo_uri", provider.user_info_endpoint()),
        ];
        for (name, address) in addresses {
            if let Some(address) = address {
                web.insert(name.to_owned(), json!(address.as_str()));
            }
        }
        web.insert("issuer".to_owned(), json!(provider.issuer()));
        let method = client.authentication().method().name();
        web.insert("token_endpoint_auth_method".to_owned(), json!(method));
        for name in FROM_REGISTRATION {
            if let Some(value) = registration.all().get(name) {
                web.insert(name.to_owned(), value.clone());
            }
        }
        Self { web }
    }

    /// The file's text, with the secret in it.
    #[must_use]
    pub fn to_json(&self) -> String {
        format!("{:#}\n", json!({ "web": self.web }))
    }

    /// The members of `web`, with the secret among them.
    #[must_use]
    pub fn web(&self) -> &Object {
        &self.web
    }

    /// `issuer`
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.text("issuer")
    }

    /// The redirect URIs.
    pub fn redirect_uris(&self) -> impl Iterator<Item = &str> {
        let uris = self.web.get("redirect_uris").and_then(Value::as_array);
        uris.into_iter().flatten().filter_map(Value::as_str)
    }

    /// The client. Without `token_endpoint_auth_method` one with a secret posts it, as Flask-OIDC
    /// always did.
    ///
    /// # Errors
    /// [`ClientSecretsError`] when the method is unknown, needs a secret that is not there, or
    /// needs a key, which this file does not hold.
    pub fn client(&self) -> Result<Client, ClientSecretsError> {
        let wrong = |member, expected| ClientSecretsError::Member { member, expected };
        let id = self.text("client_id").ok_or(wrong("client_id", "a non-empty string"))?;
        let secret = self.text("client_secret").map(Secret::from);
        let needed = || secret.clone().ok_or(wrong("client_secret", "a non-empty string"));
        let method = match self.text("token_endpoint_auth_method") {
            Some(name) => name
                .parse()
                .map_err(|_| wrong("token_endpoint_auth_method", "a method known here"))?,
            None if secret.is_some() => ClientAuthMethod::ClientSecretPost,
            None => ClientAuthMethod::None,
        };
        let authentication = match method {
            ClientAuthMethod::None => ClientAuthentication::None,
            ClientAuthMethod::ClientSecretBasic => ClientAuthentication::SecretBasic(needed()?),
            ClientAuthMethod::ClientSecretPost => ClientAuthentication::SecretPost(needed()?),
            ClientAuthMethod::ClientSecretJwt => {
                ClientAuthentication::SecretJwt(needed()?, Algorithm::Hs256)
            }
            ClientAuthMethod::PrivateKeyJwt => {
                return Err(wrong(
                    "token_endpoint_auth_method",
                    "a method without a key, which this file can't hold",
                ));
            }
        };
        let mut client = Client::new(id, authentication);
        if let Some(secret) = secret {
            client = client.signing_secret(secret);
        }
        match self.text("id_token_signed_response_alg") {
            None => Ok(client),
            Some(alg) => alg.parse().map(|alg| client.id_token_alg(alg)).map_err(|_| {
                wrong("id_token_signed_response_alg", "a signature algorithm known here")
            }),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.web.get(name).and_then(Value::as_str)
    }
}

impl std::fmt::Debug for ClientSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientSecrets")
            .field("issuer", &self.issuer())
            .field("client_id", &self.text("client_id"))
            .finish_non_exhaustive()
    }
}

/// What is wrong with a `client_secrets.json`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientSecretsError {
    /// Not one JSON object.
    #[error("client_secrets.json is not one JSON object: {why}")]
    Unreadable {
        /// What is wrong.
        why: String,
    },
    /// A member that is missing or has a wrong form.
    #[error("client_secrets.json should have \"{member}\" as {expected}")]
    Member {
        /// Its name, below `web`.
        member: &'static str,
        /// Its right form.
        expected: &'static str,
    },
}

impl ClientSecretsError {
    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        &error::SETUP_OPTION
    }
}

/// Members that are texts, and whether they must be there.
const TEXTS: [(&str, bool); 8] = [
    ("client_id", true),
    ("client_secret", false),
    ("issuer", false),
    ("auth_uri", false),
    ("token_uri", false),
    ("userinfo_uri", false),
    ("token_endpoint_auth_method", false),
    ("id_token_signed_response_alg", false),
];

/// What the file keeps of the provider's answer (OpenID Connect Registration 1.0 section 3.2).
const FROM_REGISTRATION: [&str; 7] = [
    "redirect_uris",
    "post_logout_redirect_uris",
    "client_id_issued_at",
    "client_secret_expires_at",
    "id_token_signed_response_alg",
    "registration_access_token",
    "registration_client_uri",
];
