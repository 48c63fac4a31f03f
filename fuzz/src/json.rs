//! The JSON reader, beside serde_json's own: both read the same, or ours has a reason not to.

use std::fmt;

use countersign_jose::json::{self, Document};
use countersign_jose::{JsonError, Object};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::Outcome;

pub(crate) fn run(data: &[u8]) -> Outcome {
    let theirs = serde_json::from_slice::<Value>(data);
    let ours = json::value(data);
    let object = json::object(data);
    in_place(data, &object);
    match &ours {
        Ok(value) => {
            let theirs = theirs.expect("what our reader takes is JSON to everybody");
            assert_eq!(*value, theirs, "two readers, two values");
            let members = serde_json::from_slice::<Members>(data).expect("it was read before");
            assert_eq!(members.0, count(value), "a member came twice");
            assert!(depth(value) <= DEEPEST, "nested deeper than allowed");
            // The library reads fractions within one unit of their last place, so without them.
            let whole = without_fractions(value.clone());
            let written = serde_json::to_vec(&whole).expect("a value can be written");
            assert_eq!(json::value(&written), Ok(whole), "not what was written");
            assert_eq!(object.is_ok(), value.is_object());
        }
        Err(refused) => {
            assert_eq!(object.as_ref().err(), Some(refused), "two ways in, two answers");
            if let Ok(theirs) = theirs {
                let reason = match refused {
                    JsonError::DuplicateMember { .. } => true,
                    JsonError::TooDeep { .. } => depth(&theirs) > DEEPEST || doubled(data),
                    JsonError::ReservedMember => String::from_utf8_lossy(data).contains("private"),
                    _ => false,
                };
                assert!(reason, "refused without a reason: {refused}");
            }
            assert!(refused.to_string().len() < LONGEST_MESSAGE);
        }
    }
    Outcome::of(ours.is_ok())
}

/// A document says in place what the object says that is copied out of it.
fn in_place(data: &[u8], object: &Result<Object, JsonError>) {
    let document = Document::parse(data);
    assert_eq!(
        document.as_ref().map(Document::to_object).as_ref().map_err(|error| *error),
        object.as_ref()
    );
    let (Ok(document), Ok(object)) = (document, object) else { return };
    assert_eq!(document.members().count(), object.len());
    for (name, item) in document.members() {
        assert_eq!(document.get(name).map(|item| item.to_value()).as_ref(), object.get(name));
        let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        assert_eq!(
            document.pointer(&pointer).map(|item| item.to_value()).as_ref(),
            object.get(name)
        );
        let value = item.to_value();
        assert_eq!(item.as_str(), value.as_str());
        assert_eq!(item.as_bool(), value.as_bool());
        assert_eq!(item.as_f64(), value.as_f64());
        assert_eq!(item.as_i64(), value.as_i64());
        assert_eq!(item.items().map(Iterator::count), value.as_array().map(Vec::len));
        assert_eq!(item.members().map(Iterator::count), value.as_object().map(json::Object::len));
    }
}

/// With members that occur twice the reader of the fuzzer may have thrown the deep one away.
fn doubled(data: &[u8]) -> bool {
    let value = serde_json::from_slice::<Value>(data);
    let members = serde_json::from_slice::<Members>(data);
    matches!((value, members), (Ok(value), Ok(members)) if members.0 != count(&value))
}

fn without_fractions(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let members = object.into_iter().map(|(name, one)| (name, without_fractions(one)));
            Value::Object(members.collect())
        }
        Value::Array(values) => values.into_iter().map(without_fractions).collect(),
        Value::Number(number) if number.is_f64() => Value::Null,
        other => other,
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::Object(object) => object.len() + object.values().map(count).sum::<usize>(),
        Value::Array(values) => values.iter().map(count).sum(),
        _ => 0,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// How many members a text has, those that occur twice counted twice.
struct Members(usize);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(Counting).map(Self)
    }
}

struct Counting;

impl<'de> Visitor<'de> for Counting {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<usize, A::Error> {
        let mut members = 0;
        while map.next_key::<IgnoredAny>()?.is_some() {
            members += 1 + map.next_value::<Members>()?.0;
        }
        Ok(members)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<usize, A::Error> {
        let mut members = 0;
        while let Some(inside) = seq.next_element::<Members>()? {
            members += inside.0;
        }
        Ok(members)
    }

    fn visit_unit<E>(self) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_bool<E>(self, _: bool) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_i64<E>(self, _: i64) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_u64<E>(self, _: u64) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_f64<E>(self, _: f64) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_str<E>(self, _: &str) -> Result<usize, E> {
        Ok(0)
    }
}

const DEEPEST: usize = 32;
const LONGEST_MESSAGE: usize = 300;
