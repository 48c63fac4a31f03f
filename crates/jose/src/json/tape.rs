//! Reading: a text in, a flat list of what stands where out.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::JsonError;
use super::item::{Item, Texts};
use crate::error::cut;

/// What a text says, in the order of the text. An array is followed by its items, an object by
/// names and values in turn.
pub(super) struct Tape {
    nodes: Vec<Node>,
    /// Strings that are written with escapes, as they read without.
    unescaped: String,
}

/// One value, or the name of a member. Places and lengths are in bytes.
#[derive(Clone, Copy)]
pub(super) enum Node {
    Null,
    Bool(bool),
    U64(u64),
    I64(i64),
    F64(f64),
    /// In the text.
    Str {
        start: u32,
        len: u32,
    },
    /// Among the unescaped strings.
    Escaped {
        start: u32,
        len: u32,
    },
    /// With how many nodes follow that belong to it.
    Array {
        inside: u32,
    },
    /// With how many nodes follow that belong to it.
    Object {
        inside: u32,
    },
}

impl Tape {
    /// Reads exactly one value.
    pub(super) fn read(text: &str) -> Result<Self, JsonError> {
        if text.len() > MAX_TEXT {
            return Err(JsonError::TooLong { bytes: text.len(), limit: MAX_TEXT });
        }
        let nodes = Vec::with_capacity((text.len() / BYTES_PER_NODE).min(MOST_AT_FIRST) + 2);
        let mut reading = Reading {
            text,
            tape: Self { nodes, unescaped: String::new() },
            values: 0,
            depth: 0,
            names_number: None,
            fault: None,
        };
        let mut reader = serde_json::Deserializer::from_str(text);
        let read = One(&mut reading).deserialize(&mut reader).and_then(|()| reader.end());
        match read {
            Ok(()) => Ok(reading.tape),
            Err(error) => Err(reading
                .fault
                .take()
                .unwrap_or(JsonError::Syntax { line: error.line(), column: error.column() })),
        }
    }

    /// The one value. `text` is that which was read.
    pub(super) fn top<'d>(&'d self, text: &'d str) -> Item<'d> {
        Item::new(Texts { text, unescaped: &self.unescaped }, &self.nodes)
    }

    /// Bytes of memory behind the tape.
    pub(super) fn size(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>() + self.unescaped.capacity()
    }
}

/// What is known while a text is read; serde's errors cannot carry data of ours.
struct Reading<'t> {
    text: &'t str,
    tape: Tape,
    values: usize,
    depth: usize,
    names_number: Option<bool>,
    fault: Option<JsonError>,
}

impl Reading<'_> {
    fn refuse<E: serde::de::Error>(&mut self, fault: JsonError) -> E {
        self.fault = Some(fault);
        E::custom("refused")
    }

    fn push(&mut self, node: Node) {
        self.tape.nodes.push(node);
    }

    /// A string that stands in the text as it reads; found there by its address.
    fn push_borrowed(&mut self, string: &str) {
        let start = string.as_ptr().addr().wrapping_sub(self.text.as_ptr().addr());
        if start > self.text.len() {
            return self.push_copied(string);
        }
        self.push(Node::Str { start: narrow(start), len: narrow(string.len()) });
    }

    fn push_copied(&mut self, string: &str) {
        let start = narrow(self.tape.unescaped.len());
        self.tape.unescaped.push_str(string);
        self.push(Node::Escaped { start, len: narrow(string.len()) });
    }

    /// Counts one more value.
    fn one_more<E: serde::de::Error>(&mut self) -> Result<(), E> {
        if self.values == MAX_VALUES {
            return Err(self.refuse(JsonError::TooMany { limit: MAX_VALUES }));
        }
        self.values += 1;
        Ok(())
    }

    fn enter<E: serde::de::Error>(&mut self) -> Result<(), E> {
        if self.depth == MAX_DEPTH {
            return Err(self.refuse(JsonError::TooDeep { limit: MAX_DEPTH }));
        }
        self.depth += 1;
        Ok(())
    }

    /// Closes what was opened at this place.
    fn leave(&mut self, at: usize, close: impl FnOnce(u32) -> Node) {
        self.depth -= 1;
        let inside = narrow(self.tape.nodes.len().saturating_sub(at + 1));
        if let Some(opened) = self.tape.nodes.get_mut(at) {
            *opened = close(inside);
        }
    }

    /// The members of the object that was opened at this place, as far as they were read.
    fn members(&self, at: usize) -> impl Iterator<Item = (&str, Item<'_>)> {
        super::item::members(self.texts(), self.tape.nodes.get(at + 1..).unwrap_or_default())
    }

    /// The name that was just read.
    fn last(&self) -> &str {
        let node = self.tape.nodes.last().and_then(|node| self.texts().string(*node));
        node.unwrap_or_default()
    }

    fn texts(&self) -> Texts<'_> {
        Texts { text: self.text, unescaped: &self.tape.unescaped }
    }

    /// With serde_json's `arbitrary_precision`, which another crate of the build may have switched
    /// on, a number arrives as a map with one reserved name. A text that spells that name itself
    /// would be read differently with and without the feature, so it is refused with both.
    fn number<'de, A>(&mut self, map: &mut A) -> Result<Node, A::Error>
    where
        A: MapAccess<'de>,
    {
        let text = self.text;
        if *self.names_number.get_or_insert_with(|| text.contains(NUMBER)) {
            return Err(self.refuse(JsonError::ReservedMember));
        }
        let digits = map.next_value::<String>()?;
        let number = digits.parse::<Number>().map_err(A::Error::custom)?;
        let whole = number.as_u64().map(Node::U64).or_else(|| number.as_i64().map(Node::I64));
        whole
            .or_else(|| number.as_f64().filter(|float| float.is_finite()).map(Node::F64))
            .ok_or_else(|| A::Error::custom("not finite"))
    }
}

/// Reads one value under this module's rules.
struct One<'r, 't>(&'r mut Reading<'t>);

impl<'de> DeserializeSeed<'de> for One<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        self.0.one_more()?;
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for One<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.push(Node::Null);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.0.push(Node::Bool(value));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.0.push(Node::U64(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.0.push(Node::I64(value));
        Ok(())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        if !value.is_finite() {
            return Err(E::custom("not finite"));
        }
        self.0.push(Node::F64(value));
        Ok(())
    }

    fn visit_borrowed_str<E>(self, string: &'de str) -> Result<(), E> {
        self.0.push_borrowed(string);
        Ok(())
    }

    fn visit_str<E>(self, string: &str) -> Result<(), E> {
        self.0.push_copied(string);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let reading = self.0;
        reading.enter()?;
        let at = reading.tape.nodes.len();
        reading.push(Node::Array { inside: 0 });
        while seq.next_element_seed(One(&mut *reading))?.is_some() {}
        reading.leave(at, |inside| Node::Array { inside });
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let reading = self.0;
        let at = reading.tape.nodes.len();
        reading.push(Node::Object { inside: 0 });
        let mut names = Names::new(at);
        let mut name = map.next_key_seed(Name(&mut *reading))?;
        if let Some(Named::Number) = name {
            let number = reading.number(&mut map)?;
            reading.tape.nodes.truncate(at);
            reading.push(number);
            return Ok(());
        }
        // A number in disguise is no level of nesting, so this waits until that is out of question.
        reading.enter()?;
        while let Some(named) = name {
            match named {
                Named::Plain(mark) => names.one_more(mark, reading)?,
                Named::Number | Named::Reserved => {
                    return Err(reading.refuse(JsonError::ReservedMember));
                }
            }
            map.next_value_seed(One(&mut *reading))?;
            name = map.next_key_seed(Name(&mut *reading))?;
        }
        names.end(reading)?;
        reading.leave(at, |inside| Node::Object { inside });
        Ok(())
    }
}

/// Reads the name of one member.
struct Name<'r, 't>(&'r mut Reading<'t>);

enum Named {
    /// With a number that equal names share, and different ones rarely.
    Plain(u8),
    Number,
    Reserved,
}

impl Named {
    fn of(name: &str) -> Self {
        let bytes = name.as_bytes();
        let at = |place: usize| bytes.get(place).copied().unwrap_or_default();
        let first = at(0);
        if first == b'$' && name == NUMBER {
            return Self::Number;
        }
        // With serde_json's `raw_value` switched on somewhere in the build, a second reader would
        // take an object with this member for the text inside it.
        if first == b'$' && name == RAW {
            return Self::Reserved;
        }
        let (middle, last) = (at(bytes.len() / 2), at(bytes.len().saturating_sub(1)));
        let sum = usize::from(first) * 3 + usize::from(middle) * 7 + usize::from(last) * 29;
        Self::Plain((sum + bytes.len() * 37).to_le_bytes()[0])
    }
}

impl<'de> DeserializeSeed<'de> for Name<'_, '_> {
    type Value = Named;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Named, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name<'_, '_> {
    type Value = Named;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Named, E> {
        self.0.push_borrowed(name);
        Ok(Named::of(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Named, E> {
        self.0.push_copied(name);
        Ok(match Named::of(name) {
            // serde_json never copies its own name; the text spells it, with escapes.
            Named::Number => Named::Reserved,
            other => other,
        })
    }
}

/// The names of one object, on the watch for one that comes twice.
struct Names {
    /// Where the object begins.
    at: usize,
    count: usize,
    marks: [u64; 4],
}

impl Names {
    const fn new(at: usize) -> Self {
        Self { at, count: 0, marks: [0; 4] }
    }

    /// The name that was just read. A few are compared at once, where their marks agree.
    fn one_more<E: serde::de::Error>(
        &mut self,
        mark: u8,
        reading: &mut Reading<'_>,
    ) -> Result<(), E> {
        self.count += 1;
        if self.count > FEW {
            return Ok(());
        }
        let (word, bit) = (usize::from(mark / 64), 1_u64 << (mark % 64));
        let Some(word) = self.marks.get_mut(word) else { return Ok(()) };
        if *word & bit == 0 {
            *word |= bit;
            return Ok(());
        }
        let name = reading.last();
        if !reading.members(self.at).take(self.count - 1).any(|(other, _)| other == name) {
            return Ok(());
        }
        let name = cut(name);
        Err(reading.refuse(JsonError::DuplicateMember { name }))
    }

    /// Many are sorted once, which no choice of names makes slow.
    fn end<E: serde::de::Error>(self, reading: &mut Reading<'_>) -> Result<(), E> {
        if self.count <= FEW {
            return Ok(());
        }
        let mut names: Vec<&str> = reading.members(self.at).map(|(name, _)| name).collect();
        names.sort_unstable();
        let twice = names.windows(2).find_map(|pair| match pair {
            [one, other] if one == other => Some(cut(one)),
            _ => None,
        });
        twice.map_or(Ok(()), |name| Err(reading.refuse(JsonError::DuplicateMember { name })))
    }
}

/// Places and lengths in a text, which is far shorter than 4 GiB.
fn narrow(place: usize) -> u32 {
    u32::try_from(place).expect("MAX_TEXT bounds every place")
}

/// Nobody sends more; what arrives over the network is cut far below.
const MAX_TEXT: usize = 16 * 1024 * 1024;
/// A thousand groups are a thousand values; an answer of 1 MiB could hold half a million.
const MAX_VALUES: usize = 50_000;
/// Claims are two or three levels deep; `authorization_details` and verified claims reach ten.
const MAX_DEPTH: usize = 32;
/// So many names are compared one by one.
const FEW: usize = 64;
/// Claims have a name or a value every 15 bytes or so.
const BYTES_PER_NODE: usize = 12;
/// Room for more is made when more comes.
const MOST_AT_FIRST: usize = 4096;
/// What serde_json calls a number of arbitrary precision inside its own data model.
const NUMBER: &str = "$serde_json::private::Number";
const RAW: &str = "$serde_json::private::RawValue";
