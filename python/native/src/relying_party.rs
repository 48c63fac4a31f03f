//! Who is this person?

use std::time::Duration;

use countersign::protocol::value::random::{self, RANDOM_BYTES};
use countersign::{
    Callback, Error, LoginOptions, LogoutOptions, RegistrationRequest, Secret, danger, quirks,
};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use url::Url;

use crate::client::{Client, Registration};
use crate::fork::{Built, PerProcess};
use crate::pending::PendingLogin;
use crate::provider::Provider;
use crate::session::Session;
use crate::transport::Door;
use crate::{convert, drive, error};

/// An application's relationship with one provider.
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct RelyingParty {
    recipe: Recipe,
    engine: PerProcess<countersign::RelyingParty>,
}

/// From what it is built, once in each process.
struct Recipe {
    provider: countersign::Provider,
    client: Source,
    redirect_uri: Url,
    scope: String,
    user_info: Option<Method>,
    trusted_audiences: Vec<String>,
    clock_skew: Duration,
    pkce_where_announced: bool,
    plain_http_redirect: bool,
    door: Door,
}

enum Source {
    ByHand(countersign::Client),
    ByItself(Box<RegistrationRequest>),
}

/// How UserInfo is asked (OpenID Connect Core 1.0 section 5.3.1).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Get,
    Post,
}

#[pymethods]
impl RelyingParty {
    #[new]
    #[pyo3(signature = (provider, client, redirect_uri, *, scope="openid profile email", user_info=Some("GET"), trusted_audiences=None, clock_skew=60.0, pkce="always", transport=None, ca_file=None, allow_http_redirect=false))]
    #[expect(clippy::too_many_arguments, reason = "Python's keywords")]
    fn new(
        py: Python<'_>,
        provider: &Bound<'_, Provider>,
        client: &Bound<'_, PyAny>,
        redirect_uri: &str,
        scope: &str,
        user_info: Option<&str>,
        trusted_audiences: Option<&Bound<'_, PyAny>>,
        clock_skew: f64,
        pkce: &str,
        transport: Option<Bound<'_, PyAny>>,
        ca_file: Option<std::path::PathBuf>,
        allow_http_redirect: bool,
    ) -> PyResult<Self> {
        let redirect_uri = convert::url(py, "redirect_uri", redirect_uri)?;
        let client = if let Ok(client) = client.cast::<Client>() {
            Source::ByHand(client.get().engine.clone())
        } else if let Ok(registration) = client.cast::<Registration>() {
            Source::ByItself(Box::new(registration.get().request(&redirect_uri)))
        } else {
            let got = convert::kind(client);
            return Err(error::argument(py, "client", "a Client or a Registration", &got));
        };
        let audiences = trusted_audiences.map(|list| convert::texts("trusted_audiences", list));
        let recipe = Recipe {
            provider: provider.get().engine.clone(),
            client,
            redirect_uri,
            scope: scope.to_owned(),
            user_info: method(py, user_info)?,
            trusted_audiences: audiences.transpose()?.unwrap_or_default(),
            clock_skew: convert::span(py, "clock_skew", clock_skew)?,
            pkce_where_announced: match pkce {
                "always" => false,
                "announced" => true,
                other => {
                    return Err(error::argument(py, "pkce", "\"always\" or \"announced\"", other));
                }
            },
            plain_http_redirect: allow_http_redirect,
            door: Door::new(py, transport, ca_file)?,
        };
        let engine = recipe.build(None).map_err(|why| error::raised(py, &why))?;
        drive::settled(py, Self { recipe, engine: PerProcess::new(engine) })
    }

    #[getter]
    fn issuer(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.engine(py)?.issuer().to_owned())
    }

    #[getter]
    fn redirect_uri(&self) -> &str {
        self.recipe.redirect_uri.as_str()
    }

    /// The address to send the browser to, and what to keep until it comes back.
    #[pyo3(signature = (*, scope=None, redirect_uri=None, prompt=None, max_age=None, login_hint=None, acr_values=None, ui_locales=None, claims=None, response_mode=None, extra=None, state=None, nonce=None, silent_for=None))]
    #[expect(clippy::too_many_arguments, reason = "Python's keywords")]
    fn begin(
        &self,
        py: Python<'_>,
        scope: Option<&str>,
        redirect_uri: Option<&str>,
        prompt: Option<&str>,
        max_age: Option<u64>,
        login_hint: Option<&str>,
        acr_values: Option<&str>,
        ui_locales: Option<&str>,
        claims: Option<&Bound<'_, PyAny>>,
        response_mode: Option<&str>,
        extra: Option<&Bound<'_, PyAny>>,
        state: Option<&str>,
        nonce: Option<&str>,
        silent_for: Option<&Bound<'_, Session>>,
    ) -> PyResult<(String, PendingLogin)> {
        let mut options = LoginOptions::new();
        let texts: [(Option<&str>, SetText); 5] = [
            (scope, |options, text| options.scope(text)),
            (prompt, |options, text| options.prompt(text)),
            (login_hint, |options, text| options.login_hint(text)),
            (acr_values, |options, text| options.acr_values(text)),
            (ui_locales, |options, text| options.ui_locales(text)),
        ];
        for (text, set) in texts {
            if let Some(text) = text {
                options = set(options, text);
            }
        }
        if let Some(uri) = redirect_uri {
            options = options.redirect_uri(convert::url(py, "redirect_uri", uri)?);
        }
        if let Some(seconds) = max_age {
            options = options.max_age(seconds);
        }
        if let Some(claims) = claims {
            options = options.claims(convert::object("claims", claims)?);
        }
        if let Some(mode) = response_mode {
            let mode = mode.parse().map_err(|why| error::setup_of(py, "response_mode", why))?;
            options = options.response_mode(mode);
        }
        for (name, value) in convert::parameters("extra", extra)? {
            options = options.extra(name, value);
        }
        if let Some(session) = silent_for {
            options = session.get().engine.silent_login(options);
        }
        let engine = self.engine(py)?;
        if state.is_some() || nonce.is_some() {
            let draw = || engine.random().map_err(|why| error::raised(py, &why));
            options = chosen(options, state, nonce, [draw()?, draw()?]);
        }
        let begun = self.wait(py, engine.begin(options))?;
        Ok((begun.0.into(), PendingLogin::new(&begun.1)?))
    }

    /// Turns what the browser brought back into a session.
    #[pyo3(signature = (pending, callback, *, user_info=None))]
    fn complete(
        &self,
        py: Python<'_>,
        pending: &Bound<'_, PendingLogin>,
        callback: &Bound<'_, PyAny>,
        user_info: Option<bool>,
    ) -> PyResult<Session> {
        let callback = Callback::parse(&form(callback)?).map_err(Error::from);
        let callback = callback.map_err(|why| error::raised(py, &why))?;
        let pending = pending.get().engine()?;
        let engine = self.engine(py)?;
        let engine = if user_info == Some(false) {
            self.wait(py, engine.identify(pending, callback))?
        } else {
            self.wait(py, engine.complete(pending, callback))?
        };
        Ok(Session { engine })
    }

    /// The same session with new tokens.
    fn refresh(&self, py: Python<'_>, session: &Bound<'_, Session>) -> PyResult<Session> {
        let engine = self.engine(py)?;
        let engine = self.wait(py, engine.refresh(&session.get().engine))?;
        Ok(Session { engine })
    }

    /// What UserInfo says, about this subject if one is given.
    #[pyo3(signature = (access_token, subject))]
    fn user_info<'py>(
        &self,
        py: Python<'py>,
        access_token: &str,
        subject: Option<&str>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let token = Secret::from(access_token);
        let engine = self.engine(py)?;
        let claims = self.wait(py, engine.user_info(&token, subject))?;
        convert::dict(py, &claims)
    }

    /// Where the provider ends its session too; `None` when it offers no such place.
    #[pyo3(signature = (session=None, *, id_token_hint=None, post_logout_redirect_uri=None, state=None, extra=None))]
    fn logout_url(
        &self,
        py: Python<'_>,
        session: Option<&Bound<'_, Session>>,
        id_token_hint: Option<&str>,
        post_logout_redirect_uri: Option<&str>,
        state: Option<&str>,
        extra: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Option<String>> {
        let mut options = LogoutOptions::new();
        if let Some(uri) = post_logout_redirect_uri {
            let uri = convert::url(py, "post_logout_redirect_uri", uri)?;
            options = options.post_logout_redirect_uri(uri);
        }
        if let Some(state) = state {
            options = options.state(state);
        }
        for (name, value) in convert::parameters("extra", extra)? {
            options = options.extra(name, value);
        }
        if let Some(hint) = id_token_hint {
            options = options.id_token_hint(Secret::from(hint));
        }
        let session = session.map(|session| session.get().engine.clone());
        let engine = self.engine(py)?;
        let url = self.wait(py, engine.logout_url(session.as_ref(), options))?;
        Ok(url.map(String::from))
    }

    /// The provider's metadata.
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let engine = self.engine(py)?;
        let metadata = self.wait(py, engine.metadata())?;
        convert::dict(py, metadata.all())
    }

    /// What a logout token says that the provider sent behind the browser's back (OpenID Connect
    /// Back-Channel Logout 1.0 section 2.6).
    fn verify_logout_token<'py>(
        &self,
        py: Python<'py>,
        logout_token: &str,
    ) -> PyResult<Bound<'py, PyDict>> {
        let engine = self.engine(py)?;
        let token = self.wait(py, engine.logout_token(logout_token))?;
        convert::dict(py, token.claims())
    }

    /// `client_id`, `client_secret`, and what else the provider answered if it registered itself.
    fn client<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let engine = self.engine(py)?;
        let client = self.wait(py, engine.client())?;
        let known = match engine.registration() {
            Some(registration) => convert::dict(py, registration.all())?,
            None => PyDict::new(py),
        };
        known.set_item("client_id", client.id())?;
        known.set_item("client_secret", client.secret().map(Secret::expose))?;
        Ok(known)
    }

    /// Whether a login could be started now.
    fn ready(&self, py: Python<'_>) -> PyResult<()> {
        let engine = self.engine(py)?;
        self.wait(py, engine.ready())
    }

    fn __repr__(&self) -> String {
        format!("RelyingParty(redirect_uri={:?})", self.recipe.redirect_uri.as_str())
    }
}

impl RelyingParty {
    /// The network door of this object.
    pub(crate) fn door(&self) -> &Door {
        &self.recipe.door
    }

    /// What it is in this process.
    pub(crate) fn engine(&self, py: Python<'_>) -> PyResult<Built<countersign::RelyingParty>> {
        let built = self.engine.get(|before| self.recipe.build(Some(before)));
        built.map_err(|why| error::raised(py, &why))
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
    fn build(
        &self,
        before: Option<&countersign::RelyingParty>,
    ) -> Result<countersign::RelyingParty, Error> {
        let (provider, redirect_uri) = (self.provider.clone(), self.redirect_uri.clone());
        let mut builder = match &self.client {
            Source::ByHand(client) => {
                countersign::RelyingParty::builder(provider, client.clone(), redirect_uri)
            }
            Source::ByItself(request) => {
                countersign::RelyingParty::registering(provider, (**request).clone(), redirect_uri)
            }
        };
        builder = builder
            .scope(&self.scope)
            .user_info(self.user_info.is_some())
            .trusted_audiences(&self.trusted_audiences)
            .clock_skew(self.clock_skew);
        if self.user_info == Some(Method::Post) {
            builder = quirks::user_info_by_post(builder);
        }
        if self.pkce_where_announced {
            builder = quirks::pkce_where_announced(builder);
        }
        if self.plain_http_redirect {
            builder = danger::plain_http_redirect(builder);
        }
        let built = builder.build(self.door.outside())?;
        if let Some(before) = before {
            built.take_over(before);
        }
        Ok(built)
    }
}

/// With a state and a nonce of the application's own; what it did not choose is drawn.
fn chosen(
    options: LoginOptions,
    state: Option<&str>,
    nonce: Option<&str>,
    [of_state, of_nonce]: [[u8; RANDOM_BYTES]; 2],
) -> LoginOptions {
    let state = state.map_or_else(|| random::state(of_state, 0), str::to_owned);
    let nonce = nonce.map_or_else(|| random::nonce(of_nonce), str::to_owned);
    danger::drawn_by_hand(options, &state, &nonce)
}

type SetText = fn(LoginOptions, &str) -> LoginOptions;

fn method(py: Python<'_>, name: Option<&str>) -> PyResult<Option<Method>> {
    match name {
        None => Ok(None),
        Some("GET" | "get") => Ok(Some(Method::Get)),
        Some("POST" | "post") => Ok(Some(Method::Post)),
        Some(other) => Err(error::argument(py, "user_info", "\"GET\", \"POST\" or None", other)),
    }
}

/// A callback as a form: what came as one, or the parameters of it. Those that came twice, as
/// werkzeug's dictionaries know, stay twice.
fn form(callback: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(text) = callback.cast::<PyString>() {
        return text.extract();
    }
    let py = callback.py();
    let wrong = || {
        let expected = "the query of the callback, or its parameters";
        error::argument(py, "callback", expected, &convert::kind(callback))
    };
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    let (items, many) = match callback.call_method0(intern!(py, "lists")) {
        Ok(lists) => (lists, true),
        Err(_) => (callback.call_method0(intern!(py, "items")).map_err(|_| wrong())?, false),
    };
    for item in items.try_iter()? {
        let (name, value): (String, Bound<'_, PyAny>) = item?.extract().map_err(|_| wrong())?;
        if many {
            for value in value.cast::<PyList>().map_err(|_| wrong())? {
                form.append_pair(&name, &value.extract::<String>().map_err(|_| wrong())?);
            }
        } else {
            form.append_pair(&name, &value.extract::<String>().map_err(|_| wrong())?);
        }
    }
    Ok(form.finish())
}
