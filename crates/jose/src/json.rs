//! The one JSON reader of the project.
//!
//! Two parsers that disagree about one text are an old way past a check, so everything that is
//! signed, sealed or sent by a provider is read here, once. Member names that occur twice are
//! refused at any depth (RFC 7515 §4 and RFC 7519 §4 allow that), and so are bad UTF-8, deep
//! nesting, numbers beyond a double, and anything after the value.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use crate::error::cut;

/// A JSON object.
pub type Object = Map<String, Value>;

/// Reads exactly one JSON object.
///
/// ```
/// use countersign_jose::{JsonError, json};
///
/// assert_eq!(json::object(br#"{"sub":"alice"}"#)?["sub"], "alice");
/// assert!(matches!(
///     json::object(br#"{"sub":"alice","sub":"root"}"#),
///     Err(JsonError::DuplicateMember { .. })
/// ));
/// # Ok::<(), JsonError>(())
/// ```
///
/// # Errors
///
/// As [`value`], and [`JsonError::NotAnObject`].
pub fn object(bytes: &[u8]) -> Result<Object, JsonError> {
    match value(bytes)? {
        Value::Object(object) => Ok(object),
        Value::Null => Err(JsonError::NotAnObject { got: "null" }),
        Value::Bool(_) => Err(JsonError::NotAnObject { got: "a boolean" }),
        Value::Number(_) => Err(JsonError::NotAnObject { got: "a number" }),
        Value::String(_) => Err(JsonError::NotAnObject { got: "a string" }),
        Value::Array(_) => Err(JsonError::NotAnObject { got: "an array" }),
    }
}

/// Reads exactly one JSON value of any kind, under the same rules as [`object`].
///
/// # Errors
///
/// Bad UTF-8, broken syntax, trailing bytes, a member name that occurs twice, and nesting deeper
/// than 32 levels.
pub fn value(bytes: &[u8]) -> Result<Value, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
    let reading = Reading::new(text);
    let mut reader = serde_json::Deserializer::from_str(text);
    Strict::at_top(&reading)
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| reading.explain(&error))
}

/// Why a text was not read as JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// The bytes are not UTF-8 (RFC 8259 §8.1).
    #[error("expected JSON in UTF-8, got other bytes")]
    NotUtf8,
    /// The text is not JSON.
    #[error("expected JSON, which breaks off at line {line}, column {column}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// The text is some other JSON value.
    #[error("expected a JSON object, got {got}")]
    NotAnObject {
        /// What it was, in words.
        got: &'static str,
    },
    /// One object names a member twice.
    #[error("the JSON member \"{name}\" occurs twice in one object")]
    DuplicateMember {
        /// The name, cut to 32 printable characters.
        name: String,
    },
    /// Objects and arrays are nested too deeply.
    #[error("the JSON is nested deeper than {limit} levels")]
    TooDeep {
        /// How many levels are read.
        limit: usize,
    },
    /// More values than anybody needs; each takes far more memory than text.
    #[error("the JSON has more than {limit} values")]
    TooMany {
        /// How many values are read.
        limit: usize,
    },
    /// A member bears a name that the JSON library keeps for itself.
    #[error("the JSON has a member with a reserved name")]
    ReservedMember,
}

impl JsonError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotUtf8 => "json.encoding",
            Self::Syntax { .. } => "json.syntax",
            Self::NotAnObject { .. } => "json.not_an_object",
            Self::DuplicateMember { .. } => "json.duplicate_member",
            Self::TooDeep { .. } => "json.too_deep",
            Self::TooMany { .. } => "json.too_many",
            Self::ReservedMember => "json.reserved_member",
        }
    }
}

/// What is known about the text while it is read; serde's errors cannot carry data of ours.
pub(crate) struct Reading<'t> {
    text: &'t str,
    fault: RefCell<Option<JsonError>>,
    names_number: Cell<Option<bool>>,
    values: Cell<usize>,
}

impl<'t> Reading<'t> {
    pub(crate) const fn new(text: &'t str) -> Self {
        Self {
            text,
            fault: RefCell::new(None),
            names_number: Cell::new(None),
            values: Cell::new(0),
        }
    }

    /// Our own error, if one was recorded, or where the syntax broke.
    pub(crate) fn explain(&self, error: &serde_json::Error) -> JsonError {
        let fault = self.fault.borrow_mut().take();
        fault.unwrap_or(JsonError::Syntax { line: error.line(), column: error.column() })
    }

    pub(crate) fn refuse<E: serde::de::Error>(&self, fault: JsonError) -> E {
        *self.fault.borrow_mut() = Some(fault);
        E::custom("refused")
    }

    pub(crate) fn duplicate<E: serde::de::Error>(&self, name: &str) -> E {
        self.refuse(JsonError::DuplicateMember { name: cut(name) })
    }

    /// Counts one more value.
    fn one_more<E: serde::de::Error>(&self) -> Result<(), E> {
        let values = self.values.get();
        if values == MAX_VALUES {
            return Err(self.refuse(JsonError::TooMany { limit: MAX_VALUES }));
        }
        self.values.set(values + 1);
        Ok(())
    }

    fn text_names_number(&self) -> bool {
        self.names_number.get().unwrap_or_else(|| {
            let found = self.text.contains(NUMBER);
            self.names_number.set(Some(found));
            found
        })
    }
}

/// Reads one value under this module's rules.
#[derive(Clone, Copy)]
pub(crate) struct Strict<'r> {
    reading: &'r Reading<'r>,
    depth: usize,
}

impl<'r> Strict<'r> {
    pub(crate) const fn at_top(reading: &'r Reading<'r>) -> Self {
        Self { reading, depth: 0 }
    }

    pub(crate) fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(self.reading.refuse(JsonError::TooDeep { limit: MAX_DEPTH }));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }

    /// With serde_json's `arbitrary_precision`, which another crate of the build may have switched
    /// on, a number arrives as a map with one reserved name. A text that spells that name itself
    /// would be read differently with and without the feature, so it is refused with both.
    fn number<'de, A>(self, name: &Cow<'de, str>, map: &mut A) -> Result<Value, A::Error>
    where
        A: MapAccess<'de>,
    {
        let has_escapes = matches!(name, Cow::Owned(_));
        if has_escapes || self.reading.text_names_number() {
            return Err(self.reading.refuse(JsonError::ReservedMember));
        }
        let digits = map.next_value::<String>()?;
        digits.parse::<Number>().map(Value::Number).map_err(A::Error::custom)
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        self.reading.one_more()?;
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(inside)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Object::new();
        // A number in disguise is no level of nesting, so this waits until a true member is seen.
        let mut inside = None;
        while let Some(name) = map.next_key_seed(Text)? {
            if name == NUMBER {
                return self.number(&name, &mut map);
            }
            if name == RAW {
                return Err(self.reading.refuse(JsonError::ReservedMember));
            }
            let inside = match inside {
                Some(inside) => inside,
                None => *inside.insert(self.inside()?),
            };
            match object.entry(name) {
                Entry::Occupied(twice) => return Err(self.reading.duplicate(twice.key())),
                Entry::Vacant(place) => {
                    place.insert(map.next_value_seed(inside)?);
                }
            }
        }
        if inside.is_none() {
            self.inside::<A::Error>()?;
        }
        Ok(Value::Object(object))
    }
}

/// Reads one string, borrowed from the text where it has no escapes.
pub(crate) struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Cow<'de, str>, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// A thousand groups are a thousand values; an answer of 1 MiB could hold half a million.
const MAX_VALUES: usize = 50_000;
/// Claims are two or three levels deep; `authorization_details` and verified claims reach ten.
const MAX_DEPTH: usize = 32;
/// What serde_json calls a number of arbitrary precision inside its own data model.
const NUMBER: &str = "$serde_json::private::Number";
/// With serde_json's `raw_value` switched on somewhere in the build, a second reader would take an
/// object with this member for the text inside it.
const RAW: &str = "$serde_json::private::RawValue";
