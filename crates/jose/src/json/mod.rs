//! The one JSON reader of the project.
//!
//! Two parsers that disagree about one text are an old way past a check, so everything that is
//! signed, sealed or sent by a provider is read here, once. Member names that occur twice are
//! refused at any depth (RFC 7515 §4 and RFC 7519 §4 allow that), and so are bad UTF-8, deep
//! nesting, numbers beyond a double, and anything after the value.
//!
//! A text is read in one pass and stays what it is; a [`Document`] keeps both and answers from
//! there. Where a value is to be taken apart or kept for long, [`object`] and [`value`] copy it.

mod document;
mod item;
mod names;
mod number;
mod read;
mod tape;

use serde_json::{Map, Value};

pub use document::Document;
pub use item::Item;

use tape::Tape;

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
    Text::read(bytes)?.top().to_object()
}

/// Reads exactly one JSON value of any kind, under the same rules as [`object`].
///
/// # Errors
///
/// Bad UTF-8, broken syntax, trailing bytes, a member name that occurs twice, nesting deeper than
/// 32 levels, more than 50,000 values and more than 16 MiB.
pub fn value(bytes: &[u8]) -> Result<Value, JsonError> {
    Ok(Text::read(bytes)?.top().to_value())
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
    /// More text than anybody needs.
    #[error("the JSON has {bytes} bytes; at most {limit} are read")]
    TooLong {
        /// How many came.
        bytes: usize,
        /// How many are read.
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
            Self::TooLong { .. } => "json.too_long",
            Self::ReservedMember => "json.reserved_member",
        }
    }
}

/// Some text of somebody else's and what was read in it.
pub(crate) struct Text<'t> {
    text: &'t str,
    tape: Tape,
}

impl<'t> Text<'t> {
    pub(crate) fn read(bytes: &'t [u8]) -> Result<Self, JsonError> {
        let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
        Ok(Self { text, tape: read::all(text)? })
    }

    pub(crate) fn top(&self) -> Item<'_> {
        self.tape.top(self.text)
    }
}
