//! Client authentication (RFC 6749 section 2.3, OpenID Connect Core 1.0 section 9).

use base64::prelude::{BASE64_STANDARD, Engine as _};
use countersign_jose::json::Object;
use countersign_jose::{SigningKey, base64url};
use serde_json::json;
use url::Url;

use crate::error::{self, Code};
use crate::exchange::Request;
use crate::value::client::{Client, ClientAuthMethod, ClientAuthentication};
use crate::value::endpoint::Endpoint;
use crate::value::secret::Secret;
use crate::value::time::UnixTime;

/// What an assertion needs of the world: the time, and an identifier never used before.
#[derive(Clone, Copy, Debug)]
pub struct ClientProof<'a> {
    now: UnixTime,
    id: [u8; 16],
    audience: &'a str,
}

impl<'a> ClientProof<'a> {
    /// `id` must be random; `audience` is the provider's issuer identifier.
    #[must_use]
    pub fn new(now: UnixTime, id: [u8; 16], audience: &'a str) -> Self {
        Self { now, id, audience }
    }
}

/// A form posted in the client's name.
///
/// # Errors
/// [`ClientAuthError`] when an assertion can't be signed.
pub fn authenticated(
    endpoint: Endpoint,
    url: &Url,
    client: &Client,
    mut form: Vec<(&str, String)>,
    proof: ClientProof<'_>,
) -> Result<Request, ClientAuthError> {
    let mut basic = None;
    match client.authentication() {
        ClientAuthentication::None => form.push(("client_id", client.id().to_owned())),
        ClientAuthentication::SecretBasic(secret) => {
            // RFC 6749 section 2.3.1: both halves are form-urlencoded before they are joined.
            let pair = format!("{}:{}", encoded(client.id()), encoded(secret.expose()));
            basic = Some(Secret::from(BASE64_STANDARD.encode(pair)));
        }
        ClientAuthentication::SecretPost(secret) => {
            form.push(("client_id", client.id().to_owned()));
            form.push(("client_secret", secret.expose().to_owned()));
        }
        ClientAuthentication::SecretJwt(secret, alg) => {
            let key = SigningKey::from_secret(secret.expose().as_bytes(), *alg)
                .map_err(|error| ClientAuthError::Key { why: error.to_string() })?;
            form.extend(assertion(client, &key, proof)?);
        }
        ClientAuthentication::PrivateKeyJwt(key) => form.extend(assertion(client, key, proof)?),
    }
    let pairs: Vec<(&str, &str)> =
        form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let request = Request::post_form(endpoint, url.clone(), &pairs);
    Ok(match basic {
        Some(credentials) => request.authorization("Basic", &credentials),
        None => request,
    })
}

/// Some questions are answered only to a client that proves who it is.
pub(super) fn must_authenticate(
    client: &Client,
    what: &'static str,
) -> Result<(), ClientAuthError> {
    match client.authentication() {
        ClientAuthentication::None => Err(ClientAuthError::Anonymous { what }),
        _ => Ok(()),
    }
}

/// RFC 7523 section 3; the issuer as the only audience, so that no other server can use it.
fn assertion(
    client: &Client,
    key: &SigningKey,
    proof: ClientProof<'_>,
) -> Result<[(&'static str, String); 3], ClientAuthError> {
    let now = proof.now.as_secs();
    let claims = json!({
        "iss": client.id(),
        "sub": client.id(),
        "aud": proof.audience,
        "jti": base64url::encode(&proof.id),
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
    });
    let signed = key
        .sign(&Object::new(), claims.to_string().as_bytes())
        .map_err(|error| ClientAuthError::Key { why: error.to_string() })?;
    Ok([
        ("client_id", client.id().to_owned()),
        ("client_assertion_type", ASSERTION_TYPE.to_owned()),
        ("client_assertion", signed),
    ])
}

/// Form-urlencoding that encodes nothing that need not be: several providers forget to decode.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Why a client can't authenticate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientAuthError {
    /// The key can't sign.
    #[error("the client's assertion can't be signed: {why}")]
    Key {
        /// What is wrong.
        why: String,
    },
    /// A public client asks what only a confidential one may.
    #[error("{what} is for clients that authenticate: set the client's secret or key")]
    Anonymous {
        /// What was to be asked.
        what: &'static str,
    },
    /// A secret or key is missing for the method.
    #[error("{method} needs {needs}")]
    Incomplete {
        /// The method.
        method: ClientAuthMethod,
        /// What is missing.
        needs: &'static str,
    },
}

impl ClientAuthError {
    /// Its entry in the table of codes.
    #[must_use]
    pub fn entry(&self) -> &'static Code {
        &error::SETUP_CLIENT_AUTH
    }
}

const ASSERTION_SECONDS: i64 = 60;
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
