//! Errors of the engine as the exceptions of `countersign_oidc.errors`.

use countersign::{Challenge, CheckError, Code, Error, Fault, ProviderSays, Refusal};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// The exception for an error of the engine, by whose fault it is.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    let made = exception(py, class_of(error.fault()), error, error.entry()).and_then(|raised| {
        raised.setattr(intern!(py, "fault"), fault(error.fault()))?;
        said(&raised, error.provider_says())?;
        if let Some(after) = error.retry_after() {
            let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
            raised.setattr(intern!(py, "retry_after"), seconds)?;
        }
        Ok(raised)
    });
    as_error(made)
}

/// The exception for a token that does not pass, with the answer that fits.
pub(crate) fn refused(py: Python<'_>, refusal: &Refusal, challenge: &Challenge) -> PyErr {
    let text = format!("{}: {refusal}", refusal.code());
    let made = exception(py, "TokenRefused", &text, challenge.entry).and_then(|raised| {
        let lines = challenge.authenticate.iter().filter_map(|line| line.to_str().ok());
        raised.setattr(intern!(py, "status"), challenge.status.as_u16())?;
        raised.setattr(intern!(py, "error"), challenge.error)?;
        let description = challenge.error.map(|_| challenge.entry.meaning);
        raised.setattr(intern!(py, "error_description"), description)?;
        let lines = PyTuple::new(py, lines.collect::<Vec<_>>())?;
        raised.setattr(intern!(py, "challenges"), lines)?;
        Ok(raised)
    });
    as_error(made)
}

/// The same for whatever a check may lead to.
pub(crate) fn unchecked(
    py: Python<'_>,
    error: &CheckError,
    challenge: impl FnOnce(&Refusal) -> Challenge,
) -> PyErr {
    match error {
        CheckError::Refused(refusal) => refused(py, refusal, &challenge(refusal)),
        CheckError::Unavailable(error) => raised(py, error),
        other => as_error(exception(py, "Error", other, &countersign::protocol::error::BUG)),
    }
}

/// A wrong setting, in words that name it.
pub(crate) fn setup(py: Python<'_>, what: &str) -> PyErr {
    raised(py, &Error::setup(what))
}

/// An argument of a wrong form.
pub(crate) fn argument(py: Python<'_>, name: &str, expected: &str, got: &str) -> PyErr {
    setup(py, &format!("{name} should be {expected}; got {got}"))
}

/// Something that is a wrong setting wherever it is met.
pub(crate) fn setup_of<E: Into<Error>>(py: Python<'_>, name: &str, error: E) -> PyErr {
    let error: Error = error.into();
    let text = format!("{}: {name}: {}", error.code(), error.kind());
    let made = exception(py, "SetupError", &text, error.entry());
    as_error(made)
}

/// A failure to open the network door.
pub(crate) fn no_transport(py: Python<'_>, why: &countersign_transport::TransportError) -> PyErr {
    let text = format!("{}: {why}", why.entry().code);
    as_error(exception(py, "SetupError", &text, why.entry()))
}

/// The class of this name.
pub(crate) fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import(intern!(py, "countersign_oidc.errors"))?.getattr(name)
}

fn exception<'py>(
    py: Python<'py>,
    name: &str,
    text: impl std::fmt::Display,
    entry: &Code,
) -> PyResult<Bound<'py, PyAny>> {
    let raised = class(py, name)?.call1((text.to_string(),))?;
    raised.setattr(intern!(py, "code"), entry.code)?;
    raised.setattr(intern!(py, "meaning"), entry.meaning)?;
    Ok(raised)
}

fn said(raised: &Bound<'_, PyAny>, says: Option<&ProviderSays>) -> PyResult<()> {
    let Some(says) = says else { return Ok(()) };
    let py = raised.py();
    raised.setattr(intern!(py, "provider_error"), &says.error)?;
    raised.setattr(intern!(py, "provider_error_description"), says.description.as_deref())
}

/// What happens while an exception is made is an exception as well.
fn as_error(made: PyResult<Bound<'_, PyAny>>) -> PyErr {
    made.map_or_else(|error| error, PyErr::from_value)
}

fn class_of(fault: Fault) -> &'static str {
    match fault {
        Fault::Person => "LoginRefused",
        Fault::Provider => "ProviderError",
        Fault::Network => "NetworkError",
        Fault::Setup => "SetupError",
        Fault::Bug => "Error",
    }
}

/// The name of a fault.
pub(crate) fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Person => "person",
        Fault::Provider => "provider",
        Fault::Network => "network",
        Fault::Setup => "setup",
        Fault::Bug => "bug",
    }
}
