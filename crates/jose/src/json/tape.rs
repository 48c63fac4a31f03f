//! Keeping: what a text says, in a flat list.

use super::item::{self, Item, Texts};

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

impl Node {
    /// How many nodes one value takes.
    pub(super) const fn span(self) -> usize {
        match self {
            Self::Array { inside } | Self::Object { inside } => inside as usize + 1,
            _ => 1,
        }
    }

    /// The length of a string.
    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::Str { len, .. } | Self::Escaped { len, .. } => len as usize,
            _ => 0,
        }
    }
}

impl Tape {
    /// For a text of this length.
    pub(super) fn for_bytes(bytes: usize) -> Self {
        let nodes = Vec::with_capacity((bytes / BYTES_PER_NODE).min(MOST_AT_FIRST) + 4);
        Self { nodes, unescaped: String::new() }
    }

    /// The one value. `text` is that which was read.
    pub(super) fn top<'d>(&'d self, text: &'d str) -> Item<'d> {
        Item::new(self.texts(text), &self.nodes)
    }

    fn texts<'d>(&'d self, text: &'d str) -> Texts<'d> {
        Texts { text, unescaped: &self.unescaped }
    }

    /// Bytes of memory behind the tape.
    pub(super) fn size(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>() + self.unescaped.capacity()
    }

    /// The place of the next node.
    pub(super) const fn end(&self) -> usize {
        self.nodes.len()
    }

    /// The names of the object at this place, as far as it was read.
    pub(super) fn names<'d>(
        &'d self,
        place: usize,
        text: &'d str,
    ) -> impl Iterator<Item = &'d str> {
        let nodes = self.nodes.get(place + 1..).unwrap_or_default();
        item::members(self.texts(text), nodes).map(|(name, _)| name)
    }

    /// A string that was read.
    pub(super) fn string<'d>(&'d self, text: &'d str, node: Node) -> &'d str {
        self.texts(text).string(node).unwrap_or_default()
    }

    pub(super) fn push(&mut self, node: Node) {
        self.nodes.push(node);
    }

    /// Keeps a string that is written with escapes.
    pub(super) fn unescaped(&mut self, string: &str) -> Node {
        let start = narrow(self.unescaped.len());
        self.unescaped.push_str(string);
        Node::Escaped { start, len: narrow(string.len()) }
    }

    /// Puts an array or object in its place, whose values have been read.
    pub(super) fn close(&mut self, place: usize, close: impl FnOnce(u32) -> Node) {
        let inside = narrow(self.nodes.len().saturating_sub(place + 1));
        if let Some(opened) = self.nodes.get_mut(place) {
            *opened = close(inside);
        }
    }
}

/// A place or length in a text, which the reader has found to be far shorter than 4 GiB.
pub(super) fn narrow(place: usize) -> u32 {
    u32::try_from(place).expect("texts are bounded before they are read")
}

/// Claims have a name or a value every 12 bytes or so.
const BYTES_PER_NODE: usize = 12;
/// Room for more is made when more comes.
const MOST_AT_FIRST: usize = 4096;
