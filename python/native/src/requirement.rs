//! What a view asks of a token.

use pyo3::prelude::*;

use crate::{convert, error};

/// What a token must have to pass here. Nothing: any good token does.
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct Requirement {
    pub(crate) engine: countersign::Requirement,
}

#[pymethods]
impl Requirement {
    #[new]
    #[pyo3(signature = (*, scopes=None, any_scope=None, roles=None, any_role=None, claims=None, max_age=None, acr_values=None))]
    fn new(
        scopes: Option<&Bound<'_, PyAny>>,
        any_scope: Option<&Bound<'_, PyAny>>,
        roles: Option<&Bound<'_, PyAny>>,
        any_role: Option<&Bound<'_, PyAny>>,
        claims: Option<&Bound<'_, PyAny>>,
        max_age: Option<u64>,
        acr_values: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let texts = |name, list: Option<&Bound<'_, PyAny>>| {
            list.map(|list| convert::texts(name, list)).transpose()
        };
        let mut engine = countersign::Requirement::new();
        for scope in texts("scopes", scopes)?.unwrap_or_default() {
            engine = engine.scope(scope);
        }
        for role in texts("roles", roles)?.unwrap_or_default() {
            engine = engine.role(role);
        }
        if let Some(scopes) = texts("any_scope", any_scope)? {
            engine = engine.any_scope(scopes);
        }
        if let Some(roles) = texts("any_role", any_role)? {
            engine = engine.any_role(roles);
        }
        if let Some(claims) = claims {
            for (pointer, value) in convert::object("claims", claims)? {
                if !pointer.starts_with('/') {
                    let expected = "JSON pointers (RFC 6901), such as \"/tenant\", to values";
                    return Err(error::argument(claims.py(), "claims", expected, &pointer));
                }
                engine = engine.claim(pointer, value);
            }
        }
        if let Some(seconds) = max_age {
            engine = engine.max_age(seconds);
        }
        if let Some(values) = texts("acr_values", acr_values)? {
            engine = engine.acr_values(values);
        }
        Ok(Self { engine })
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.engine)
    }
}
