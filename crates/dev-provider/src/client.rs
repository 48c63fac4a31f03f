//! The applications that may send people here.

use countersign_jose::Algorithm;
use countersign_jose::json::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::mischief::Mischief;

/// A registered client.
///
/// ```
/// use countersign_dev_provider::Client;
///
/// let web = Client::confidential("shop", "a long secret")
///     .redirect_uri("http://127.0.0.1:3000/auth/callback")
///     .post_logout_redirect_uri("http://127.0.0.1:3000/auth/logged-out");
/// let app = Client::public("app").redirect_uri("http://127.0.0.1/callback").native();
/// assert_eq!(web.id(), "shop");
/// assert_eq!(app.id(), "app");
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
    pub(crate) secret_expires_at: i64,
    pub(crate) issued_at: i64,
    /// Hands the registration back and deletes it (RFC 7592); only after dynamic registration.
    pub(crate) registration_token: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) access_tokens: Option<AccessTokens>,
    pub(crate) extra_audiences: Vec<String>,
    pub(crate) mischief: Vec<Mischief>,
}

impl Client {
    /// A client without a secret, for applications on people's devices; PKCE is required.
    pub fn public(id: impl Into<String>) -> Self {
        Self::new(id.into(), None, ClientAuth::None)
    }

    /// A client with a secret, sent by `client_secret_basic` unless set otherwise.
    pub fn confidential(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self::new(id.into(), Some(secret.into()), ClientAuth::ClientSecretBasic)
    }

    /// A client that signs assertions (RFC 7523) with a key of this JWK Set, which may hold only
    /// public keys.
    pub fn with_keys(id: impl Into<String>, jwks: Object) -> Self {
        let mut client = Self::new(id.into(), None, ClientAuth::PrivateKeyJwt);
        client.metadata.jwks = Some(jwks);
        client
    }

    fn new(id: String, secret: Option<String>, auth: ClientAuth) -> Self {
        let metadata = Metadata {
            token_endpoint_auth_method: auth,
            grant_types: [CODE, REFRESH, IMPLICIT, CREDENTIALS, EXCHANGE]
                .map(str::to_owned)
                .to_vec(),
            response_types: ResponseTypes::every(),
            application_type: default_application_type(),
            ..Metadata::default()
        };
        Self {
            id,
            secret,
            secret_expires_at: 0,
            issued_at: 0,
            registration_token: None,
            metadata,
            access_tokens: None,
            extra_audiences: Vec::new(),
            mischief: Vec::new(),
        }
    }

    /// The client that a dynamic registration leads to.
    pub(crate) fn registered(id: String, secret: Option<String>, metadata: Metadata) -> Self {
        Self { metadata, ..Self::new(id, secret, ClientAuth::None) }
    }

    /// Adds a redirect URI; requests must name it exactly.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.metadata.redirect_uris.push(uri.into());
        self
    }

    /// Adds an address to which a logout may return.
    #[must_use]
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.metadata.post_logout_redirect_uris.push(uri.into());
        self
    }

    /// Sets where a logout token goes when a session of the client ends (`http` only).
    #[must_use]
    pub fn back_channel_logout_uri(mut self, uri: impl Into<String>) -> Self {
        self.metadata.backchannel_logout_uri = Some(uri.into());
        self
    }

    /// Sets the page that is loaded in a frame when a session of the client ends.
    #[must_use]
    pub fn front_channel_logout_uri(mut self, uri: impl Into<String>) -> Self {
        self.metadata.frontchannel_logout_uri = Some(uri.into());
        self
    }

    /// Sets how the client proves itself at the token endpoint; no other way is accepted.
    #[must_use]
    pub fn authentication(mut self, method: ClientAuth) -> Self {
        self.metadata.token_endpoint_auth_method = method;
        self
    }

    /// Sets the algorithm of its ID tokens (default RS256); HS256 and the like need a secret.
    #[must_use]
    pub fn id_token_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.metadata.id_token_signed_response_alg = Some(algorithm.name().to_owned());
        self
    }

    /// Lets userinfo answer with a JWT signed by this algorithm.
    #[must_use]
    pub fn user_info_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.metadata.userinfo_signed_response_alg = Some(algorithm.name().to_owned());
        self
    }

    /// Sets the kind of its access tokens, where it should differ from the provider's default.
    #[must_use]
    pub fn access_tokens(mut self, kind: AccessTokens) -> Self {
        self.access_tokens = Some(kind);
        self
    }

    /// Adds another audience to its ID tokens, which then say `azp` as well.
    #[must_use]
    pub fn extra_audience(mut self, audience: impl Into<String>) -> Self {
        self.extra_audiences.push(audience.into());
        self
    }

    /// Marks a native application: loopback redirect URIs match on any port (RFC 8252 section 7.3).
    #[must_use]
    pub fn native(mut self) -> Self {
        self.metadata.application_type = "native".to_owned();
        self
    }

    /// Sets the name that login and consent pages show.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.metadata.client_name = Some(name.into());
        self
    }

    /// Sets when the secret ends, in seconds since 1970; 0 is never.
    #[must_use]
    pub fn secret_expires_at(mut self, unix_seconds: i64) -> Self {
        self.secret_expires_at = unix_seconds;
        self
    }

    /// Misbehaves towards this client from the start.
    #[must_use]
    pub fn mischief(mut self, mischief: impl IntoIterator<Item = Mischief>) -> Self {
        self.mischief.extend(mischief);
        self
    }

    /// The `client_id`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name shown to people.
    pub(crate) fn display_name(&self) -> &str {
        self.metadata.client_name.as_deref().unwrap_or(&self.id)
    }

    pub(crate) fn auth(&self) -> ClientAuth {
        self.metadata.token_endpoint_auth_method
    }

    pub(crate) fn is_public(&self) -> bool {
        self.auth() == ClientAuth::None
    }

    pub(crate) fn may_use(&self, grant_type: &str) -> bool {
        self.metadata.grant_types.iter().any(|known| known == grant_type)
    }

    pub(crate) fn may_ask_for(&self, response_type: &str) -> bool {
        let wanted = ResponseTypes::sorted(response_type);
        self.metadata.response_types.0.iter().any(|known| ResponseTypes::sorted(known) == wanted)
    }

    pub(crate) fn allows_redirect(&self, uri: &str) -> bool {
        self.metadata.redirect_uris.iter().any(|known| self.same_uri(known, uri))
    }

    pub(crate) fn allows_return(&self, uri: &str) -> bool {
        self.metadata.post_logout_redirect_uris.iter().any(|known| self.same_uri(known, uri))
    }

    pub(crate) fn id_token_alg(&self) -> Algorithm {
        let set = self.metadata.id_token_signed_response_alg.as_deref();
        set.and_then(|alg| alg.parse().ok()).unwrap_or(Algorithm::Rs256)
    }

    pub(crate) fn user_info_alg(&self) -> Option<Algorithm> {
        self.metadata.userinfo_signed_response_alg.as_deref().and_then(|alg| alg.parse().ok())
    }

    fn same_uri(&self, registered: &str, asked: &str) -> bool {
        registered == asked
            || ((self.is_public() || self.metadata.application_type == "native")
                && same_loopback(registered, asked) == Some(true))
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("authentication", &self.auth())
            .field("redirect_uris", &self.metadata.redirect_uris)
            .finish_non_exhaustive()
    }
}

/// How a client proves itself at the token endpoint (OpenID Connect Core section 9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "section 9 names these five")]
pub enum ClientAuth {
    /// Not at all; PKCE stands in.
    None,
    /// The secret in the `Authorization` header.
    #[default]
    ClientSecretBasic,
    /// The secret in the body.
    ClientSecretPost,
    /// A JWT under the secret.
    ClientSecretJwt,
    /// A JWT under the client's own key.
    PrivateKeyJwt,
}

impl ClientAuth {
    pub(crate) const ALL: [Self; 5] = [
        Self::None,
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::PrivateKeyJwt,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    pub(crate) fn needs_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt)
    }
}

/// What access tokens look like.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccessTokens {
    /// A random text; only introspection and userinfo tell what it means.
    Opaque,
    /// A JWT as RFC 9068 describes, for this audience.
    Jwt {
        /// The `aud` claim, unless a request names a `resource`.
        audience: String,
    },
}

/// Client metadata (RFC 7591 section 2, OpenID Connect Registration section 2).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Metadata {
    #[serde(default)]
    pub(crate) redirect_uris: Vec<String>,
    #[serde(default)]
    pub(crate) post_logout_redirect_uris: Vec<String>,
    #[serde(default)]
    pub(crate) token_endpoint_auth_method: ClientAuth,
    #[serde(default = "default_grant_types")]
    pub(crate) grant_types: Vec<String>,
    #[serde(default)]
    pub(crate) response_types: ResponseTypes,
    #[serde(default = "default_application_type")]
    pub(crate) application_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) jwks: Option<Object>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) jwks_uri: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id_token_signed_response_alg: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) userinfo_signed_response_alg: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) default_max_age: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) backchannel_logout_uri: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) frontchannel_logout_uri: Option<String>,
    /// Everything else is kept and given back.
    #[serde(flatten)]
    pub(crate) other: serde_json::Map<String, Value>,
}

/// The response types that a client may ask for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ResponseTypes(pub(crate) Vec<String>);

impl ResponseTypes {
    pub(crate) const ALL: [&'static str; 6] = [
        "code",
        "id_token",
        "token id_token",
        "code id_token",
        "code token",
        "code token id_token",
    ];

    fn every() -> Self {
        Self(Self::ALL.map(str::to_owned).to_vec())
    }

    /// The order of the words has no meaning (OAuth 2.0 Multiple Response Types section 3).
    pub(crate) fn sorted(response_type: &str) -> Vec<String> {
        let mut words = crate::form::words(response_type);
        words.sort_unstable();
        words
    }
}

impl Default for ResponseTypes {
    fn default() -> Self {
        Self(vec!["code".to_owned()])
    }
}

/// Whether both are the same `http` loopback address, ports aside.
fn same_loopback(registered: &str, asked: &str) -> Option<bool> {
    let (mut left, mut right) = (Url::parse(registered).ok()?, Url::parse(asked).ok()?);
    let loopback = |url: &Url| match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if left.scheme() != "http" || !loopback(&left) || !loopback(&right) {
        return Some(false);
    }
    left.set_port(None).ok()?;
    right.set_port(None).ok()?;
    Some(left == right)
}

fn default_grant_types() -> Vec<String> {
    vec![CODE.to_owned()]
}

fn default_application_type() -> String {
    "web".to_owned()
}

pub(crate) const CODE: &str = "authorization_code";
pub(crate) const REFRESH: &str = "refresh_token";
pub(crate) const IMPLICIT: &str = "implicit";
pub(crate) const CREDENTIALS: &str = "client_credentials";
pub(crate) const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
