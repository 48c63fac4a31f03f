//! A token that passed.

use std::borrow::Cow;
use std::sync::OnceLock;

use countersign::protocol::jose::json::Item;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::{convert, drive};

/// What stays with a token whose claims were asked for once: from the second time on, the claims.
/// A token that comes only once costs no memory for them.
#[derive(Default)]
struct Kept {
    claims: OnceLock<Py<PyDict>>,
}

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

    /// A new dictionary each time, and new lists and dictionaries in it: whoever changes them changes
    /// nothing for the next request. What nobody can change is shared.
    #[getter]
    fn claims<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let document = self.engine.access_token().pointer("");
        let members = || document.and_then(Item::members).into_iter().flatten();
        let companion = self.engine.companion();
        let kept = companion.get().and_then(|kept| kept.downcast_ref::<Kept>());
        if let Some(claims) = kept.and_then(|kept| kept.claims.get()) {
            let claims = claims.bind(py).copy()?;
            for (name, member) in members().filter(|(_, member)| convert::is_mutable(*member)) {
                claims.set_item(convert::usual(py, name), convert::item(py, member)?)?;
            }
            return Ok(claims);
        }
        let claims = PyDict::new(py);
        for (name, member) in members() {
            claims.set_item(convert::usual(py, name), convert::item(py, member)?)?;
        }
        // Another thread may have been faster, which comes to the same.
        match kept {
            Some(kept) => drop(kept.claims.set(claims.copy()?.unbind())),
            None => drop(companion.set(Box::new(Kept::default()))),
        }
        Ok(claims)
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
