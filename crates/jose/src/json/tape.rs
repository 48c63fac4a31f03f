//! Keeping: what a text says, in a flat list.

use std::ops::Range;

use super::item::{self, Item, Texts};

/// What a text says, in the order of the text. An array is followed by its items, an object by
/// names and values in turn.
pub(super) struct Tape {
    nodes: Vec<Node>,
    /// Strings that are written with escapes, as they read without.
    unescaped: String,
}

/// One value, or the name of a member, in eight bytes: a cache of tokens holds many.
#[derive(Clone, Copy)]
pub(super) struct Node {
    kind: Kind,
    /// Where a string or number starts, in 24 bits.
    start: [u8; 3],
    /// The bytes of a string or number; how many nodes follow that belong to an array or object.
    size: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Null,
    False,
    True,
    /// In the text, as it was found to be one.
    Number,
    /// In the text.
    Str,
    /// Among the unescaped strings.
    Escaped,
    Array,
    Object,
}

impl Node {
    /// What neither starts anywhere nor has a size.
    pub(super) const fn of(kind: Kind) -> Self {
        Self { kind, start: [0; 3], size: 0 }
    }

    /// The bytes between two places.
    #[inline]
    pub(super) fn between(kind: Kind, start: usize, end: usize) -> Self {
        let [a, b, c, _] = narrow(start).to_le_bytes();
        Self { kind, start: [a, b, c], size: narrow(end - start) }
    }

    pub(super) const fn kind(self) -> Kind {
        self.kind
    }

    /// The length of a string or number.
    pub(super) const fn bytes(self) -> usize {
        self.size as usize
    }

    /// The place of a string or number.
    pub(super) const fn range(self) -> Range<usize> {
        let [a, b, c] = self.start;
        let start = u32::from_le_bytes([a, b, c, 0]) as usize;
        start..start + self.size as usize
    }

    /// How many nodes one value takes.
    pub(super) const fn span(self) -> usize {
        match self.kind {
            Kind::Array | Kind::Object => self.size as usize + 1,
            _ => 1,
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
        let start = self.unescaped.len();
        self.unescaped.push_str(string);
        Node::between(Kind::Escaped, start, self.unescaped.len())
    }

    /// Counts what belongs to the array or object in this place, whose values have been read.
    pub(super) fn close(&mut self, place: usize) {
        let inside = narrow(self.nodes.len().saturating_sub(place + 1));
        if let Some(opened) = self.nodes.get_mut(place) {
            opened.size = inside;
        }
    }
}

/// A place or length in a text of at most [`MAX_TEXT`] bytes.
fn narrow(place: usize) -> u32 {
    u32::try_from(place).expect("MAX_TEXT bounds every place")
}

/// What places of 24 bits can reach. Nobody sends more: what comes over the network is cut far below.
pub(super) const MAX_TEXT: usize = 1 << 24;
/// Claims have a name or a value every 12 bytes or so.
const BYTES_PER_NODE: usize = 12;
/// Room for more is made when more comes.
const MOST_AT_FIRST: usize = 4096;
