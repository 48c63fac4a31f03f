//! May this token pass?

use std::sync::Arc;
use std::time::Duration;

use countersign::{
    CheckError, Credentials, Error, Outcome, Presented, ProtectedResource, Refusal, Scheme,
};
use http::{HeaderMap, HeaderValue, header};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::fork::{Built, PerProcess};
use crate::issuer::{Recipe as IssuerRecipe, TrustedIssuer};
use crate::outside::{self, Still};
use crate::requirement::Requirement;
use crate::token::Token;
use crate::transport::Door;
use crate::{convert, drive, error};

/// An API that accepts the tokens of one or several issuers.
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct ResourceServer {
    recipe: Recipe,
    anything: countersign::Requirement,
    engine: PerProcess<countersign::ResourceServer>,
}

/// From what it is built, once in each process.
struct Recipe {
    audiences: Vec<String>,
    issuers: Vec<Arc<IssuerRecipe>>,
    clock_skew: Duration,
    realm: Option<String>,
    resource: Option<ProtectedResource>,
    cache_bytes: usize,
    door: Door,
}

#[pymethods]
impl ResourceServer {
    #[new]
    #[pyo3(signature = (audiences, issuers, *, clock_skew=60.0, realm=None, resource=None, transport=None, ca_file=None, cache_bytes=67_108_864))]
    #[expect(clippy::too_many_arguments, reason = "Python's keywords")]
    fn new(
        py: Python<'_>,
        audiences: &Bound<'_, PyAny>,
        issuers: Vec<Bound<'_, TrustedIssuer>>,
        clock_skew: f64,
        realm: Option<String>,
        resource: Option<&str>,
        transport: Option<Bound<'_, PyAny>>,
        ca_file: Option<std::path::PathBuf>,
        cache_bytes: usize,
    ) -> PyResult<Self> {
        let resource = resource.map(|address| {
            let read = ProtectedResource::new(address);
            read.map_err(|why| error::setup(py, &format!("resource: {why}")))
        });
        let recipe = Recipe {
            audiences: convert::texts("audiences", audiences)?,
            issuers: issuers.iter().map(|issuer| issuer.get().recipe()).collect(),
            clock_skew: convert::span(py, "clock_skew", clock_skew)?,
            realm,
            resource: resource.transpose()?,
            cache_bytes,
            door: Door::new(py, transport, ca_file)?,
        };
        let engine = recipe.build().map_err(|why| error::raised(py, &why))?;
        let anything = countersign::Requirement::new();
        drive::settled(py, Self { recipe, anything, engine: PerProcess::new(engine) })
    }

    /// The token, if it is good and has what is asked of it.
    #[pyo3(signature = (token, requirement=None))]
    fn check(
        &self,
        py: Python<'_>,
        token: &Bound<'_, PyString>,
        requirement: Option<&Bound<'_, Requirement>>,
    ) -> PyResult<Token> {
        let engine = self.engine(py)?;
        // What can't be written down (half a character) is no token.
        let token = token.to_cow().unwrap_or_default();
        let credentials = Credentials::new(Scheme::Bearer, &token)
            .map_err(|refusal| self.refused(py, &engine, refusal.into(), Scheme::Bearer))?;
        self.checked(py, &engine, &Presented::new(credentials), requirement)
    }

    /// The same out of the value of an `Authorization` header.
    #[pyo3(signature = (authorization, requirement=None))]
    fn check_header(
        &self,
        py: Python<'_>,
        authorization: Option<&Bound<'_, PyString>>,
        requirement: Option<&Bound<'_, Requirement>>,
    ) -> PyResult<Token> {
        let engine = self.engine(py)?;
        let mut headers = HeaderMap::with_capacity(1);
        if let Some(value) = authorization {
            // What no header can hold is no token either; nothing of it is shown.
            let value = value.to_cow().ok().and_then(|value| HeaderValue::from_str(&value).ok());
            let value = value.unwrap_or(HeaderValue::from_static("Bearer \""));
            headers.insert(header::AUTHORIZATION, value);
        }
        let presented = Presented::from_headers(&headers)
            .map_err(|refusal| self.refused(py, &engine, refusal.into(), Scheme::Bearer))?;
        self.checked(py, &engine, &presented, requirement)
    }

    /// Asks one more thing of a token that passed.
    fn require(
        &self,
        py: Python<'_>,
        token: &Bound<'_, Token>,
        requirement: &Bound<'_, Requirement>,
    ) -> PyResult<()> {
        let (engine, token) = (self.engine(py)?, &token.get().engine);
        let met = engine.require(token, &requirement.get().engine);
        drive::settled(py, met)?.map_err(|why| self.refused(py, &engine, why, token.scheme()))
    }

    /// The profile of whoever the token speaks for.
    fn user_info<'py>(
        &self,
        py: Python<'py>,
        token: &Bound<'_, Token>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (engine, token) = (self.engine(py)?, token.get().engine.clone());
        let profile = self.wait(py, engine.user_info(&token))?;
        convert::dict(py, profile.claims())
    }

    /// The issuer's answer about a token as it came, unjudged; `None` when it is not active.
    fn introspect<'py>(
        &self,
        py: Python<'py>,
        token: &str,
    ) -> PyResult<Option<Bound<'py, PyDict>>> {
        let (engine, token) = (self.engine(py)?, countersign::Secret::from(token));
        let answer = self.wait(py, engine.ask_about_token(&token))?;
        answer.map(|answer| convert::dict(py, &answer)).transpose()
    }

    /// What this API says of itself (RFC 9728), if it was given an address.
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let document = self.engine(py)?.metadata();
        document.map(|document| convert::dict(py, &document)).transpose()
    }

    /// Whether every issuer could be used now.
    fn ready(&self, py: Python<'_>) -> PyResult<()> {
        let engine = self.engine(py)?;
        self.wait(py, engine.ready())
    }

    #[getter]
    fn cached(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.engine(py)?.cached())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("{:?}", *self.engine(py)?))
    }
}

impl ResourceServer {
    /// The network door of this object.
    pub(crate) fn door(&self) -> &Door {
        &self.recipe.door
    }

    /// What it is in this process.
    pub(crate) fn engine(&self, py: Python<'_>) -> PyResult<Built<countersign::ResourceServer>> {
        let built = self.engine.get(|_| self.recipe.build());
        built.map_err(|why| error::raised(py, &why))
    }

    /// From memory first, which takes less time than to give the interpreter's lock away; then
    /// without the lock, from what is at hand; then with whoever has to be asked.
    fn checked(
        &self,
        py: Python<'_>,
        engine: &countersign::ResourceServer,
        presented: &Presented<'_>,
        requirement: Option<&Bound<'_, Requirement>>,
    ) -> PyResult<Token> {
        let requirement = requirement.map_or(&self.anything, |asked| &asked.get().engine);
        let now = outside::now(py);
        let remembered = {
            let _still = Still::at(now);
            engine.remembered(presented, requirement)
        };
        let settled = remembered.or_else(|| {
            py.detach(|| {
                let _still = Still::at(now);
                match engine.check_now(presented, requirement) {
                    Outcome::Settled(settled) => Some(settled),
                    Outcome::NeedsNetwork => None,
                }
            })
        });
        let checked = match settled {
            Some(settled) => drive::settled(py, settled)?,
            None => drive::wait(py, &self.recipe.door, engine.check(presented, requirement))?,
        };
        let used = presented.credentials().scheme();
        checked.map(|engine| Token { engine }).map_err(|why| self.refused(py, engine, why, used))
    }

    fn refused(
        &self,
        py: Python<'_>,
        engine: &countersign::ResourceServer,
        why: CheckError,
        used: Scheme,
    ) -> PyErr {
        error::unchecked(py, &why, |refusal: &Refusal| engine.challenge(refusal, used))
    }

    fn wait<T: Send>(
        &self,
        py: Python<'_>,
        operation: impl Future<Output = Result<T, Error>> + Send,
    ) -> PyResult<T> {
        drive::wait(py, &self.recipe.door, operation)?.map_err(|why| error::raised(py, &why))
    }
}

impl Recipe {
    fn build(&self) -> Result<countersign::ResourceServer, Error> {
        let mut builder = countersign::ResourceServer::builder(&self.audiences)
            .clock_skew(self.clock_skew)
            .cache_bytes(self.cache_bytes);
        for issuer in &self.issuers {
            builder = builder.issuer(issuer.build());
        }
        if let Some(realm) = &self.realm {
            builder = builder.realm(realm);
        }
        if let Some(resource) = &self.resource {
            builder = builder.resource(resource.clone());
        }
        builder.build(self.door.outside())
    }
}
