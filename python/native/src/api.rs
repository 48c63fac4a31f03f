//! One API: programs that come with access tokens.

use countersign_web::{Admission, PublicAddress};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::drive;
use crate::fork::{Built, PerProcess};
use crate::outside::{self, Still};
use crate::reply::Reply;
use crate::requirement::Requirement;
use crate::resource_server::ResourceServer;
use crate::site::address;
use crate::token::Token;
use crate::wsgi::Parts;

/// Everything that serves programs: requests in, tokens or replies out.
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct Api {
    server: Py<ResourceServer>,
    address: Option<PublicAddress>,
    anything: countersign::Requirement,
    engine: PerProcess<countersign_web::Api>,
}

#[pymethods]
impl Api {
    #[new]
    #[pyo3(signature = (server, *, base_url=None, trusted_proxies=None, allow_http=false))]
    fn new(
        py: Python<'_>,
        server: Bound<'_, ResourceServer>,
        base_url: Option<&str>,
        trusted_proxies: Option<&Bound<'_, PyAny>>,
        allow_http: bool,
    ) -> PyResult<Self> {
        let address = base_url.map(|url| address(py, url, trusted_proxies, allow_http));
        let address = address.transpose()?;
        let engine = PerProcess::new(build(py, server.get(), address.as_ref())?);
        let anything = countersign::Requirement::new();
        Ok(Self { server: server.unbind(), address, anything, engine })
    }

    /// The token of a request that may pass, or what to answer instead. `None`: it may pass without
    /// one, as a CORS preflight may, and a request without any token where that is `optional`.
    #[pyo3(signature = (environ, requirement=None, *, optional=false))]
    fn admit<'py>(
        &self,
        py: Python<'py>,
        environ: &Bound<'py, PyDict>,
        requirement: Option<&Bound<'_, Requirement>>,
        optional: bool,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (engine, parts) = (self.engine(py)?, Parts::read(environ, Vec::new())?);
        let requirement = requirement.map_or(&self.anything, |asked| &asked.get().engine);
        let (request, now) = (parts.request(), outside::now(py));
        let settled = py.detach(|| {
            let _still = Still::at(now);
            engine.admit_now(&request, requirement)
        });
        let admission = match settled {
            Some(admission) => drive::settled(py, admission)?,
            None => {
                let door = self.server.get().door();
                drive::wait(py, door, engine.admit(&request, requirement))?
            }
        };
        Ok(match admission {
            Admission::Pass(engine) => Some(Bound::new(py, Token { engine })?.into_any()),
            Admission::Preflight => None,
            Admission::Anonymous(_) if optional => None,
            Admission::Anonymous(reply) | Admission::Answer(reply) => {
                Some(Bound::new(py, Reply::new(*reply))?.into_any())
            }
        })
    }

    /// The answer to a request whose token, which has passed, lacks something; `None` if it doesn't.
    fn require(
        &self,
        py: Python<'_>,
        token: &Bound<'_, Token>,
        requirement: &Bound<'_, Requirement>,
    ) -> PyResult<Option<Reply>> {
        let engine = self.engine(py)?;
        let met = engine.require(&token.get().engine, &requirement.get().engine);
        Ok(drive::settled(py, met)?.err().map(|reply| Reply::new(*reply)))
    }

    /// The path of this API's metadata (RFC 9728), if it has an address.
    #[getter]
    fn metadata_path(&self, py: Python<'_>) -> PyResult<Option<String>> {
        Ok(self.engine(py)?.metadata_path())
    }

    /// This API's metadata, for anybody.
    fn metadata(&self, py: Python<'_>) -> PyResult<Option<Reply>> {
        Ok(self.engine(py)?.metadata().map(Reply::new))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("{:?}", *self.engine(py)?))
    }
}

impl Api {
    fn engine(&self, py: Python<'_>) -> PyResult<Built<countersign_web::Api>> {
        self.engine.get(|_| build(py, self.server.get(), self.address.as_ref()))
    }
}

fn build(
    py: Python<'_>,
    server: &ResourceServer,
    address: Option<&PublicAddress>,
) -> PyResult<countersign_web::Api> {
    let api = countersign_web::Api::new((*server.engine(py)?).clone());
    Ok(match address {
        Some(address) => api.address(address.clone()),
        None => api,
    })
}
