//! Whose tokens are accepted, and how an issuer is asked about them.

use std::sync::Arc;

use countersign::protocol::jose::{Algorithm, Allowed, Object};
use countersign::{Profile, Roles, danger};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::client::{Client, algorithm};
use crate::provider::Provider;
use crate::{convert, drive, error};

/// How an issuer is asked about tokens (RFC 7662).
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct Introspection {
    engine: countersign::Introspection,
}

#[pymethods]
impl Introspection {
    #[new]
    #[pyo3(signature = (client, *, endpoint=None, bearer=false, keep=0.0, any_audience=false, may_lack_audience=false, token_type_hint=None, jwts_too=true))]
    #[expect(clippy::too_many_arguments, reason = "Python's keywords")]
    fn new(
        py: Python<'_>,
        client: &Bound<'_, Client>,
        endpoint: Option<&str>,
        bearer: bool,
        keep: f64,
        any_audience: bool,
        may_lack_audience: bool,
        token_type_hint: Option<String>,
        jwts_too: bool,
    ) -> PyResult<Self> {
        let mut engine = countersign::Introspection::new(client.get().engine.clone())
            .keep(convert::span(py, "keep", keep)?)
            .hint(token_type_hint);
        if let Some(url) = endpoint {
            engine = engine.endpoint(convert::url(py, "endpoint", url)?);
        }
        for (wanted, set) in [
            (bearer, countersign::Introspection::bearer as fn(_) -> _),
            (any_audience, countersign::Introspection::any_audience),
            (may_lack_audience, countersign::Introspection::may_lack_audience),
            (jwts_too, countersign::Introspection::jwts_too),
        ] {
            if wanted {
                engine = set(engine);
            }
        }
        Ok(Self { engine })
    }

    fn __repr__(&self) -> &'static str {
        "Introspection(…)"
    }
}

/// An issuer whose tokens are accepted: by its keys, by its word, or both.
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct TrustedIssuer {
    recipe: Arc<Recipe>,
    name: String,
}

/// From what it is built, once in each process.
pub(crate) struct Recipe {
    provider: countersign::Provider,
    audiences: Option<Vec<String>>,
    algorithms: Option<Allowed>,
    profile: Profile,
    roles: Option<Roles>,
    introspection: Option<countersign::Introspection>,
    introspection_only: bool,
    audience: Audience,
    needs_kid: bool,
}

/// What is demanded of `aud`.
#[derive(Clone, Copy)]
enum Audience {
    Ours,
    Nobody,
    Any,
}

#[pymethods]
impl TrustedIssuer {
    #[new]
    #[pyo3(signature = (provider, *, audiences=None, algorithms=None, profile="any", roles=None, introspection=None, introspection_only=false, audience_rule="ours", needs_kid=false))]
    #[expect(clippy::too_many_arguments, reason = "Python's keywords")]
    fn new(
        py: Python<'_>,
        provider: &Bound<'_, Provider>,
        audiences: Option<&Bound<'_, PyAny>>,
        algorithms: Option<&Bound<'_, PyAny>>,
        profile: &str,
        roles: Option<&Bound<'_, PyAny>>,
        introspection: Option<&Bound<'_, Introspection>>,
        introspection_only: bool,
        audience_rule: &str,
        needs_kid: bool,
    ) -> PyResult<Self> {
        if introspection_only && introspection.is_none() {
            return Err(error::setup(py, "introspection_only needs introspection"));
        }
        let provider = provider.get();
        let recipe = Recipe {
            provider: provider.engine.clone(),
            audiences: audiences.map(|list| convert::texts("audiences", list)).transpose()?,
            algorithms: algorithms.map(allowed).transpose()?,
            profile: match profile {
                "any" => Profile::Any,
                "rfc9068" => Profile::Rfc9068,
                other => {
                    return Err(error::argument(py, "profile", "\"any\" or \"rfc9068\"", other));
                }
            },
            roles: roles.map(places).transpose()?,
            introspection: introspection.map(|asked| asked.get().engine.clone()),
            introspection_only,
            audience: match audience_rule {
                "ours" => Audience::Ours,
                "nobody" => Audience::Nobody,
                "any" => Audience::Any,
                other => {
                    let expected = "\"ours\", \"nobody\" or \"any\"";
                    return Err(error::argument(py, "audience_rule", expected, other));
                }
            },
            needs_kid,
        };
        Ok(Self { recipe: Arc::new(recipe), name: provider.name().to_owned() })
    }

    fn __repr__(&self) -> String {
        format!("TrustedIssuer({:?})", self.name)
    }
}

impl TrustedIssuer {
    pub(crate) fn recipe(&self) -> Arc<Recipe> {
        Arc::clone(&self.recipe)
    }
}

impl Recipe {
    pub(crate) fn build(&self) -> countersign::TrustedIssuer {
        let mut issuer =
            countersign::TrustedIssuer::new(self.provider.clone()).profile(self.profile);
        if let Some(audiences) = &self.audiences {
            issuer = issuer.audiences(audiences);
        }
        if let Some(allowed) = self.algorithms {
            issuer = issuer.algorithms(allowed);
        }
        if let Some(roles) = &self.roles {
            issuer = issuer.roles(roles.clone());
        }
        if self.needs_kid {
            issuer = issuer.needs_kid();
        }
        issuer = match self.audience {
            Audience::Ours => issuer,
            Audience::Nobody => issuer.no_audience(),
            Audience::Any => danger::any_audience(issuer),
        };
        match (&self.introspection, self.introspection_only) {
            (Some(asked), true) => issuer.introspection_only(asked.clone()),
            (Some(asked), false) => issuer.introspection(asked.clone()),
            (None, _) => issuer,
        }
    }
}

fn allowed(names: &Bound<'_, PyAny>) -> PyResult<Allowed> {
    let py = names.py();
    let names = convert::texts("algorithms", names)?;
    let known = names.iter().map(|name| algorithm(py, "algorithms", name));
    let known: Vec<Algorithm> = known.collect::<PyResult<_>>()?;
    Allowed::new(known).map_err(|why| error::setup(py, &format!("algorithms: {why}")))
}

/// One place, several, or a function of the claims.
pub(crate) fn places(given: &Bound<'_, PyAny>) -> PyResult<Roles> {
    let wrong = |got: &str| {
        let expected = "JSON pointers (RFC 6901), such as \"/roles\", or a function of the claims";
        error::argument(given.py(), "roles", expected, got)
    };
    let place = |pointer: String| {
        if pointer.starts_with('/') { Ok(Roles::at(&pointer)) } else { Err(wrong(&pointer)) }
    };
    if let Ok(pointer) = given.cast::<PyString>() {
        return place(pointer.extract()?);
    }
    if given.is_callable() {
        let function = Arc::new(given.clone().unbind());
        return Ok(Roles::by(move |claims| Python::attach(|py| roles_by(py, &function, claims))));
    }
    let mut pointers = convert::texts("roles", given)?.into_iter();
    let first = place(pointers.next().ok_or_else(|| wrong("an empty list"))?)?;
    pointers.try_fold(first, |roles, pointer| Ok(roles.and(place(pointer)?)))
}

/// What a function of the application's makes of the claims. If it fails, there are no roles, and
/// the check under way ends with its exception.
fn roles_by(py: Python<'_>, function: &Py<PyAny>, claims: &Object) -> Vec<String> {
    let found =
        convert::dict(py, claims).and_then(|claims| function.bind(py).call1((claims,))).and_then(
            |roles| if roles.is_none() { Ok(Vec::new()) } else { convert::texts("roles", &roles) },
        );
    found.unwrap_or_else(|raised| {
        drive::interrupt(raised);
        Vec::new()
    })
}
