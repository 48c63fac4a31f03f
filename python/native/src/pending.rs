//! A login that waits for its callback.

use countersign::danger;
use countersign::protocol::jose::Object;
use countersign::protocol::login::KeptRequest;
use countersign::{PendingLogin as Engine, Secret};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;

use crate::{convert, error};

/// One login under way. In the engine it is used up by its callback; here it is kept as it is
/// written down, since Python may bring the same one twice, and the engine tells that.
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct PendingLogin {
    kept: Value,
    shown: Shown,
}

struct Shown {
    state: String,
    nonce: Option<String>,
    issuer: String,
    client_id: String,
    redirect_uri: String,
    started_at: f64,
    verifier: Option<Secret>,
}

#[pymethods]
impl PendingLogin {
    #[getter]
    fn state(&self) -> &str {
        &self.shown.state
    }

    #[getter]
    fn nonce(&self) -> Option<&str> {
        self.shown.nonce.as_deref()
    }

    #[getter]
    fn issuer(&self) -> &str {
        &self.shown.issuer
    }

    #[getter]
    fn client_id(&self) -> &str {
        &self.shown.client_id
    }

    #[getter]
    fn redirect_uri(&self) -> &str {
        &self.shown.redirect_uri
    }

    #[getter]
    fn started_at(&self) -> f64 {
        self.shown.started_at
    }

    #[getter]
    fn verifier(&self) -> Option<&str> {
        self.shown.verifier.as_ref().map(Secret::expose)
    }

    /// JSON values only.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        match &self.kept {
            Value::Object(kept) => convert::dict(py, kept),
            _ => convert::dict(py, &Object::new()),
        }
    }

    /// What `to_dict` made; anything else is a `ValueError`.
    #[staticmethod]
    fn from_dict(kept: &Bound<'_, PyAny>) -> PyResult<Self> {
        let kept = Value::Object(convert::object("kept", kept)?);
        let read = serde_json::from_value(kept);
        // What is wrong could repeat what came, which may be a secret.
        Self::new(&read.map_err(|_| PyValueError::new_err("this is no login that was kept"))?)
    }

    /// A login out of the parameters of its authorization request.
    #[staticmethod]
    #[pyo3(signature = (request, *, issuer, started_at, verifier=None, nonce_unknown=false))]
    fn from_request(
        py: Python<'_>,
        request: &Bound<'_, PyAny>,
        issuer: &str,
        started_at: f64,
        verifier: Option<&str>,
        nonce_unknown: bool,
    ) -> PyResult<Self> {
        let parameters = convert::object("request", request)?;
        let kept = KeptRequest {
            parameters: &parameters,
            issuer,
            verifier: verifier.map(Secret::from),
            started_at: convert::moment(py, "started_at", started_at)?,
        };
        let read = if nonce_unknown { danger::login_without_nonce } else { danger::kept_login };
        Self::new(&read(kept).map_err(|why| error::setup(py, &why.to_string()))?)
    }

    fn __repr__(&self) -> String {
        let Shown { issuer, client_id, started_at, .. } = &self.shown;
        format!("PendingLogin(issuer={issuer:?}, client_id={client_id:?}, started_at={started_at})")
    }
}

impl PendingLogin {
    pub(crate) fn new(pending: &Engine) -> PyResult<Self> {
        let kept = serde_json::to_value(pending);
        let kept = kept.map_err(|_| PyValueError::new_err("this login can't be kept"))?;
        let shown = Shown {
            state: pending.state().to_owned(),
            nonce: pending.nonce().map(str::to_owned),
            issuer: pending.issuer().to_owned(),
            client_id: pending.client_id().to_owned(),
            redirect_uri: pending.redirect_uri().as_str().to_owned(),
            started_at: convert::seconds(pending.started_at()),
            verifier: pending.verifier().cloned(),
        };
        Ok(Self { kept, shown })
    }

    /// For the engine, which uses it up.
    pub(crate) fn engine(&self) -> PyResult<Engine> {
        serde_json::from_value(self.kept.clone())
            .map_err(|_| PyValueError::new_err("this is no login that was kept"))
    }
}
