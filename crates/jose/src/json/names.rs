//! The names of one object, on the watch for one that comes twice.

use super::JsonError;
use super::tape::{Node, Tape};
use crate::error::cut;

pub(super) struct Names {
    /// The object's, on the tape.
    place: usize,
    count: usize,
    /// One bit for each mark that some name had.
    marks: [u64; 4],
}

impl Names {
    pub(super) const fn of(place: usize) -> Self {
        Self { place, count: 0, marks: [0; 4] }
    }

    /// The name that was just read. A few are compared at once, where their marks agree.
    #[inline]
    pub(super) fn one_more(
        &mut self,
        name: Node,
        tape: &Tape,
        text: &str,
    ) -> Result<(), JsonError> {
        let name = tape.string(text, name);
        // A second reader in the same program, with serde_json's `arbitrary_precision` or
        // `raw_value` switched on, takes an object with such a member for something else.
        if name.starts_with('$') && (name == NUMBER || name == RAW) {
            return Err(JsonError::ReservedMember);
        }
        self.count += 1;
        if self.count > FEW {
            return Ok(());
        }
        let mark = mark(name);
        let Some(word) = self.marks.get_mut(usize::from(mark / 64)) else { return Ok(()) };
        let bit = 1_u64 << (mark % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        if is_new || !tape.names(self.place, text).take(self.count - 1).any(|own| own == name) {
            return Ok(());
        }
        Err(JsonError::DuplicateMember { name: cut(name) })
    }

    /// Many are sorted once, which no choice of names makes slow.
    pub(super) fn end(self, tape: &Tape, text: &str) -> Result<(), JsonError> {
        if self.count <= FEW {
            return Ok(());
        }
        let mut names: Vec<&str> = tape.names(self.place, text).collect();
        names.sort_unstable();
        let twice = names.windows(2).find_map(|pair| match pair {
            [one, other] if one == other => Some(cut(one)),
            _ => None,
        });
        twice.map_or(Ok(()), |name| Err(JsonError::DuplicateMember { name }))
    }
}

/// A number that equal names share, and different ones rarely.
fn mark(name: &str) -> u8 {
    let bytes = name.as_bytes();
    let at = |place: usize| bytes.get(place).map_or(0, |byte| usize::from(*byte));
    let sum = at(0) * 3 + at(bytes.len() / 2) * 7 + at(bytes.len().wrapping_sub(1)) * 29;
    (sum + bytes.len() * 37).to_le_bytes()[0]
}

/// So many names are compared one by one.
const FEW: usize = 64;
/// What serde_json calls a number of arbitrary precision inside its own data model.
const NUMBER: &str = "$serde_json::private::Number";
/// What it calls a text that is to stay as it is.
const RAW: &str = "$serde_json::private::RawValue";
