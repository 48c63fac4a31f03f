//! Looking: one value of a text that was read.

use std::fmt;

use serde_json::Value;

use super::number::Number;
use super::tape::{Kind, Node};
use super::{JsonError, Object};

/// One value of a [`Document`](super::Document): a view, made without copying.
///
/// ```
/// use countersign_jose::json::Document;
///
/// let claims = Document::parse(br#"{"aud":["api","account"],"exp":1800000000}"#)?;
/// let audiences = claims.get("aud").and_then(|aud| aud.items()).into_iter().flatten();
/// assert!(audiences.filter_map(|one| one.as_str()).any(|one| one == "api"));
/// assert_eq!(claims.get("exp").and_then(|exp| exp.as_f64()), Some(1_800_000_000.0));
/// assert_eq!(claims.get("exp").map(|exp| exp.kind()), Some("a number"));
/// # Ok::<(), countersign_jose::JsonError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Item<'d> {
    texts: Texts<'d>,
    /// This value and, if it has any, those inside.
    nodes: &'d [Node],
}

impl<'d> Item<'d> {
    pub(super) const fn new(texts: Texts<'d>, nodes: &'d [Node]) -> Self {
        Self { texts, nodes }
    }

    /// The text of a string, without escapes.
    #[must_use]
    pub fn as_str(self) -> Option<&'d str> {
        self.texts.string(self.node())
    }

    /// A number, of any size and form; beyond 2^53 it is the nearest that a double can hold.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        Some(match self.number()? {
            Number::Unsigned(number) => number as f64,
            Number::Signed(number) => number as f64,
            Number::Float(number) => number,
        })
    }

    /// A number that is written without fraction and exponent and that fits.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        match self.number()? {
            Number::Unsigned(number) => i64::try_from(number).ok(),
            Number::Signed(number) => Some(number),
            Number::Float(_) => None,
        }
    }

    /// `true` or `false`.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.node().kind() {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.node().kind() == Kind::Null
    }

    /// What it is, in words for messages: `a string`, `a number`, `a boolean`, `null`, `an array`
    /// or `an object`.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self.node().kind() {
            Kind::Null => "null",
            Kind::False | Kind::True => "a boolean",
            Kind::Number => "a number",
            Kind::Str | Kind::Escaped => "a string",
            Kind::Array => "an array",
            Kind::Object => "an object",
        }
    }

    /// The items of an array, in order.
    #[must_use]
    pub fn items(self) -> Option<impl Iterator<Item = Item<'d>>> {
        (self.node().kind() == Kind::Array).then(|| items(self.texts, self.inside()))
    }

    /// The member of this name of an object.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Self> {
        if self.node().kind() != Kind::Object {
            return None;
        }
        let mut at = 1;
        loop {
            let own = *self.nodes.get(at)?;
            let value = self.nodes.get(at + 1)?.span();
            // Most names differ in length or in their first letter, which is quickly seen.
            if own.bytes() == name.len()
                && (name.is_empty() || self.texts.first(own) == name.as_bytes().first())
                && self.texts.string(own) == Some(name)
            {
                let nodes = self.nodes.get(at + 1..at + 1 + value)?;
                return Some(Self::new(self.texts, nodes));
            }
            at += 1 + value;
        }
    }

    /// The members of an object, in the order of the text.
    #[must_use]
    pub fn members(self) -> Option<impl Iterator<Item = (&'d str, Item<'d>)>> {
        (self.node().kind() == Kind::Object).then(|| members(self.texts, self.inside()))
    }

    /// What a JSON pointer leads to from here (RFC 6901): `/realm_access/roles/0`, with `~1` for a
    /// slash and `~0` for a tilde in a name. The empty pointer leads to this value itself, and one
    /// that does not begin with a slash nowhere.
    #[must_use]
    pub fn pointer(self, pointer: &str) -> Option<Self> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self, Self::step)
    }

    /// A copy that stands alone.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self.node().kind() {
            Kind::Null => Value::Null,
            Kind::False => Value::Bool(false),
            Kind::True => Value::Bool(true),
            Kind::Number => self.number().map_or(Value::Null, Number::to_value),
            Kind::Str | Kind::Escaped => {
                Value::String(self.as_str().unwrap_or_default().to_owned())
            }
            Kind::Array => items(self.texts, self.inside()).map(Self::to_value).collect(),
            Kind::Object => Value::Object(copied(self)),
        }
    }

    /// A copy that stands alone, of an object.
    pub(super) fn to_object(self) -> Result<Object, JsonError> {
        match self.node().kind() {
            Kind::Object => Ok(copied(self)),
            _ => Err(JsonError::NotAnObject { got: self.kind() }),
        }
    }

    /// One step of a JSON pointer.
    fn step(self, token: &str) -> Option<Self> {
        if let Some(mut items) = self.items() {
            // RFC 6901 §4: digits without leading zeros.
            let plain = token == "0" || !token.starts_with(['0', '+']);
            return items.nth(token.parse().ok().filter(|_| plain)?);
        }
        if !token.contains('~') {
            return self.get(token);
        }
        // In this order, so that `~01` is `~1` and no slash.
        self.get(&token.replace("~1", "/").replace("~0", "~"))
    }

    fn number(self) -> Option<Number> {
        let node = self.node();
        Number::read(self.texts.text.get(node.range()).filter(|_| node.kind() == Kind::Number)?)
    }

    fn node(self) -> Node {
        self.nodes.first().copied().unwrap_or(Node::of(Kind::Null))
    }

    fn inside(self) -> &'d [Node] {
        self.nodes.get(1..).unwrap_or_default()
    }
}

impl fmt::Debug for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Item").field(&self.kind()).finish()
    }
}

/// Where strings stand.
#[derive(Clone, Copy)]
pub(super) struct Texts<'d> {
    pub(super) text: &'d str,
    pub(super) unescaped: &'d str,
}

impl<'d> Texts<'d> {
    /// The first byte of a string.
    fn first(self, node: Node) -> Option<&'d u8> {
        self.of(node).as_bytes().get(node.range().start)
    }

    pub(super) fn string(self, node: Node) -> Option<&'d str> {
        match node.kind() {
            Kind::Str | Kind::Escaped => self.of(node).get(node.range()),
            _ => None,
        }
    }

    fn of(self, node: Node) -> &'d str {
        if node.kind() == Kind::Escaped { self.unescaped } else { self.text }
    }
}

/// The values that stand one after the other.
fn items<'d>(texts: Texts<'d>, mut rest: &'d [Node]) -> impl Iterator<Item = Item<'d>> {
    std::iter::from_fn(move || next(texts, &mut rest))
}

/// The names and values that stand one after the other. A name without a value, which an object
/// has at its end while it is read, has `null`.
pub(super) fn members<'d>(
    texts: Texts<'d>,
    mut rest: &'d [Node],
) -> impl Iterator<Item = (&'d str, Item<'d>)> {
    std::iter::from_fn(move || {
        let name = next(texts, &mut rest)?.as_str()?;
        let value = next(texts, &mut rest).unwrap_or(Item::new(texts, &[]));
        Some((name, value))
    })
}

fn next<'d>(texts: Texts<'d>, rest: &mut &'d [Node]) -> Option<Item<'d>> {
    let span = rest.first()?.span();
    let (nodes, after) = rest.split_at_checked(span)?;
    *rest = after;
    Some(Item::new(texts, nodes))
}

fn copied(item: Item<'_>) -> Object {
    let members = item.members().into_iter().flatten();
    members.map(|(name, value)| (name.to_owned(), value.to_value())).collect()
}
