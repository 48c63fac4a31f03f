//! A token that passed.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::{convert, drive};

/// An access token that passed every check.
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct Token {
    pub(crate) engine: countersign::Token,
}

#[pymethods]
impl Token {
    #[getter]
    fn subject(&self) -> Option<&str> {
        self.engine.subject()
    }

    #[getter]
    fn issuer(&self) -> &str {
        self.engine.issuer()
    }

    /// A new dictionary each time, made of the text without an object in between.
    #[getter]
    fn claims<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.engine.access_token().pointer("") {
            Some(claims) => convert::item(py, claims),
            None => Ok(PyDict::new(py).into_any()),
        }
    }

    #[getter]
    fn scopes(&self) -> Vec<String> {
        let scopes = self.engine.access_token().scopes();
        scopes.map(str::to_owned).collect()
    }

    /// Something else than strings where roles should be is no role.
    #[getter]
    fn roles(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let roles = self.engine.roles();
        let roles = roles.map(|roles| roles.into_iter().map(Cow::into_owned).collect());
        drive::settled(py, roles.unwrap_or_default())
    }

    #[getter]
    fn expires_at(&self) -> Option<f64> {
        self.engine.access_token().expires_at().map(convert::seconds)
    }

    #[getter]
    fn raw(&self) -> String {
        self.engine.raw().expose().to_owned()
    }

    fn has_scope(&self, scope: &str) -> bool {
        self.engine.has_scope(scope)
    }

    fn has_role(&self, py: Python<'_>, role: &str) -> PyResult<bool> {
        drive::settled(py, self.engine.has_role(role))
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.engine)
    }
}
