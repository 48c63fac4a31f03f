//! Provider metadata (OpenID Connect Discovery 1.0 section 3, RFC 8414 section 2).

use countersign_jose::json::{self, Object};
use countersign_jose::{Algorithm, KeySet};
use serde_json::Value;
use url::Url;

use super::fetch::DiscoveryError;
use crate::value::client::ClientAuthMethod;
use crate::value::endpoint::Endpoint;
use crate::value::issuer::{Issuer, IssuerIdentity, is_loopback};

/// What a provider says of itself, checked: its issuer is the one expected, its endpoints are
/// addresses, its lists are lists.
///
/// ```
/// use countersign_protocol::discovery::Metadata;
/// let metadata = Metadata::from_json(br#"{
///     "issuer": "https://op.example",
///     "authorization_endpoint": "https://op.example/authorize",
///     "token_endpoint": "https://op.example/token",
///     "jwks_uri": "https://op.example/jwks"
/// }"#).unwrap();
/// assert!(metadata.user_info_endpoint().is_none());
/// ```
///
/// ```compile_fail
/// fn of_somebody_else(mut metadata: countersign_protocol::discovery::Metadata) {
///     metadata.issuer = "https://evil.example".to_owned();
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Metadata {
    issuer: String,
    authorization_endpoint: Option<Url>,
    token_endpoint: Option<Url>,
    user_info_endpoint: Option<Url>,
    jwks_uri: Option<Url>,
    jwks: Option<KeySet>,
    registration_endpoint: Option<Url>,
    end_session_endpoint: Option<Url>,
    introspection_endpoint: Option<Url>,
    revocation_endpoint: Option<Url>,
    signing_algs: Option<Vec<String>>,
    auth_methods: Option<Vec<String>>,
    announces_iss: bool,
    announces_pkce: bool,
    all: Object,
}

impl Metadata {
    /// Metadata that was written down instead of fetched (a static provider). Its issuer is taken
    /// at its word; addresses are https, or http on a loopback host. Besides the registered
    /// members, `jwks` may hold the key set itself.
    ///
    /// # Errors
    /// [`DiscoveryError`] names the member that is missing or wrong.
    pub fn from_json(document: &[u8]) -> Result<Self, DiscoveryError> {
        Self::written(document, Purpose::Login, false)
    }

    /// The same for an API, which needs to know who issues tokens and how they are checked: no
    /// endpoint that only a login needs is demanded.
    ///
    /// ```
    /// use countersign_protocol::discovery::Metadata;
    /// let document = br#"{"issuer": "https://op.example", "jwks_uri": "https://op.example/jwks"}"#;
    /// assert!(Metadata::for_api(document).is_ok());
    /// assert!(Metadata::from_json(document).is_err());
    /// ```
    ///
    /// # Errors
    /// [`DiscoveryError`] names the member that is missing or wrong.
    pub fn for_api(document: &[u8]) -> Result<Self, DiscoveryError> {
        Self::written(document, Purpose::Api, false)
    }

    /// An issuer of which nothing is known but its keys.
    #[must_use]
    pub fn of_keys(issuer: &Issuer, keys: KeySet) -> Self {
        Self::of_named_keys(issuer.as_str(), keys)
    }

    /// The same of an issuer whose name is any text.
    #[must_use]
    pub fn of_named_keys(issuer: &str, keys: KeySet) -> Self {
        Self { jwks: Some(keys), ..Self::of_name(issuer) }
    }

    /// The same with the address of the keys.
    #[must_use]
    pub fn of_jwks_uri(issuer: &str, jwks_uri: Url) -> Self {
        Self { jwks_uri: Some(jwks_uri), ..Self::of_name(issuer) }
    }

    fn of_name(issuer: &str) -> Self {
        let mut all = Object::new();
        all.insert("issuer".to_owned(), issuer.into());
        Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: None,
            token_endpoint: None,
            user_info_endpoint: None,
            jwks_uri: None,
            jwks: None,
            registration_endpoint: None,
            end_session_endpoint: None,
            introspection_endpoint: None,
            revocation_endpoint: None,
            signing_algs: None,
            auth_methods: None,
            announces_iss: false,
            announces_pkce: false,
            all,
        }
    }

    pub(crate) fn written(
        document: &[u8],
        purpose: Purpose,
        plain_http: bool,
    ) -> Result<Self, DiscoveryError> {
        let all = json::object(document)
            .map_err(|error| DiscoveryError::Unreadable { why: error.to_string() })?;
        let text = text(&all, "issuer")?.ok_or(DiscoveryError::missing("issuer"))?;
        let parse = if plain_http { Issuer::parse_any_scheme } else { Issuer::parse };
        let issuer = parse(text)?;
        Self::read(all, &IssuerIdentity::One(issuer), purpose, plain_http)
    }

    pub(crate) fn with_test_keys(document: &[u8]) -> Result<Self, DiscoveryError> {
        let mut read = Self::written(document, Purpose::Api, true)?;
        if let Some(Value::Object(set)) = read.all.get("jwks") {
            let keys = countersign_jose::danger::test_key_set(set);
            read.jwks = Some(keys.map_err(|_| DiscoveryError::member("jwks", "a key set"))?);
        }
        Ok(read)
    }

    /// Reads a fetched document and compares its issuer with the one expected.
    pub(super) fn read(
        all: Object,
        identity: &IssuerIdentity,
        purpose: Purpose,
        plain_http: bool,
    ) -> Result<Self, DiscoveryError> {
        let issuer = text(&all, "issuer")?.ok_or(DiscoveryError::missing("issuer"))?.to_owned();
        if !identity.is_called(&issuer) {
            let expected = identity.as_str().to_owned();
            return Err(DiscoveryError::Issuer { expected, got: issuer });
        }
        let endpoint = |name| address(&all, name, plain_http);
        let for_login = |name| match (endpoint(name)?, purpose) {
            (None, Purpose::Login) => Err(DiscoveryError::missing(name)),
            (found, _) => Ok(found),
        };
        let key_set = || DiscoveryError::member("jwks", "a key set");
        let jwks = match all.get("jwks") {
            None | Some(Value::Null) => None,
            Some(Value::Object(set)) => Some(KeySet::from_object(set).map_err(|_| key_set())?),
            Some(_) => return Err(key_set()),
        };
        Ok(Self {
            issuer,
            authorization_endpoint: for_login("authorization_endpoint")?,
            token_endpoint: for_login("token_endpoint")?,
            user_info_endpoint: endpoint("userinfo_endpoint")?,
            jwks_uri: endpoint("jwks_uri")?,
            jwks,
            registration_endpoint: endpoint("registration_endpoint")?,
            end_session_endpoint: endpoint("end_session_endpoint")?,
            introspection_endpoint: endpoint("introspection_endpoint")?,
            revocation_endpoint: endpoint("revocation_endpoint")?,
            signing_algs: list(&all, "id_token_signing_alg_values_supported")?,
            auth_methods: list(&all, "token_endpoint_auth_methods_supported")?,
            announces_iss: flag(&all, "authorization_response_iss_parameter_supported")?,
            announces_pkce: list(&all, "code_challenge_methods_supported")?
                .is_some_and(|methods| methods.iter().any(|method| method == "S256")),
            all,
        })
    }

    /// `issuer`, byte for byte.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `authorization_endpoint`: always there in metadata that were read for a login.
    #[must_use]
    pub fn authorization_endpoint(&self) -> Option<&Url> {
        self.authorization_endpoint.as_ref()
    }

    /// `token_endpoint`: always there in metadata that were read for a login.
    #[must_use]
    pub fn token_endpoint(&self) -> Option<&Url> {
        self.token_endpoint.as_ref()
    }

    /// `userinfo_endpoint`
    #[must_use]
    pub fn user_info_endpoint(&self) -> Option<&Url> {
        self.user_info_endpoint.as_ref()
    }

    /// `jwks_uri`
    #[must_use]
    pub fn jwks_uri(&self) -> Option<&Url> {
        self.jwks_uri.as_ref()
    }

    /// Keys written into the metadata itself, for a static provider.
    #[must_use]
    pub fn keys(&self) -> Option<&KeySet> {
        self.jwks.as_ref()
    }

    /// `registration_endpoint`
    #[must_use]
    pub fn registration_endpoint(&self) -> Option<&Url> {
        self.registration_endpoint.as_ref()
    }

    /// `end_session_endpoint`
    #[must_use]
    pub fn end_session_endpoint(&self) -> Option<&Url> {
        self.end_session_endpoint.as_ref()
    }

    /// `introspection_endpoint`
    #[must_use]
    pub fn introspection_endpoint(&self) -> Option<&Url> {
        self.introspection_endpoint.as_ref()
    }

    /// `revocation_endpoint`
    #[must_use]
    pub fn revocation_endpoint(&self) -> Option<&Url> {
        self.revocation_endpoint.as_ref()
    }

    /// The address of an endpoint, if it is announced.
    #[must_use]
    pub fn endpoint(&self, endpoint: Endpoint) -> Option<&Url> {
        match endpoint {
            Endpoint::Keys => self.jwks_uri(),
            Endpoint::Registration => self.registration_endpoint(),
            Endpoint::Authorization => self.authorization_endpoint(),
            Endpoint::Token => self.token_endpoint(),
            Endpoint::UserInfo => self.user_info_endpoint(),
            Endpoint::EndSession => self.end_session_endpoint(),
            Endpoint::Introspection => self.introspection_endpoint(),
            Endpoint::Revocation => self.revocation_endpoint(),
            Endpoint::Discovery | Endpoint::Resource => None,
        }
    }

    /// The address of an endpoint that is needed now.
    ///
    /// # Errors
    /// [`DiscoveryError::NotOffered`] when the provider announces none.
    pub fn require(&self, endpoint: Endpoint) -> Result<&Url, DiscoveryError> {
        self.endpoint(endpoint).ok_or(DiscoveryError::NotOffered { endpoint })
    }

    /// `id_token_signing_alg_values_supported`: the asymmetric ones that are known here, or all of
    /// those when the provider announces nothing (a static provider).
    #[must_use]
    pub fn asymmetric_algs(&self) -> Vec<Algorithm> {
        match &self.signing_algs {
            None => Algorithm::ASYMMETRIC.to_vec(),
            Some(names) => {
                let known = names.iter().filter_map(|name| name.parse::<Algorithm>().ok());
                known.filter(|alg| !alg.is_mac()).collect()
            }
        }
    }

    /// Whether the token endpoint announces a method. An absent list means
    /// `client_secret_basic` (OpenID Connect Discovery 1.0 section 3).
    #[must_use]
    pub fn offers(&self, method: ClientAuthMethod) -> bool {
        match &self.auth_methods {
            None => method == ClientAuthMethod::ClientSecretBasic,
            Some(names) => names.iter().any(|name| name == method.name()),
        }
    }

    /// `authorization_response_iss_parameter_supported` (RFC 9207 section 3).
    #[must_use]
    pub fn announces_iss(&self) -> bool {
        self.announces_iss
    }

    /// Whether `code_challenge_methods_supported` names `S256` (RFC 8414 section 2).
    #[must_use]
    pub fn announces_pkce(&self) -> bool {
        self.announces_pkce
    }

    /// The whole document.
    #[must_use]
    pub fn all(&self) -> &Object {
        &self.all
    }
}

/// What metadata are read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// People log in: there must be a place to send them to, and one to redeem their codes at.
    Login,
    /// Tokens are checked, and perhaps fetched: each endpoint is asked for when it is needed.
    Api,
}

fn text<'a>(all: &'a Object, name: &'static str) -> Result<Option<&'a str>, DiscoveryError> {
    match all.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.len() <= LONGEST => Ok(Some(text)),
        Some(_) => Err(DiscoveryError::member(name, "a string of at most 2,048 bytes")),
    }
}

fn address(
    all: &Object,
    name: &'static str,
    plain_http: bool,
) -> Result<Option<Url>, DiscoveryError> {
    let Some(text) = text(all, name)? else { return Ok(None) };
    let wrong = || DiscoveryError::member(name, ADDRESS);
    let url = Url::parse(text).map_err(|_| wrong())?;
    let safe = match url.scheme() {
        "https" => true,
        "http" => plain_http || is_loopback(&url),
        _ => false,
    };
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if safe && bare && url.host().is_some() { Ok(Some(url)) } else { Err(wrong()) }
}

fn list(all: &Object, name: &'static str) -> Result<Option<Vec<String>>, DiscoveryError> {
    let wrong = || DiscoveryError::member(name, "a list of at most 256 strings");
    match all.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) if items.len() <= MOST => {
            let texts = items.iter().map(|item| item.as_str().map(str::to_owned));
            Ok(Some(texts.collect::<Option<Vec<_>>>().ok_or_else(wrong)?))
        }
        Some(_) => Err(wrong()),
    }
}

fn flag(all: &Object, name: &'static str) -> Result<bool, DiscoveryError> {
    match all.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(DiscoveryError::member(name, "true or false")),
    }
}

const ADDRESS: &str = "an https URL without user name and fragment (http only on a loopback host)";
const LONGEST: usize = 2048;
const MOST: usize = 256;
