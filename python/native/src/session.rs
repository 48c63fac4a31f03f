//! What is known after a login.

use countersign::protocol::jose::Object;
use countersign::{KeptSession, Secret, UnixTime, danger};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use serde_json::Value;

use crate::convert;

/// What is known after a login.
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct Session {
    pub(crate) engine: countersign::Session,
}

#[pymethods]
impl Session {
    #[getter]
    fn subject(&self) -> &str {
        self.engine.subject()
    }

    #[getter]
    fn issuer(&self) -> &str {
        self.engine.issuer()
    }

    #[getter]
    fn client_id(&self) -> &str {
        self.engine.client_id()
    }

    /// Of the ID token; a new dictionary each time.
    #[getter]
    fn claims<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        convert::dict(py, self.engine.claims())
    }

    #[getter]
    fn id_token(&self) -> &str {
        self.engine.identity().raw().expose()
    }

    #[getter]
    fn user_info<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        self.engine.user_info().map(|claims| convert::dict(py, claims)).transpose()
    }

    #[getter]
    fn access_token(&self) -> &str {
        self.engine.access_token().expose()
    }

    #[getter]
    fn refresh_token(&self) -> Option<&str> {
        self.engine.refresh_token().map(Secret::expose)
    }

    /// Of the access token.
    #[getter]
    fn expires_at(&self) -> Option<f64> {
        self.engine.access_token_expires_at().map(convert::seconds)
    }

    #[getter]
    fn scope(&self) -> &str {
        self.engine.scope()
    }

    /// The provider's token answer, put together again.
    #[getter]
    fn token_response<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let answer = convert::dict(py, self.engine.token_answer())?;
        answer.set_item("access_token", self.access_token())?;
        answer.set_item("scope", self.scope())?;
        if let Some(refresh_token) = self.refresh_token() {
            answer.set_item("refresh_token", refresh_token)?;
        }
        if !self.id_token().is_empty() {
            answer.set_item("id_token", self.id_token())?;
        }
        Ok(answer)
    }

    #[getter]
    fn started_at(&self) -> f64 {
        convert::seconds(self.engine.started_at())
    }

    #[getter]
    fn checked_at(&self) -> f64 {
        convert::seconds(self.engine.checked_at())
    }

    #[getter]
    fn refreshed(&self) -> u32 {
        self.engine.refreshed()
    }

    /// The session as bytes, tokens included.
    fn to_record<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.engine.to_record())
    }

    /// Only from a store that authenticates what it returns.
    #[staticmethod]
    fn from_record(record: &[u8]) -> Option<Self> {
        let engine = countersign::Session::from_authenticated_record(record)?;
        Some(Self { engine })
    }

    /// From a store that the caller trusts; `ValueError` without `iss` and `sub`.
    #[staticmethod]
    #[pyo3(signature = (*, claims=None, id_token=None, access_token, client_id, refresh_token=None, expires_at=None, scope="openid", user_info=None, started_at=None))]
    #[expect(clippy::too_many_arguments, reason = "Python's keywords")]
    fn restore(
        py: Python<'_>,
        claims: Option<&Bound<'_, PyAny>>,
        id_token: Option<&str>,
        access_token: &str,
        client_id: &str,
        refresh_token: Option<&str>,
        expires_at: Option<f64>,
        scope: &str,
        user_info: Option<&Bound<'_, PyAny>>,
        started_at: Option<f64>,
    ) -> PyResult<Self> {
        let moment = |name, at: Option<f64>| at.map(|at| convert::moment(py, name, at)).transpose();
        let started_at = moment("started_at", started_at)?;
        let claims = claims.map(|claims| convert::object("claims", claims)).transpose()?;
        let issued_at = claims.as_ref().and_then(issued_at);
        let verified_at = started_at.or(issued_at).unwrap_or(UnixTime::from_secs(0));
        let of_token = id_token.map(Secret::from);
        let of_token = of_token.and_then(|raw| danger::kept_identity(&raw, verified_at).ok());
        let identity = match (of_token, claims) {
            (Some(identity), _) => Ok(identity),
            (None, Some(claims)) => danger::kept_claims(claims, verified_at)
                .map_err(|_| PyValueError::new_err("the kept claims lack iss or sub")),
            (None, None) => Err(PyValueError::new_err("neither claims nor a readable id_token")),
        }?;
        let engine = danger::kept_session(KeptSession {
            identity,
            user_info: user_info.map(|claims| convert::object("user_info", claims)).transpose()?,
            access_token: Secret::from(access_token),
            expires_at: moment("expires_at", expires_at)?,
            refresh_token: refresh_token.map(Secret::from),
            scope: scope.to_owned(),
            client_id: client_id.to_owned(),
            started_at: verified_at,
        });
        Ok(Self { engine })
    }

    fn __repr__(&self) -> String {
        format!("Session(issuer={:?}, subject={:?})", self.engine.issuer(), self.engine.subject())
    }
}

fn issued_at(claims: &Object) -> Option<UnixTime> {
    claims.get("iat").filter(|at| matches!(at, Value::Number(_))).and_then(UnixTime::from_json)
}
