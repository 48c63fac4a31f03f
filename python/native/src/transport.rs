//! The network door: the engine's own client, or a function of the application's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use countersign::blocking::block_on;
use countersign::outside::{BoxFuture, Failure, Limits, Outside, Transport};
use countersign::protocol;
use countersign_transport::{BlockingTransport, TransportError, TrustAnchors};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use crate::outside::PythonClock;
use crate::{drive, error, fork};

/// Which client carries the requests.
pub(crate) enum Door {
    /// The engine's own, with trust anchors besides the system's.
    Own(Option<PathBuf>),
    /// A function of the application's.
    Python(Arc<Py<PyAny>>),
}

impl Door {
    /// Reads the two arguments that decide.
    pub(crate) fn new(
        py: Python<'_>,
        transport: Option<Bound<'_, PyAny>>,
        ca_file: Option<PathBuf>,
    ) -> PyResult<Self> {
        match (transport, ca_file) {
            (Some(transport), None) if transport.is_callable() => {
                Ok(Self::Python(Arc::new(transport.unbind())))
            }
            (Some(transport), None) => {
                let got = crate::convert::kind(&transport);
                Err(error::argument(py, "transport", "a function of a Request, or None", &got))
            }
            (Some(_), Some(_)) => Err(error::setup(
                py,
                "ca_file is for the engine's own transport, and transport is given as well",
            )),
            (None, Some(path)) => {
                // Told now rather than at the first request; read again then.
                with_file(&path).map_err(|why| error::no_transport(py, &why))?;
                Ok(Self::Own(Some(path)))
            }
            (None, None) => Ok(Self::Own(None)),
        }
    }

    /// The world behind this door, for objects of this process.
    pub(crate) fn outside(&self) -> Outside {
        let outside = match self {
            Self::Own(ca_file) => Outside::new(Own::new(ca_file)),
            Self::Python(function) => Outside::new(Function(Arc::clone(function))),
        };
        outside.clock(PythonClock)
    }

    /// The client itself.
    pub(crate) fn transport(&self) -> Box<dyn Transport> {
        match self {
            Self::Own(ca_file) => Box::new(Own::new(ca_file)),
            Self::Python(function) => Box::new(Function(Arc::clone(function))),
        }
    }
}

/// The engine's own client, made when it is first needed: to read the system's trust anchors takes
/// longer than everything else at the start of a program.
struct Own {
    ca_file: Option<PathBuf>,
    made: ArcSwapOption<BlockingTransport>,
}

impl Own {
    fn new(ca_file: &Option<PathBuf>) -> Self {
        Self { ca_file: ca_file.clone(), made: None.into() }
    }

    fn client(&self) -> Result<Arc<BlockingTransport>, TransportError> {
        let Some(path) = &self.ca_file else { return shared() };
        if let Some(made) = self.made.load_full() {
            return Ok(made);
        }
        let made = Arc::new(BlockingTransport::trusting(with_file(path)?));
        self.made.store(Some(Arc::clone(&made)));
        Ok(made)
    }
}

impl Transport for Own {
    fn send(
        &self,
        request: protocol::Request,
        limits: Limits,
    ) -> BoxFuture<'_, Result<protocol::Response, Failure>> {
        Box::pin(async move {
            let client = self.client().map_err(|why| Failure::Tls { why: why.to_string() })?;
            if drive::may_hold_the_lock() {
                return Python::attach(|py| py.detach(|| block_on(client.send(request, limits))));
            }
            client.send(request, limits).await
        })
    }
}

/// One client for all objects of this process that trust what the system trusts.
fn shared() -> Result<Arc<BlockingTransport>, TransportError> {
    let epoch = fork::epoch();
    if let Some(shared) = SHARED.load_full() {
        if shared.0 == epoch {
            return Ok(Arc::clone(&shared.1));
        }
        // That of the parent: see `fork`.
        std::mem::forget(shared);
    }
    let made = Arc::new(BlockingTransport::new()?);
    SHARED.store(Some(Arc::new((epoch, Arc::clone(&made)))));
    Ok(made)
}

fn with_file(path: &Path) -> Result<TrustAnchors, TransportError> {
    TrustAnchors::of_system()?.and_file(path)
}

/// A function of the application's, called on the thread that asks.
struct Function(Arc<Py<PyAny>>);

impl Transport for Function {
    fn send(
        &self,
        request: protocol::Request,
        limits: Limits,
    ) -> BoxFuture<'_, Result<protocol::Response, Failure>> {
        Box::pin(async move {
            Python::attach(|py| {
                if drive::is_interrupted() {
                    return Err(Failure::Unreachable { why: "interrupted".to_owned() });
                }
                let asked = Request { request, limits };
                asked_of(py, &self.0, asked)
                    .unwrap_or_else(|raised| Err(failure(py, raised, limits)))
            })
        })
    }
}

fn asked_of(
    py: Python<'_>,
    function: &Py<PyAny>,
    request: Request,
) -> PyResult<Result<protocol::Response, Failure>> {
    let answer = function.bind(py).call1((request,))?;
    let Ok((status, headers, body)) = answer.extract::<(u16, Bound<'_, PyAny>, Bound<'_, PyAny>)>()
    else {
        return Ok(Err(unusable("no tuple of status, headers and body")));
    };
    let Ok(status) = StatusCode::from_u16(status) else {
        return Ok(Err(unusable("a status that is none")));
    };
    let Ok(body) = body.extract::<PyBackedBytes>() else {
        return Ok(Err(unusable("a body that is no bytes")));
    };
    let mut read = HeaderMap::new();
    for header in headers.try_iter()? {
        let Ok((name, value)) = header?.extract::<(String, String)>() else {
            return Ok(Err(unusable("headers that are no pairs of strings")));
        };
        // A header that can't be one can't be one that matters either.
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value))
        {
            read.append(name, value);
        }
    }
    let body = Bytes::copy_from_slice(&body);
    Ok(Ok(protocol::Response { status, headers: read, body }))
}

fn unusable(what: &str) -> Failure {
    Failure::Cut { why: format!("the application's transport returned {what}") }
}

/// What an exception of the application's transport says of the network. Its text may hold secrets.
fn failure(py: Python<'_>, raised: PyErr, limits: Limits) -> Failure {
    if !raised.is_instance_of::<PyException>(py) {
        drive::interrupt(raised);
        return Failure::Unreachable { why: "interrupted".to_owned() };
    }
    let value = raised.value(py);
    let is_ours = error::class(py, "TransportFailure")
        .is_ok_and(|class| value.is_instance(&class).unwrap_or(false));
    let text = |name| value.getattr(name).and_then(|text| text.extract::<String>());
    if let (true, Ok(kind), Ok(why)) =
        (is_ours, text(intern!(py, "kind")), text(intern!(py, "why")))
    {
        return match kind.as_str() {
            "timeout" => Failure::Timeout { after: limits.time },
            "tls" => Failure::Tls { why },
            "cut" => Failure::Cut { why },
            "too_large" => Failure::TooLarge { limit: limits.body },
            _ => Failure::Unreachable { why },
        };
    }
    let why = crate::convert::kind(value);
    tracing::debug!("the application's transport raised {why}");
    Failure::Unreachable { why }
}

/// One request to a provider, as a transport gets it.
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct Request {
    request: protocol::Request,
    limits: Limits,
}

#[pymethods]
impl Request {
    #[getter]
    fn endpoint(&self) -> &'static str {
        self.request.endpoint().name()
    }

    #[getter]
    fn method(&self) -> &str {
        self.request.method().as_str()
    }

    #[getter]
    fn url(&self) -> &str {
        self.request.url().as_str()
    }

    #[getter]
    fn headers(&self) -> Vec<(&str, &str)> {
        let pairs = self.request.headers().iter();
        pairs.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect()
    }

    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.request.body())
    }

    #[getter]
    fn timeout(&self) -> f64 {
        self.limits.time.as_secs_f64()
    }

    #[getter]
    fn limit(&self) -> usize {
        self.limits.body
    }

    fn __repr__(&self) -> String {
        format!("Request({:?})", self.request)
    }
}

static SHARED: ArcSwapOption<(u64, Arc<BlockingTransport>)> = ArcSwapOption::const_empty();
