//! One site: logins of people who come with a browser, and sessions in cookies of the engine's own.

use std::path::PathBuf;

use countersign::protocol::bearer::Roles;
use countersign::{LoginOptions, LogoutOptions, ReturnTo, SessionPolicy};
use countersign_web::cookie::Prefix;
use countersign_web::{Decision, KeyRing, PublicAddress, Routes, danger};
use http::{HeaderMap, HeaderValue, header};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;

use crate::fork::{Built, PerProcess};
use crate::relying_party::RelyingParty;
use crate::reply::{self, Reply};
use crate::session::Session;
use crate::wsgi::Parts;
use crate::{convert, drive, error, issuer};

/// Everything that serves browsers: requests in, replies out.
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct Site {
    party: Py<RelyingParty>,
    recipe: Recipe,
    engine: PerProcess<countersign_web::Site>,
}

/// From what it is built, once in each process.
struct Recipe {
    address: PublicAddress,
    key_ring: KeyRing,
    routes: Routes,
    prefix: Prefix,
    policy: SessionPolicy,
    login: LoginOptions,
    logout: LogoutOptions,
    after_login: Option<ReturnTo>,
    roles: Roles,
    shared_folder: Option<PathBuf>,
}

#[pymethods]
impl Site {
    #[new]
    #[pyo3(signature = (relying_party, base_url, secrets, *, prefix=None, routes=None, lifetime=43_200.0, refresh_interval=None, login=None, logout=None, after_login=None, roles=None, trusted_proxies=None, shared_folder=None, allow_http=false))]
    #[expect(clippy::too_many_arguments, reason = "Python's keywords")]
    fn new(
        py: Python<'_>,
        relying_party: Bound<'_, RelyingParty>,
        base_url: &str,
        secrets: Vec<Vec<u8>>,
        prefix: Option<&str>,
        routes: Option<&Bound<'_, PyAny>>,
        lifetime: f64,
        refresh_interval: Option<f64>,
        login: Option<&Bound<'_, PyAny>>,
        logout: Option<&Bound<'_, PyAny>>,
        after_login: Option<&str>,
        roles: Option<&Bound<'_, PyAny>>,
        trusted_proxies: Option<&Bound<'_, PyAny>>,
        shared_folder: Option<PathBuf>,
        allow_http: bool,
    ) -> PyResult<Self> {
        let interval =
            refresh_interval.map(|seconds| convert::span(py, "refresh_interval", seconds));
        let recipe = Recipe {
            address: address(py, base_url, trusted_proxies, allow_http)?,
            key_ring: KeyRing::from_secrets(secrets).map_err(|why| wrong(py, "secrets", &why))?,
            routes: routes.map(|given| paths(given)).transpose()?.unwrap_or_default(),
            prefix: match prefix {
                Some(text) => Prefix::parse(text).map_err(|why| wrong(py, "prefix", &why))?,
                None => Prefix::default(),
            },
            policy: SessionPolicy::new()
                .lifetime(convert::span(py, "lifetime", lifetime)?)
                .refresh_interval(interval.transpose()?),
            login: login_options(py, login)?,
            logout: logout_options(py, logout)?,
            after_login: match after_login {
                Some(path) => Some(target(py, "after_login", path)?),
                None => None,
            },
            roles: roles.map(issuer::places).transpose()?.unwrap_or_default(),
            shared_folder,
        };
        let engine = recipe.build(py, relying_party.get())?;
        let party = relying_party.unbind();
        drive::settled(py, Self { party, recipe, engine: PerProcess::new(engine) })
    }

    /// The paths that `endpoint` answers.
    #[getter]
    fn paths(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        Ok(self.engine(py)?.paths())
    }

    /// The answer to a request to one of the site's own paths; `None` for all others.
    #[pyo3(signature = (environ, body=None))]
    fn endpoint(
        &self,
        py: Python<'_>,
        environ: &Bound<'_, PyDict>,
        body: Option<Vec<u8>>,
    ) -> PyResult<Option<Reply>> {
        let (engine, parts) = (self.engine(py)?, Parts::read(environ, body.unwrap_or_default())?);
        let request = parts.request();
        let reply = drive::wait(py, self.party.get().door(), engine.endpoint(&request))?;
        Ok(reply.map(Reply::new))
    }

    /// Who is here, if anybody; never asks for a login.
    fn visit(&self, py: Python<'_>, environ: &Bound<'_, PyDict>) -> PyResult<Visit> {
        let (engine, parts) = (self.engine(py)?, Parts::read(environ, Vec::new())?);
        let request = parts.request();
        let visit = drive::briefly(py, engine.visit(&request))?;
        self.visited(py, visit)
    }

    /// The visit of somebody who has logged in and has these roles, or what to answer instead.
    #[pyo3(signature = (environ, *, roles=None, any_role=None))]
    fn guard<'py>(
        &self,
        py: Python<'py>,
        environ: &Bound<'py, PyDict>,
        roles: Option<Vec<String>>,
        any_role: Option<Vec<String>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (engine, parts) = (self.engine(py)?, Parts::read(environ, Vec::new())?);
        let request = parts.request();
        let visit = match drive::briefly(py, engine.guard(&request))? {
            Decision::Pass(visit) => *visit,
            Decision::Answer(reply) => {
                return Ok(Bound::new(py, Reply::new(reply))?.into_any());
            }
        };
        if roles.is_some() || any_role.is_some() {
            let lacking = self.lacking(&visit, roles.unwrap_or_default(), any_role);
            if let Some(lacking) = drive::settled(py, lacking)? {
                let reply = drive::settled(py, engine.forbid(&request, &lacking))?;
                return Ok(Bound::new(py, Reply::new(reply))?.into_any());
            }
        }
        Ok(Bound::new(py, self.visited(py, visit)?)?.into_any())
    }

    /// The address that starts a login and comes back to this path.
    fn login_url(&self, py: Python<'_>, return_to: &str) -> PyResult<String> {
        Ok(self.engine(py)?.login_url(&target(py, "return_to", return_to)?))
    }

    /// The address that ends the session and comes back to this path.
    fn logout_url(&self, py: Python<'_>, return_to: &str) -> PyResult<String> {
        Ok(self.engine(py)?.logout_url(&target(py, "return_to", return_to)?))
    }

    fn __repr__(&self) -> String {
        format!("Site({:?})", self.recipe.address.url("").as_str())
    }
}

impl Site {
    fn engine(&self, py: Python<'_>) -> PyResult<Built<countersign_web::Site>> {
        self.engine.get(|_| self.recipe.build(py, self.party.get()))
    }

    fn visited(&self, py: Python<'_>, engine: countersign_web::Visit) -> PyResult<Visit> {
        let roles = self.recipe.roles.clone();
        // Told for a page that nobody may come to see.
        let trouble = engine.trouble().cloned().map(Reply::new);
        let trouble = trouble.map(|reply| Py::new(py, reply)).transpose()?;
        Ok(Visit { engine, roles, trouble })
    }

    /// What somebody lacks of the roles that are asked for.
    fn lacking(
        &self,
        visit: &countersign_web::Visit,
        all: Vec<String>,
        any: Option<Vec<String>>,
    ) -> Option<String> {
        let held = held(&self.recipe.roles, visit);
        if let Some(role) = all.iter().find(|role| !held.contains(role)) {
            return Some(format!("role {role:?} is needed; looked at {}", self.recipe.roles));
        }
        let any = any.filter(|any| !any.iter().any(|role| held.contains(role)))?;
        Some(format!("one of the roles {any:?} is needed; looked at {}", self.recipe.roles))
    }
}

impl Recipe {
    fn build(&self, py: Python<'_>, party: &RelyingParty) -> PyResult<countersign_web::Site> {
        let party = (*party.engine(py)?).clone();
        let (address, key_ring) = (self.address.clone(), self.key_ring.clone());
        let mut site = countersign_web::Site::builder(party, address, key_ring)
            .routes(self.routes.clone())
            .policy(self.policy.clone())
            .login(self.login.clone())
            .logout(self.logout.clone())
            .cookie_prefix(self.prefix.clone())
            .error_view(|view| {
                reply::note(view);
                None
            });
        if let Some(target) = &self.after_login {
            site = site.after_login(target.clone());
        }
        if let Some(folder) = &self.shared_folder {
            site = site.shared_folder(folder);
        }
        site.build().map_err(|why| wrong(py, "base_url, routes and shared_folder", &why))
    }
}

/// A request with or without somebody behind it.
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct Visit {
    engine: countersign_web::Visit,
    roles: Roles,
    trouble: Option<Py<Reply>>,
}

#[pymethods]
impl Visit {
    #[getter]
    fn session(&self) -> Option<Session> {
        self.engine.session().cloned().map(|engine| Session { engine })
    }

    #[getter]
    fn subject(&self) -> Option<&str> {
        self.engine.session().map(countersign::Session::subject)
    }

    /// Of the ID token and of UserInfo; a new dictionary each time.
    #[getter]
    fn claims<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let principal = self.engine.principal();
        principal.map(|principal| convert::dict(py, principal.claims())).transpose()
    }

    /// Something else than strings where roles should be is no role.
    #[getter]
    fn roles(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        drive::settled(py, held(&self.roles, &self.engine))
    }

    /// What to answer where the session is needed, when there is one that can't be used now.
    #[getter]
    fn trouble(&self, py: Python<'_>) -> Option<Py<Reply>> {
        self.trouble.as_ref().map(|reply| reply.clone_ref(py))
    }

    /// What belongs to the application's answer, which has this `Cache-Control`, if any: headers to
    /// add, and the one that `Cache-Control` becomes.
    #[pyo3(signature = (cache_control=None))]
    fn headers(&self, cache_control: Option<&str>) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        if let Some(value) = cache_control.and_then(|text| HeaderValue::from_str(text).ok()) {
            headers.insert(header::CACHE_CONTROL, value);
        }
        self.engine.apply(&mut headers);
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        reply::pairs(&headers).into_iter().map(owned).collect()
    }

    fn __repr__(&self) -> String {
        format!("Visit({:?})", self.subject())
    }
}

fn held(roles: &Roles, visit: &countersign_web::Visit) -> Vec<String> {
    let Some(principal) = visit.principal() else { return Vec::new() };
    roles.among(principal.claims()).unwrap_or_default()
}

/// Where people reach the application.
pub(crate) fn address(
    py: Python<'_>,
    base_url: &str,
    trusted_proxies: Option<&Bound<'_, PyAny>>,
    allow_http: bool,
) -> PyResult<PublicAddress> {
    let read = if allow_http { danger::plain_http_address } else { PublicAddress::new };
    let address = read(base_url).map_err(|why| wrong(py, "base_url", &why))?;
    let Some(proxies) = trusted_proxies else { return Ok(address) };
    let proxies = convert::texts("trusted_proxies", proxies)?;
    let trusting = address.trust_proxies(proxies.iter().map(String::as_str));
    trusting.map_err(|why| wrong(py, "trusted_proxies", &why))
}

/// A setting that the web crate refuses; its own code stands in front of its words.
fn wrong(py: Python<'_>, argument: &str, why: &dyn std::error::Error) -> PyErr {
    let text = why.to_string();
    let words = text.split_once(": ").map_or(text.as_str(), |(_, words)| words);
    error::setup(py, &format!("{argument}: {words}"))
}

fn target(py: Python<'_>, argument: &str, path: &str) -> PyResult<ReturnTo> {
    ReturnTo::parse(path)
        .map_err(|_| error::argument(py, argument, "a path of this application", path))
}

fn paths(given: &Bound<'_, PyAny>) -> PyResult<Routes> {
    let mut routes = Routes::default();
    for (name, path) in convert::parameters("routes", Some(given))? {
        routes = match name.as_str() {
            "login" => routes.login(path),
            "logout" => routes.logout(path),
            "logged_out" => routes.logged_out(path),
            "backchannel_logout" => routes.back_channel_logout(path),
            other => {
                let expected = "paths for login, logout, logged_out and backchannel_logout";
                return Err(error::argument(given.py(), "routes", expected, other));
            }
        };
    }
    Ok(routes)
}

/// Parameters of every login; those that the engine knows by name are checked in the answer.
fn login_options(py: Python<'_>, given: Option<&Bound<'_, PyAny>>) -> PyResult<LoginOptions> {
    let mut options = LoginOptions::new();
    let Some(given) = given else { return Ok(options) };
    let mut others = convert::object("login", given)?;
    if let Some(claims) = others.remove("claims") {
        let Value::Object(claims) = claims else {
            return Err(error::setup(py, "login: claims is a mapping (section 5.5)"));
        };
        options = options.claims(claims);
    }
    if let Some(seconds) = others.remove("max_age") {
        let seconds = seconds
            .as_u64()
            .ok_or_else(|| error::setup(py, "login: max_age is a number of seconds"))?;
        options = options.max_age(seconds);
    }
    for (name, value) in others {
        let Some(text) = convert::parameter(value) else { continue };
        options = match name.as_str() {
            "prompt" => options.prompt(text),
            "login_hint" => options.login_hint(text),
            "acr_values" => options.acr_values(&text),
            "ui_locales" => options.ui_locales(text),
            "response_mode" => {
                let mode = text.parse();
                options.response_mode(mode.map_err(|why| error::setup_of(py, "login", why))?)
            }
            _ => options.extra(name, text),
        };
    }
    options.checked().map_err(|why| error::setup_of(py, "login", why))
}

fn logout_options(py: Python<'_>, given: Option<&Bound<'_, PyAny>>) -> PyResult<LogoutOptions> {
    let parameters = convert::parameters("logout", given)?.into_iter();
    let options =
        parameters.fold(LogoutOptions::new(), |options, (name, value)| options.extra(name, value));
    options.checked().map_err(|why| error::setup_of(py, "logout", why))
}
