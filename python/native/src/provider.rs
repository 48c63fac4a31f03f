//! Which provider, and how it is reached.

use countersign::protocol::discovery::{DiscoveryError, Metadata};
use countersign::protocol::jose;
use countersign::{Error, Issuer, danger, protocol, quirks};
use pyo3::prelude::*;
use serde_json::Value;

use crate::{convert, drive, error};

/// Which provider, and how it is reached.
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct Provider {
    pub(crate) engine: countersign::Provider,
    issuer: String,
}

#[pymethods]
impl Provider {
    /// A provider that publishes its metadata (OpenID Connect Discovery 1.0).
    #[staticmethod]
    #[pyo3(signature = (issuer, *, metadata_url=None, forgive_slash=false, sparse=false, allow_http=false, reached_at=None))]
    fn discover(
        py: Python<'_>,
        issuer: &str,
        metadata_url: Option<&str>,
        forgive_slash: bool,
        sparse: bool,
        allow_http: bool,
        reached_at: Option<&str>,
    ) -> PyResult<Self> {
        let parse = if allow_http { danger::plain_http_issuer } else { Issuer::parse };
        let issuer = parse(issuer).map_err(|why| error::setup_of(py, "issuer", why))?;
        let name = issuer.as_str().to_owned();
        let mut provider = countersign::Provider::discover(issuer);
        if let Some(url) = metadata_url {
            provider = provider.metadata_at(convert::url(py, "metadata_url", url)?);
        }
        if forgive_slash {
            provider = quirks::forgiving_slash(provider);
        }
        Self::reached(py, provider, name, sparse, allow_http, reached_at)
    }

    /// A provider whose metadata are written down; they may hold `jwks`.
    #[staticmethod]
    #[pyo3(signature = (metadata, *, sparse=false, allow_http=false, reached_at=None, unsafe_test_keys=false))]
    fn written(
        py: Python<'_>,
        metadata: &Bound<'_, PyAny>,
        sparse: bool,
        allow_http: bool,
        reached_at: Option<&str>,
        unsafe_test_keys: bool,
    ) -> PyResult<Self> {
        let document = Value::Object(convert::object("metadata", metadata)?).to_string();
        let wrong = |why: Error| error::setup_of(py, "metadata", why);
        let read: fn(&[u8]) -> Result<Metadata, DiscoveryError> = match (sparse, allow_http) {
            _ if unsafe_test_keys => danger::test_keys_metadata,
            (false, false) => Metadata::from_json,
            (false, true) => danger::plain_http_metadata,
            (true, false) => Metadata::for_api,
            (true, true) => protocol::danger::plain_http_api_metadata,
        };
        let metadata = read(document.as_bytes()).map_err(|why| wrong(why.into()))?;
        let name = metadata.issuer().to_owned();
        let provider = countersign::Provider::written(metadata).map_err(wrong)?;
        if unsafe_test_keys {
            warn_of_test_keys(&name);
        }
        drive::settled(py, Self::reached(py, provider, name, sparse, allow_http, reached_at)?)
    }

    /// Nothing but a name, which may be any text, and keys: enough to check signed tokens.
    #[staticmethod]
    #[pyo3(signature = (issuer, *, jwks=None, jwks_uri=None, allow_http=false, unsafe_test_keys=false))]
    fn named(
        py: Python<'_>,
        issuer: &str,
        jwks: Option<&Bound<'_, PyAny>>,
        jwks_uri: Option<&str>,
        allow_http: bool,
        unsafe_test_keys: bool,
    ) -> PyResult<Self> {
        if issuer.is_empty() {
            return Err(error::argument(py, "issuer", "a name", "an empty text"));
        }
        let provider = match (jwks, jwks_uri) {
            (Some(keys), None) => {
                let keys = convert::object("jwks", keys)?;
                let read = if unsafe_test_keys {
                    jose::danger::test_key_set(&keys)
                } else {
                    jose::KeySet::from_object(&keys)
                };
                let keys = read.map_err(|why| error::setup(py, &format!("jwks: {why}")))?;
                countersign::Provider::named_with_keys(issuer, keys)
            }
            (None, Some(address)) => {
                countersign::Provider::named(issuer, convert::url(py, "jwks_uri", address)?)
            }
            _ => return Err(error::setup(py, "one of jwks and jwks_uri is needed, and not both")),
        };
        if unsafe_test_keys {
            warn_of_test_keys(issuer);
        }
        let named = Self::reached(py, provider, issuer.to_owned(), false, allow_http, None)?;
        drive::settled(py, named)
    }

    #[getter]
    fn issuer(&self) -> &str {
        &self.issuer
    }

    fn __repr__(&self) -> String {
        format!("Provider({:?})", self.issuer)
    }
}

impl Provider {
    /// As it was set.
    pub(crate) fn name(&self) -> &str {
        &self.issuer
    }

    fn reached(
        py: Python<'_>,
        mut engine: countersign::Provider,
        issuer: String,
        sparse: bool,
        allow_http: bool,
        reached_at: Option<&str>,
    ) -> PyResult<Self> {
        if sparse {
            engine = quirks::sparse_metadata(engine);
        }
        if allow_http {
            engine = danger::plain_http(engine);
        }
        if let Some(base) = reached_at {
            engine = engine.reached_at(convert::url(py, "reached_at", base)?);
        }
        Ok(Self { engine, issuer })
    }
}

fn warn_of_test_keys(issuer: &str) {
    tracing::warn!("danger: RSA keys of 1,024 bits are accepted of {issuer}, as for tests");
}
