//! JSON values and Python's, in and out.

use countersign::UnixTime;
use countersign::protocol::jose::Object;
use countersign::protocol::jose::json::Item;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use serde_json::{Number, Value};
use url::Url;

use crate::error;

/// A new dictionary of a JSON object.
pub(crate) fn dict<'py>(py: Python<'py>, object: &Object) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, value) in object {
        dict.set_item(name, to_python(py, value)?)?;
    }
    Ok(dict)
}

fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(flag) => PyBool::new(py, *flag).to_owned().into_any(),
        Value::String(text) => PyString::new(py, text).into_any(),
        Value::Array(items) => {
            let list = PyList::empty(py);
            for item in items {
                list.append(to_python(py, item)?)?;
            }
            list.into_any()
        }
        Value::Object(object) => dict(py, object)?.into_any(),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(small), _) => PyInt::new(py, small).into_any(),
            (None, Some(large)) => PyInt::new(py, large).into_any(),
            (None, None) => PyFloat::new(py, number.as_f64().unwrap_or(f64::NAN)).into_any(),
        },
    })
}

/// A new value of one that is read in its text: the claims of a token, with each request.
pub(crate) fn item<'py>(py: Python<'py>, item: Item<'_>) -> PyResult<Bound<'py, PyAny>> {
    if let Some(text) = item.as_str() {
        return Ok(PyString::new(py, text).into_any());
    }
    if let Some(members) = item.members() {
        let dict = PyDict::new(py);
        for (name, member) in members {
            dict.set_item(usual(py, name), self::item(py, member)?)?;
        }
        return Ok(dict.into_any());
    }
    if let Some(items) = item.items() {
        let list = PyList::empty(py);
        for one in items {
            list.append(self::item(py, one)?)?;
        }
        return Ok(list.into_any());
    }
    match item.as_i64() {
        Some(whole) => Ok(PyInt::new(py, whole).into_any()),
        None => to_python(py, &item.to_value()),
    }
}

/// A name; those that stand in most tokens are made once.
fn usual<'py>(py: Python<'py>, name: &str) -> Bound<'py, PyString> {
    macro_rules! once {
        ($($usual:literal)*) => {
            match name {
                $($usual => intern!(py, $usual).clone(),)*
                _ => PyString::new(py, name),
            }
        };
    }
    once! {
        "acr" "allowed-origins" "amr" "at_hash" "aud" "auth_time" "azp" "client_id" "cnf" "email"
        "email_verified" "exp" "family_name" "given_name" "groups" "iat" "iss" "jti" "locale" "name"
        "nbf" "nonce" "oid" "permissions" "picture" "preferred_username" "realm_access"
        "resource_access" "roles" "scope" "scp" "session_state" "sid" "sub" "tid" "typ" "updated_at"
    }
}

/// A JSON object of a mapping, of which `argument` is the name.
pub(crate) fn object(argument: &str, mapping: &Bound<'_, PyAny>) -> PyResult<Object> {
    match value(argument, mapping, 0)? {
        Value::Object(object) => Ok(object),
        _ => Err(error::argument(mapping.py(), argument, "a mapping", &kind(mapping))),
    }
}

fn value(argument: &str, given: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    let wrong = |expected: &str| error::argument(given.py(), argument, expected, &kind(given));
    if depth > DEEPEST {
        return Err(wrong("JSON values of at most 64 levels"));
    }
    if given.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(flag) = given.cast::<PyBool>() {
        return Ok(Value::Bool(flag.is_true()));
    }
    if let Ok(text) = given.cast::<PyString>() {
        return Ok(Value::String(text.extract()?));
    }
    if given.is_instance_of::<PyInt>() {
        let small = given.extract::<i64>().map(Number::from);
        let number = small.or_else(|_| given.extract::<u64>().map(Number::from));
        return number.map(Value::Number).map_err(|_| wrong("integers of at most 64 bits"));
    }
    if let Ok(float) = given.cast::<PyFloat>() {
        let number = Number::from_f64(float.value());
        return number.map(Value::Number).ok_or_else(|| wrong("finite numbers"));
    }
    if given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>() {
        let items = given.try_iter()?.map(|item| value(argument, &item?, depth + 1));
        return Ok(Value::Array(items.collect::<PyResult<_>>()?));
    }
    if let Ok(mapping) = given.cast::<PyMapping>() {
        let mut object = Object::new();
        for item in mapping.items()?.iter() {
            let (name, member): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
            let name = name.extract::<String>().map_err(|_| wrong("names that are strings"))?;
            object.insert(name, value(argument, &member, depth + 1)?);
        }
        return Ok(Value::Object(object));
    }
    Err(wrong("JSON values"))
}

/// Further parameters of a request: texts, and what else has one way to be written as one. `None`
/// leaves a parameter out; lists are written with spaces between, as scopes are.
pub(crate) fn parameters(
    argument: &str,
    given: Option<&Bound<'_, PyAny>>,
) -> PyResult<Vec<(String, String)>> {
    let listed = listed_parameters(argument, given)?;
    Ok(listed.into_iter().map(|(name, values)| (name, values.join(" "))).collect())
}

/// The same with lists as they are.
pub(crate) fn listed_parameters(
    argument: &str,
    given: Option<&Bound<'_, PyAny>>,
) -> PyResult<Vec<(String, Vec<String>)>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let given = object(argument, given)?.into_iter();
    Ok(given.filter_map(|(name, value)| Some((name, listed(value)?))).collect())
}

/// One of them.
pub(crate) fn parameter(value: Value) -> Option<String> {
    listed(value).map(|values| values.join(" "))
}

fn listed(value: Value) -> Option<Vec<String>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(vec![text]),
        Value::Array(items) => Some(items.into_iter().filter_map(listed).flatten().collect()),
        other => Some(vec![other.to_string()]),
    }
}

/// Texts of any iterable but a text itself, which would fall apart into its letters.
pub(crate) fn texts(argument: &str, given: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    let wrong = || error::argument(given.py(), argument, "strings in a list", &kind(given));
    if given.is_instance_of::<PyString>() {
        return Err(wrong());
    }
    let items = given.try_iter().map_err(|_| wrong())?;
    items.map(|item| item?.extract::<String>().map_err(|_| wrong())).collect()
}

/// An address.
pub(crate) fn url(py: Python<'_>, argument: &str, text: &str) -> PyResult<Url> {
    Url::parse(text).map_err(|why| {
        error::setup(py, &format!("{argument} is an absolute address; got {text:?} ({why})"))
    })
}

/// Seconds since 1970, as Python counts them.
pub(crate) fn seconds(time: UnixTime) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds fit until the year 287396")]
    let millis = time.as_millis() as f64;
    millis / 1000.0
}

/// A moment out of Python's seconds.
pub(crate) fn moment(py: Python<'_>, argument: &str, seconds: f64) -> PyResult<UnixTime> {
    UnixTime::from_numeric_date(seconds)
        .ok_or_else(|| error::argument(py, argument, "seconds since 1970", &seconds.to_string()))
}

/// A span of time out of Python's seconds.
pub(crate) fn span(py: Python<'_>, argument: &str, seconds: f64) -> PyResult<std::time::Duration> {
    std::time::Duration::try_from_secs_f64(seconds).map_err(|_| {
        error::argument(py, argument, "a number of seconds, not negative", &seconds.to_string())
    })
}

/// The name of a value's type, since the value itself may be a secret.
pub(crate) fn kind(given: &Bound<'_, PyAny>) -> String {
    let name = given.get_type().getattr(intern!(given.py(), "__name__"));
    name.and_then(|name| name.extract::<String>()).unwrap_or_else(|_| "something else".to_owned())
}

const DEEPEST: usize = 64;
