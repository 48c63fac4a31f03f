//! The question: what we tell the provider about ourselves.

use countersign_jose::json::Object;
use countersign_jose::{Algorithm, SigningKey};
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

use super::response::{Registration, RegistrationError};
use crate::discovery::Metadata;
use crate::exchange::{Exchange, Request, Response};
use crate::value::client::ClientAuthMethod;
use crate::value::endpoint::Endpoint;
use crate::value::secret::Secret;

/// Client metadata to be registered (section 2).
///
/// ```
/// use countersign_protocol::registration::RegistrationRequest;
/// let request = RegistrationRequest::new(["https://app.example/auth/callback".parse().unwrap()])
///     .client_name("Notes");
/// assert_eq!(request.metadata()["client_name"], "Notes");
/// ```
#[derive(Clone, Debug)]
pub struct RegistrationRequest {
    metadata: Object,
    initial_access_token: Option<Secret>,
    key: Option<Arc<SigningKey>>,
}

impl RegistrationRequest {
    /// A web application with these redirect URIs and the code flow.
    #[must_use]
    pub fn new(redirect_uris: impl IntoIterator<Item = Url>) -> Self {
        let redirect_uris: Vec<String> = redirect_uris.into_iter().map(String::from).collect();
        let mut metadata = Object::new();
        metadata.insert("redirect_uris".into(), json!(redirect_uris));
        metadata.insert("application_type".into(), json!("web"));
        metadata.insert("response_types".into(), json!(["code"]));
        metadata.insert("grant_types".into(), json!(["authorization_code", "refresh_token"]));
        Self { metadata, initial_access_token: None, key: None }
    }

    /// `client_name`, shown to people on the consent page.
    #[must_use]
    pub fn client_name(self, name: &str) -> Self {
        self.member("client_name", json!(name))
    }

    /// `post_logout_redirect_uris`
    #[must_use]
    pub fn post_logout_redirect_uris(self, uris: impl IntoIterator<Item = Url>) -> Self {
        let uris: Vec<String> = uris.into_iter().map(String::from).collect();
        self.member("post_logout_redirect_uris", json!(uris))
    }

    /// `backchannel_logout_uri`: where the provider says that a session is over (OpenID Connect
    /// Back-Channel Logout 1.0 section 2.2).
    #[must_use]
    pub fn back_channel_logout_uri(self, uri: Url) -> Self {
        self.member("backchannel_logout_uri", json!(uri.as_str()))
    }

    /// `token_endpoint_auth_method`; without it the first of ours that the provider announces.
    #[must_use]
    pub fn auth_method(self, method: ClientAuthMethod) -> Self {
        self.member("token_endpoint_auth_method", json!(method.name()))
    }

    /// The key for `private_key_jwt`; its public half is registered as `jwks`.
    #[must_use]
    pub fn key(mut self, key: Arc<SigningKey>) -> Self {
        let public = Value::Object(key.public_jwk());
        self.key = Some(key);
        self.member("jwks", json!({ "keys": [public] }))
    }

    /// `id_token_signed_response_alg`
    #[must_use]
    pub fn id_token_alg(self, alg: Algorithm) -> Self {
        self.member("id_token_signed_response_alg", json!(alg.name()))
    }

    /// Any further member.
    #[must_use]
    pub fn member(mut self, name: &str, value: Value) -> Self {
        self.metadata.insert(name.to_owned(), value);
        self
    }

    /// The initial access token that some providers ask for (RFC 7591 section 3).
    #[must_use]
    pub fn initial_access_token(mut self, token: Secret) -> Self {
        self.initial_access_token = Some(token);
        self
    }

    /// What will be sent.
    #[must_use]
    pub fn metadata(&self) -> &Object {
        &self.metadata
    }

    /// The exchange with a provider.
    ///
    /// # Errors
    /// [`RegistrationError::NotOffered`] when it has no registration endpoint.
    pub fn at(mut self, provider: &Metadata) -> Result<Register, RegistrationError> {
        let url = provider.registration_endpoint().ok_or(RegistrationError::NotOffered)?.clone();
        if !self.metadata.contains_key("token_endpoint_auth_method") {
            let method = self.preferred(provider);
            self = self.auth_method(method);
        }
        Ok(Register { url, request: self })
    }

    fn preferred(&self, provider: &Metadata) -> ClientAuthMethod {
        let usable = |method: &ClientAuthMethod| match method {
            ClientAuthMethod::PrivateKeyJwt => self.key.is_some(),
            ClientAuthMethod::None => false,
            _ => true,
        };
        let mut ours = ClientAuthMethod::ALL.into_iter().filter(usable);
        ours.find(|method| provider.offers(*method)).unwrap_or(ClientAuthMethod::ClientSecretBasic)
    }
}

/// The exchange of a registration.
#[derive(Debug)]
pub struct Register {
    url: Url,
    request: RegistrationRequest,
}

impl Exchange for Register {
    type Answer = Registration;
    type Error = RegistrationError;

    fn request(&self) -> Request {
        let request =
            Request::post_json(Endpoint::Registration, self.url.clone(), &self.request.metadata);
        match &self.request.initial_access_token {
            Some(token) => request.authorization("Bearer", token),
            None => request,
        }
    }

    fn answer(self, response: Response) -> Result<Registration, RegistrationError> {
        let sent_token = self.request.initial_access_token.is_some();
        Registration::read(response, &self.request.metadata, self.request.key, sent_token)
    }
}
