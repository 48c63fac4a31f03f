//! Where a person goes after login or logout: a local path, nothing else.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A path of our own, with its query, to which a person returns.
///
/// Whatever a browser could read as another host is refused: an absolute or scheme-relative
/// address, a backslash, a control character (browsers drop tabs and line ends inside an address),
/// a percent-encoded slash or backslash at the front, anything beyond printable ASCII.
///
/// ```
/// use countersign_protocol::ReturnTo;
///
/// assert_eq!(ReturnTo::parse("/notes?page=2").unwrap().as_str(), "/notes?page=2");
/// for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example"] {
///     assert!(ReturnTo::parse(elsewhere).is_err());
/// }
/// ```
///
/// ```compile_fail
/// let elsewhere = countersign_protocol::ReturnTo("https://evil.example".to_owned());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// Reads a return target as it came, percent-decoding already done by the query parser.
    ///
    /// # Errors
    /// [`ReturnToError`] names the first thing that makes it unsafe.
    pub fn parse(text: &str) -> Result<Self, ReturnToError> {
        if text.len() > LONGEST {
            return Err(ReturnToError::TooLong { bytes: text.len() });
        }
        if !text.starts_with('/') {
            return Err(ReturnToError::NotAPath);
        }
        if let Some(found) = text.chars().find(|c| !is_plain(*c)) {
            return Err(ReturnToError::Character { found });
        }
        let path = text.split(['?', '#']).next().unwrap_or(text);
        if looks_like_a_host(path) {
            return Err(ReturnToError::OtherHost);
        }
        Ok(Self(text.to_owned()))
    }

    /// The path and query.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ReturnTo {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ReturnTo {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

/// Why a return target was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReturnToError {
    /// Longer than 2,048 bytes.
    #[error("a return target has at most {LONGEST} bytes; this has {bytes}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// It does not begin with a slash.
    #[error("a return target is a path of this application and begins with \"/\"")]
    NotAPath,
    /// A character that browsers drop or turn into another one.
    #[error("a return target has printable ASCII characters only, no backslash; found {found:?}")]
    Character {
        /// The first of them.
        found: char,
    },
    /// A browser would read it as the address of another host.
    #[error("a return target is a path of this application; this one names another host")]
    OtherHost,
}

fn is_plain(c: char) -> bool {
    c.is_ascii_graphic() && c != '\\'
}

/// Decodes the path as often as a proxy in between might, then looks for an empty segment at its
/// front. Dot segments count as nothing, since `/.//host` is `//host` to a browser.
fn looks_like_a_host(path: &str) -> bool {
    let mut path = path.to_owned();
    for _ in 0..DECODINGS {
        if leads_elsewhere(&path) {
            return true;
        }
        let decoded = decode_once(&path);
        if decoded == path {
            return false;
        }
        path = decoded;
    }
    leads_elsewhere(&path)
}

fn leads_elsewhere(path: &str) -> bool {
    let path = path.replace('\\', "/");
    if path.starts_with("//") || path.chars().any(char::is_control) {
        return true;
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
        // Asked at every step: a host that a later `..` takes back is a host all the same.
        if kept.len() > 1 && kept.first().is_some_and(|first| first.is_empty()) {
            return true;
        }
    }
    false
}

fn decode_once(path: &str) -> String {
    let bytes: Vec<u8> = path.bytes().collect();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes.as_slice();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = match tail {
            [high, low, ..] if first == b'%' => digit(*high).zip(digit(*low)),
            _ => None,
        };
        match hex {
            Some((high, low)) => {
                decoded.push(high * 16 + low);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                decoded.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn digit(hex: u8) -> Option<u8> {
    char::from(hex).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

const LONGEST: usize = 2048;
const DECODINGS: usize = 3;
