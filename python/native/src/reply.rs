//! Answers that a face sends as they are.

use std::cell::RefCell;

use countersign_web::ErrorView;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::error;

/// An answer to a request.
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct Reply {
    engine: countersign_web::Reply,
    told: Option<Told>,
}

#[pymethods]
impl Reply {
    #[getter]
    fn status(&self) -> u16 {
        self.engine.status.as_u16()
    }

    #[getter]
    fn headers(&self) -> Vec<(&str, &str)> {
        pairs(&self.engine.headers)
    }

    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.engine.body)
    }

    /// What went wrong, where this is a page for a person that says so.
    #[getter]
    fn error<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        self.told.as_ref().map(|told| told.dict(py)).transpose()
    }

    fn __repr__(&self) -> String {
        format!("Reply({})", self.engine.status.as_u16())
    }
}

impl Reply {
    /// With what was told on this thread while the answer was made.
    pub(crate) fn new(engine: countersign_web::Reply) -> Self {
        Self { engine, told: TOLD.take() }
    }
}

/// The text of every header.
pub(crate) fn pairs(headers: &http::HeaderMap) -> Vec<(&str, &str)> {
    headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect()
}

/// Keeps what an application's own error page will want to show, for the answer under way.
pub(crate) fn note(view: &ErrorView<'_>) {
    TOLD.set(Some(Told {
        error: view.error().to_owned(),
        error_description: view.error_description().to_owned(),
        code: view.code(),
        meaning: view.meaning(),
        reason: view.reason(),
        fault: error::fault(view.fault()),
        status: view.status().as_u16(),
        try_again: view.try_again().to_owned(),
    }));
}

/// What an application's own error page gets to show.
struct Told {
    error: String,
    error_description: String,
    code: &'static str,
    meaning: &'static str,
    reason: Option<&'static str>,
    fault: &'static str,
    status: u16,
    try_again: String,
}

impl Told {
    fn dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("error", &self.error)?;
        dict.set_item("error_description", &self.error_description)?;
        dict.set_item("code", self.code)?;
        dict.set_item("meaning", self.meaning)?;
        dict.set_item("reason", self.reason)?;
        dict.set_item("fault", self.fault)?;
        dict.set_item("status", self.status)?;
        dict.set_item("try_again", &self.try_again)?;
        Ok(dict)
    }
}

thread_local! {
    static TOLD: RefCell<Option<Told>> = const { RefCell::new(None) };
}
