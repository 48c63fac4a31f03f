//! Who the application is to its provider.

use std::sync::Arc;

use countersign::protocol::jose::{Algorithm, SigningKey};
use countersign::{ClientAuthMethod, ClientAuthentication, RegistrationRequest, Secret};
use pyo3::prelude::*;
use serde_json::Value;
use url::Url;

use crate::{convert, error};

/// A client that was registered by hand.
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct Client {
    pub(crate) engine: countersign::Client,
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (client_id, client_secret=None, *, auth_method=None, private_key_pem=None, key_id=None, id_token_alg=None, user_info_alg=None))]
    #[expect(clippy::too_many_arguments, reason = "Python's keywords")]
    fn new(
        py: Python<'_>,
        client_id: &str,
        client_secret: Option<&str>,
        auth_method: Option<&str>,
        private_key_pem: Option<&str>,
        key_id: Option<&str>,
        id_token_alg: Option<&str>,
        user_info_alg: Option<&str>,
    ) -> PyResult<Self> {
        if client_id.is_empty() {
            return Err(error::argument(py, "client_id", "the client's name", "an empty text"));
        }
        let secret = client_secret.filter(|secret| !secret.is_empty()).map(Secret::from);
        let method = match auth_method {
            Some(name) => name.parse().map_err(|expected| {
                error::setup(py, &format!("auth_method: {expected}; got {name:?}"))
            })?,
            None if private_key_pem.is_some() => ClientAuthMethod::PrivateKeyJwt,
            None if secret.is_some() => ClientAuthMethod::ClientSecretBasic,
            None => ClientAuthMethod::None,
        };
        let needed = || {
            secret.clone().ok_or_else(|| {
                error::setup(py, &format!("client_secret is needed for auth_method {method}"))
            })
        };
        let authentication = match method {
            ClientAuthMethod::ClientSecretBasic => ClientAuthentication::SecretBasic(needed()?),
            ClientAuthMethod::ClientSecretPost => ClientAuthentication::SecretPost(needed()?),
            ClientAuthMethod::ClientSecretJwt => {
                ClientAuthentication::SecretJwt(needed()?, Algorithm::Hs256)
            }
            ClientAuthMethod::PrivateKeyJwt => {
                ClientAuthentication::PrivateKeyJwt(Arc::new(key(py, private_key_pem, key_id)?))
            }
            _ => ClientAuthentication::None,
        };
        let mut engine = countersign::Client::new(client_id, authentication);
        if let Some(secret) = secret {
            engine = engine.signing_secret(secret);
        }
        if let Some(name) = id_token_alg {
            engine = engine.id_token_alg(algorithm(py, "id_token_alg", name)?);
        }
        if let Some(name) = user_info_alg {
            engine = engine.user_info_alg(algorithm(py, "user_info_alg", name)?);
        }
        Ok(Self { engine })
    }

    #[getter]
    fn client_id(&self) -> &str {
        self.engine.id()
    }

    fn __repr__(&self) -> String {
        format!("Client({:?}, {})", self.engine.id(), self.engine.authentication().method())
    }
}

/// A client that registers itself at its first use (OpenID Connect Registration 1.0).
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct Registration {
    request: RegistrationRequest,
}

#[pymethods]
impl Registration {
    #[new]
    #[pyo3(signature = (metadata, *, initial_access_token=None))]
    fn new(metadata: &Bound<'_, PyAny>, initial_access_token: Option<&str>) -> PyResult<Self> {
        let request = registration(metadata, initial_access_token)?;
        Ok(Self { request })
    }

    fn __repr__(&self) -> &'static str {
        "Registration(…)"
    }
}

impl Registration {
    /// The request, with this address where it names none.
    pub(crate) fn request(&self, redirect_uri: &Url) -> RegistrationRequest {
        let has_uris = |list: &Value| list.as_array().is_some_and(|uris| !uris.is_empty());
        if self.request.metadata().get("redirect_uris").is_some_and(has_uris) {
            return self.request.clone();
        }
        let uris = Value::from(vec![redirect_uri.as_str()]);
        self.request.clone().member("redirect_uris", uris)
    }
}

/// Client metadata to be registered; what is written down stands in place of what is usual.
pub(crate) fn registration(
    metadata: &Bound<'_, PyAny>,
    initial_access_token: Option<&str>,
) -> PyResult<RegistrationRequest> {
    let mut request = RegistrationRequest::new([]);
    for (name, value) in convert::object("metadata", metadata)? {
        request = request.member(&name, value);
    }
    Ok(match initial_access_token {
        Some(token) => request.initial_access_token(Secret::from(token)),
        None => request,
    })
}

/// An algorithm by its registered name.
pub(crate) fn algorithm(py: Python<'_>, argument: &str, name: &str) -> PyResult<Algorithm> {
    name.parse().map_err(|_| {
        error::argument(py, argument, "the name of a signature algorithm, such as RS256", name)
    })
}

fn key(py: Python<'_>, pem: Option<&str>, name: Option<&str>) -> PyResult<SigningKey> {
    let pem = pem.ok_or_else(|| {
        error::setup(py, "private_key_pem is needed for auth_method private_key_jwt")
    })?;
    let key = SigningKey::from_pem(pem)
        .map_err(|why| error::setup(py, &format!("private_key_pem: {why}")))?;
    Ok(match name {
        Some(name) => key.with_kid(name),
        None => key,
    })
}
