//! What needs no object that stays.

use bytes::Bytes;
use countersign::outside::Limits;
use countersign::protocol::discovery::Metadata;
use countersign::protocol::exchange::{Exchange as _, Request, Response};
use countersign::protocol::jose::json::{self, Object};
use countersign::protocol::jose::{SigningKey, base64url, danger};
use countersign::protocol::registration::{ClientSecrets, RegistrationError};
use countersign::protocol::value::endpoint::Endpoint;
use countersign::{Error, ErrorKind, RegistrationRequest, ReturnTo};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use serde_json::Value;
use url::Url;

use crate::client::{algorithm, registration};
use crate::provider::Provider;
use crate::transport::Door;
use crate::{convert, drive, error};

/// What a provider says of itself, asked now and checked.
#[pyfunction]
#[pyo3(signature = (provider, *, transport=None, ca_file=None))]
pub(crate) fn discover<'py>(
    py: Python<'py>,
    provider: &Bound<'_, Provider>,
    transport: Option<Bound<'_, PyAny>>,
    ca_file: Option<std::path::PathBuf>,
) -> PyResult<Bound<'py, PyDict>> {
    let door = Door::new(py, transport, ca_file)?;
    let (provider, outside) = (&provider.get().engine, door.outside());
    let metadata = drive::wait(py, &door, provider.ask_metadata(&outside))?;
    let metadata = metadata.map_err(|why| error::raised(py, &why))?;
    convert::dict(py, metadata.all())
}

/// Registers a client, and gives the provider's whole answer (OpenID Connect Registration 1.0).
#[pyfunction]
#[pyo3(signature = (provider, metadata, *, initial_access_token=None, transport=None, ca_file=None))]
pub(crate) fn register<'py>(
    py: Python<'py>,
    provider: &Bound<'_, Provider>,
    metadata: &Bound<'_, PyAny>,
    initial_access_token: Option<&str>,
    transport: Option<Bound<'_, PyAny>>,
    ca_file: Option<std::path::PathBuf>,
) -> PyResult<Bound<'py, PyDict>> {
    let door = Door::new(py, transport, ca_file)?;
    let request = registration(metadata, initial_access_token)?;
    let (provider, outside) = (&provider.get().engine, door.outside());
    let registered = drive::wait(py, &door, async {
        let metadata = provider.ask_metadata(&outside).await?;
        provider.register(request, &metadata, &outside).await
    })?;
    let registered = registered.map_err(|why| error::raised(py, &why))?;
    convert::dict(py, registered.all())
}

/// Status, headers and body.
type Answer<'py> = (u16, Vec<(String, String)>, Bound<'py, PyBytes>);

/// One request by the engine's own client and its limits, or by another transport. Any status is an
/// answer, and nothing in it is judged.
#[pyfunction]
#[pyo3(signature = (request_url, *, method="GET", headers=None, body=None, transport=None, ca_file=None))]
pub(crate) fn fetch<'py>(
    py: Python<'py>,
    request_url: &str,
    method: &str,
    headers: Option<Vec<(String, String)>>,
    body: Option<&[u8]>,
    transport: Option<Bound<'_, PyAny>>,
    ca_file: Option<std::path::PathBuf>,
) -> PyResult<Answer<'py>> {
    let door = Door::new(py, transport, ca_file)?;
    let method = Method::from_bytes(method.as_bytes())
        .map_err(|_| error::argument(py, "method", "a method of HTTP", "something else"))?;
    let mut asked = HeaderMap::new();
    for (name, value) in headers.unwrap_or_default() {
        let wrong = |_| error::argument(py, "headers", "names and values of HTTP", "others");
        let read = HeaderName::from_bytes(name.as_bytes()).map_err(|_| ());
        let read = read.and_then(|name| Ok((name, HeaderValue::from_str(&value).map_err(|_| ())?)));
        let (name, value) = read.map_err(wrong)?;
        asked.insert(name, value);
    }
    let url = convert::url(py, "request_url", request_url)?;
    let request =
        Request::other(method, url, asked, Bytes::copy_from_slice(body.unwrap_or_default()));
    let transport = door.transport();
    let sent = drive::wait(py, &door, transport.send(request, Limits::USUAL))?;
    let answer = sent.map_err(|failure| {
        let endpoint = Endpoint::Resource;
        error::raised(py, &Error::from(ErrorKind::Network { endpoint, failure }))
    })?;
    let pairs = answer.headers.iter();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let pairs = pairs.map(|(name, value)| (name.as_str().to_owned(), text(value)));
    Ok((answer.status.as_u16(), pairs.collect(), PyBytes::new(py, &answer.body)))
}

/// The file `client_secrets.json` of what a registration led to.
#[pyfunction]
pub(crate) fn client_secrets<'py>(
    py: Python<'py>,
    provider_metadata: &Bound<'_, PyAny>,
    registration: &Bound<'_, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let document = Value::Object(convert::object("provider_metadata", provider_metadata)?);
    let provider = Metadata::from_json(document.to_string().as_bytes());
    let provider =
        provider.map_err(|why| error::setup_of(py, "provider_metadata", Error::from(why)))?;
    let registered = Value::Object(convert::object("registration", registration)?).to_string();
    let answer = Response {
        status: StatusCode::CREATED,
        headers: HeaderMap::from_iter([(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        )]),
        body: registered.into(),
    };
    let read = RegistrationRequest::new([]).at(&provider).and_then(|asked| asked.answer(answer));
    let read = read
        .map_err(|why: RegistrationError| error::setup_of(py, "registration", Error::from(why)))?;
    let file = PyDict::new(py);
    file.set_item("web", convert::dict(py, ClientSecrets::of(&read, &provider).web())?)?;
    Ok(file)
}

/// Path and query of a return address at this origin, read as a browser reads it; `None` when it
/// leads elsewhere.
#[pyfunction]
pub(crate) fn local_path(target: &str, origin: &str) -> Option<String> {
    let origin = Url::parse(origin).ok()?;
    let read = origin.join(target).ok().filter(|_| !target.is_empty())?;
    let bare = read.username().is_empty() && read.password().is_none();
    if read.origin() != origin.origin() || !read.origin().is_tuple() || !bare {
        return None;
    }
    let path = match read.query() {
        Some(query) => format!("{}?{query}", read.path()),
        None => read.path().to_owned(),
    };
    ReturnTo::parse(&path).ok().map(|path| path.as_str().to_owned())
}

/// Header and claims of a token, nothing checked: to show, never to decide.
#[pyfunction]
pub(crate) fn unverified<'py>(
    py: Python<'py>,
    token: &str,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
    let header = header(token).ok_or_else(|| PyValueError::new_err("this is no signed JWT"))?;
    let claims = danger::peek(token).map_err(|why| PyValueError::new_err(why.to_string()))?;
    Ok((convert::dict(py, &header)?, convert::dict(py, &claims)?))
}

/// A signed JWT for the tests of applications: by RS256, unless its header names another algorithm.
#[pyfunction]
pub(crate) fn sign_for_tests(
    py: Python<'_>,
    claims: &Bound<'_, PyAny>,
    header: &Bound<'_, PyAny>,
    private_key_pem: &str,
) -> PyResult<String> {
    let claims = Value::Object(convert::object("claims", claims)?).to_string();
    let mut header = convert::object("header", header)?;
    let wrong = |why| error::setup(py, &format!("private_key_pem: {why}"));
    let mut key = SigningKey::from_pem(private_key_pem).map_err(wrong)?;
    if let Some(Value::String(name)) = header.remove("alg") {
        key = key.with_algorithm(algorithm(py, "alg", &name)?).map_err(wrong)?;
    }
    let key = match header.remove("kid") {
        Some(Value::String(name)) => key.with_kid(name),
        _ => key.without_kid(),
    };
    key.sign(&header, claims.as_bytes()).map_err(wrong)
}

/// Every error code with its fault and its meaning.
#[pyfunction]
pub(crate) fn codes(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let codes = PyDict::new(py);
    for code in countersign::codes() {
        codes.set_item(code.code, (error::fault(code.fault), code.meaning))?;
    }
    Ok(codes)
}

fn header(token: &str) -> Option<Object> {
    let (header, _) = token.split_once('.')?;
    json::object(&base64url::decode(header).ok()?).ok()
}
