//! Keeping: a text and what was read in it.

use std::fmt;

use super::item::Item;
use super::tape::Tape;
use super::{JsonError, Object, read};

/// One JSON object, read once and kept as its text: members are looked up in place, and nothing is
/// copied that nobody asks for.
///
/// ```
/// use countersign_jose::json::Document;
///
/// let claims = Document::parse(
///     br#"{"sub":"alice","realm_access":{"roles":["reader","editor"]}}"#,
/// )?;
/// assert_eq!(claims.get("sub").and_then(|sub| sub.as_str()), Some("alice"));
/// let role = claims.pointer("/realm_access/roles/1");
/// assert_eq!(role.and_then(|role| role.as_str()), Some("editor"));
/// # Ok::<(), countersign_jose::JsonError>(())
/// ```
pub struct Document {
    text: String,
    tape: Tape,
}

impl Document {
    /// Reads exactly one JSON object, under the rules of [`object`](super::object).
    ///
    /// # Errors
    ///
    /// As [`object`](super::object).
    pub fn parse(bytes: impl Into<Vec<u8>>) -> Result<Self, JsonError> {
        let text = String::from_utf8(bytes.into()).map_err(|_| JsonError::NotUtf8)?;
        let tape = read::all(&text)?;
        let top = tape.top(&text);
        if top.members().is_none() {
            return Err(JsonError::NotAnObject { got: top.kind() });
        }
        Ok(Self { text, tape })
    }

    /// The member of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Item<'_>> {
        self.top().get(name)
    }

    /// All members, in the order of the text.
    pub fn members(&self) -> impl Iterator<Item = (&str, Item<'_>)> {
        self.top().members().into_iter().flatten()
    }

    /// As [`Item::pointer`], from the object itself.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<Item<'_>> {
        self.top().pointer(pointer)
    }

    /// A copy that can be taken apart.
    #[must_use]
    pub fn to_object(&self) -> Object {
        self.top().to_object().unwrap_or_default()
    }

    /// How many bytes of memory it holds.
    #[must_use]
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.text.capacity() + self.tape.size()
    }

    fn top(&self) -> Item<'_> {
        self.tape.top(&self.text)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("bytes", &self.text.len()).finish_non_exhaustive()
    }
}
