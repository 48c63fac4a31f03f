//! Tokens for calls onward.

use countersign::protocol::token::TokenHint;
use countersign::{AccessGrant, Error, Secret, TokenAsk};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::client::Client;
use crate::fork::{Built, PerProcess};
use crate::provider::Provider;
use crate::transport::Door;
use crate::{convert, drive, error};

/// Fetches access tokens for the application's own calls to other APIs.
#[pyclass(frozen, module = "countersign_oidc._native")]
pub(crate) struct TokenClient {
    provider: countersign::Provider,
    client: countersign::Client,
    door: Door,
    engine: PerProcess<countersign::TokenClient>,
}

#[pymethods]
impl TokenClient {
    #[new]
    #[pyo3(signature = (provider, client, *, transport=None, ca_file=None))]
    fn new(
        py: Python<'_>,
        provider: &Bound<'_, Provider>,
        client: &Bound<'_, Client>,
        transport: Option<Bound<'_, PyAny>>,
        ca_file: Option<std::path::PathBuf>,
    ) -> PyResult<Self> {
        let (provider, client) = (provider.get().engine.clone(), client.get().engine.clone());
        let door = Door::new(py, transport, ca_file)?;
        let engine = build(&provider, &client, &door).map_err(|why| error::raised(py, &why))?;
        drive::settled(py, Self { provider, client, door, engine: PerProcess::new(engine) })
    }

    /// A token in the application's own name (RFC 6749 section 4.4); kept until it is about to end.
    #[pyo3(signature = (scope=None, extra=None))]
    fn client_credentials<'py>(
        &self,
        py: Python<'py>,
        scope: Option<&str>,
        extra: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let mut ask = scope.map_or_else(TokenAsk::new, |scope| TokenAsk::new().scope(scope));
        for (name, values) in convert::listed_parameters("extra", extra)? {
            ask = match name.as_str() {
                // Those may be several (RFC 8707 section 2, RFC 8693 section 2.1).
                "audience" => values.into_iter().fold(ask, TokenAsk::audience),
                "resource" => values.into_iter().fold(ask, TokenAsk::resource),
                _ => ask.extra(name, values.join(" ")),
            };
        }
        let engine = self.engine(py)?;
        let grant = self.wait(py, engine.client_credentials(&ask))?;
        answer(py, &grant)
    }

    /// A token for another API in exchange for one that came with a request (RFC 8693).
    #[pyo3(signature = (subject_token, *, audience=None, scope=None))]
    fn exchange<'py>(
        &self,
        py: Python<'py>,
        subject_token: &str,
        audience: Option<&str>,
        scope: Option<&str>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let mut ask = scope.map_or_else(TokenAsk::new, |scope| TokenAsk::new().scope(scope));
        if let Some(audience) = audience {
            ask = ask.audience(audience);
        }
        let (engine, token) = (self.engine(py)?, Secret::from(subject_token));
        let grant = self.wait(py, engine.exchange(&token, &ask))?;
        answer(py, &grant)
    }

    /// Redeems a refresh token that belongs to no session here (RFC 6749 section 6). An ID token in
    /// the answer is left aside, as there is nobody to compare it with.
    #[pyo3(signature = (refresh_token, scope="openid"))]
    fn refresh<'py>(
        &self,
        py: Python<'py>,
        refresh_token: &str,
        scope: &str,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (engine, token) = (self.engine(py)?, Secret::from(refresh_token));
        let tokens = self.wait(py, engine.refresh(&token, scope))?;
        let answer = convert::dict(py, &tokens.others)?;
        answer.set_item("access_token", tokens.access_token.expose())?;
        answer.set_item("scope", tokens.scope)?;
        if let Some(token) = tokens.refresh_token {
            answer.set_item("refresh_token", token.expose())?;
        }
        if let Some(ends) = tokens.expires_at {
            answer.set_item("expires_at", convert::seconds(ends))?;
        }
        Ok(answer)
    }

    /// Tells the provider that a token is not needed any more (RFC 7009).
    #[pyo3(signature = (token, hint=None))]
    fn revoke(&self, py: Python<'_>, token: &str, hint: Option<&str>) -> PyResult<()> {
        let hint = match hint {
            None => None,
            Some("access_token") => Some(TokenHint::AccessToken),
            Some("refresh_token") => Some(TokenHint::RefreshToken),
            Some(other) => {
                let expected = "\"access_token\", \"refresh_token\" or None";
                return Err(error::argument(py, "hint", expected, other));
            }
        };
        let (engine, token) = (self.engine(py)?, Secret::from(token));
        self.wait(py, engine.revoke(&token, hint))
    }

    fn __repr__(&self) -> String {
        format!("TokenClient(client_id={:?})", self.client.id())
    }
}

impl TokenClient {
    fn engine(&self, py: Python<'_>) -> PyResult<Built<countersign::TokenClient>> {
        let built = self.engine.get(|_| build(&self.provider, &self.client, &self.door));
        built.map_err(|why| error::raised(py, &why))
    }

    fn wait<T: Send>(
        &self,
        py: Python<'_>,
        operation: impl Future<Output = Result<T, Error>> + Send,
    ) -> PyResult<T> {
        drive::wait(py, &self.door, operation)?.map_err(|why| error::raised(py, &why))
    }
}

fn build(
    provider: &countersign::Provider,
    client: &countersign::Client,
    door: &Door,
) -> Result<countersign::TokenClient, Error> {
    countersign::TokenClient::builder(provider.clone(), client.clone()).build(door.outside())
}

/// In the names of a token answer (RFC 6749 section 5.1), with the end as a moment.
fn answer<'py>(py: Python<'py>, grant: &AccessGrant) -> PyResult<Bound<'py, PyDict>> {
    let answer = PyDict::new(py);
    answer.set_item("access_token", grant.token.expose())?;
    answer.set_item("token_type", "Bearer")?;
    answer.set_item("scope", &grant.scope)?;
    if let Some(ends) = grant.expires_at {
        let left = ends.since(crate::outside::now(py)).as_secs();
        answer.set_item("expires_in", left)?;
        answer.set_item("expires_at", convert::seconds(ends))?;
    }
    Ok(answer)
}
