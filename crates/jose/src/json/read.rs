//! Reading: from a text to its [`Tape`], in one pass.
//!
//! The grammar of RFC 8259 is small and stands here, because a reader that calls back for each
//! value takes twice as long, and this is most of what a checked token costs beside its signature.
//! What is intricate, escapes and fractions, is left to `serde_json`. The fuzzer holds both against
//! each other: the same texts, the same values.

use super::JsonError;
use super::names::Names;
use super::number::Number;
use super::tape::{Kind, MAX_TEXT, Node, Tape};

/// Reads exactly one value.
pub(super) fn all(text: &str) -> Result<Tape, JsonError> {
    if text.len() > MAX_TEXT {
        return Err(JsonError::TooLong { bytes: text.len(), limit: MAX_TEXT });
    }
    let tape = Tape::for_bytes(text.len());
    let bytes = text.as_bytes();
    let mut reading = Reading { text, bytes, at: 0, tape, values: 0, depth: 0, fault: None };
    let read = reading.value().and_then(|()| match reading.next() {
        None => Ok(()),
        Some(_) => Err(Stop),
    });
    match read {
        Ok(()) => Ok(reading.tape),
        Err(Stop) => Err(reading.fault.take().unwrap_or_else(|| reading.broken())),
    }
}

struct Reading<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// How much of it was read.
    at: usize,
    tape: Tape,
    values: usize,
    depth: usize,
    fault: Option<JsonError>,
}

/// The text is refused, for the fault that was noted, or because it ceases to be JSON here.
struct Stop;

impl Reading<'_> {
    fn value(&mut self) -> Result<(), Stop> {
        if self.values == MAX_VALUES {
            return Err(self.refuse(JsonError::TooMany { limit: MAX_VALUES }));
        }
        self.values += 1;
        let node = match self.next() {
            Some(b'"') => self.string()?,
            Some(b'{') => return self.object(),
            Some(b'[') => return self.array(),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.literal("true", Node::of(Kind::True))?,
            Some(b'f') => self.literal("false", Node::of(Kind::False))?,
            Some(b'n') => self.literal("null", Node::of(Kind::Null))?,
            _ => return Err(Stop),
        };
        self.tape.push(node);
        Ok(())
    }

    fn object(&mut self) -> Result<(), Stop> {
        let place = self.open(Kind::Object)?;
        let mut names = Names::of(place);
        let mut more = !self.eats(b'}');
        while more {
            if self.next() != Some(b'"') {
                return Err(Stop);
            }
            let name = self.string()?;
            self.tape.push(name);
            if let Err(fault) = names.one_more(name, &self.tape, self.text) {
                return Err(self.refuse(fault));
            }
            if !self.eats(b':') {
                return Err(Stop);
            }
            self.value()?;
            more = self.goes_on(b'}')?;
        }
        if let Err(fault) = names.end(&self.tape, self.text) {
            return Err(self.refuse(fault));
        }
        self.close(place);
        Ok(())
    }

    fn array(&mut self) -> Result<(), Stop> {
        let place = self.open(Kind::Array)?;
        let mut more = !self.eats(b']');
        while more {
            self.value()?;
            more = self.goes_on(b']')?;
        }
        self.close(place);
        Ok(())
    }

    /// A string whose first quote is next.
    #[inline(always)]
    fn string(&mut self) -> Result<Node, Stop> {
        let start = self.at + 1;
        let end = plain(self.bytes, start);
        if self.bytes.get(end) != Some(&b'"') {
            return self.escaped(end);
        }
        self.at = end + 1;
        Ok(Node::between(Kind::Str, start, end))
    }

    /// The same, of a string that has something else at `stop` than letters that mean themselves.
    #[cold]
    fn escaped(&mut self, stop: usize) -> Result<Node, Stop> {
        let mut end = stop;
        while let Some(b'\\') = self.bytes.get(end) {
            // Whatever is escaped, it does not end the string.
            end = plain(self.bytes, end + 2);
        }
        let quoted = self.text.get(self.at..=end).ok_or(Stop)?;
        let string: String = serde_json::from_str(quoted).map_err(|_| Stop)?;
        self.at = end + 1;
        Ok(self.tape.unescaped(&string))
    }

    fn number(&mut self) -> Result<Node, Stop> {
        let start = self.at;
        self.at += usize::from(self.bytes.get(start) == Some(&b'-'));
        let first = self.at;
        while let Some(b'0'..=b'9') = self.bytes.get(self.at) {
            self.at += 1;
        }
        let leads_with_zero = self.bytes.get(first) == Some(&b'0');
        let goes_on = matches!(self.bytes.get(self.at), Some(b'.' | b'e' | b'E'));
        let is_short = (1..=SHORT).contains(&(self.at - first));
        if !is_short || leads_with_zero || goes_on {
            self.intricate(start)?;
        }
        Ok(Node::between(Kind::Number, start, self.at))
    }

    /// A number that starts there and is more than some digits.
    fn intricate(&mut self, start: usize) -> Result<(), Stop> {
        while let Some(b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') = self.bytes.get(self.at) {
            self.at += 1;
        }
        let number = self.text.get(start..self.at).and_then(Number::read);
        number.map_or(Err(Stop), |_| Ok(()))
    }

    fn literal(&mut self, literal: &str, node: Node) -> Result<Node, Stop> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if !rest.starts_with(literal.as_bytes()) {
            return Err(Stop);
        }
        self.at += literal.len();
        Ok(node)
    }

    /// Goes one level down, past the bracket that is next.
    fn open(&mut self, kind: Kind) -> Result<usize, Stop> {
        if self.depth == MAX_DEPTH {
            return Err(self.refuse(JsonError::TooDeep { limit: MAX_DEPTH }));
        }
        self.depth += 1;
        self.at += 1;
        let place = self.tape.end();
        self.tape.push(Node::of(kind));
        Ok(place)
    }

    /// Goes back up.
    fn close(&mut self, place: usize) {
        self.depth -= 1;
        self.tape.close(place);
    }

    /// Reads past a comma, with which the array or object goes on, or past its end.
    #[inline]
    fn goes_on(&mut self, end: u8) -> Result<bool, Stop> {
        let next = self.next();
        if next != Some(b',') && next != Some(end) {
            return Err(Stop);
        }
        self.at += 1;
        Ok(next == Some(b','))
    }

    /// Whether this byte is next; it is read past, if so.
    #[inline]
    fn eats(&mut self, byte: u8) -> bool {
        let is_next = self.next() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// The next byte that is no white space.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    #[cold]
    fn refuse(&mut self, fault: JsonError) -> Stop {
        self.fault = Some(fault);
        Stop
    }

    /// Here the text ceases to be JSON.
    fn broken(&self) -> JsonError {
        let before = self.bytes.get(..self.at).unwrap_or_default();
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        JsonError::Syntax {
            line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
            column: before.len() - line_start + 1,
        }
    }
}

/// Where bytes end that mean themselves in a string: at a quote, a backslash, a control character
/// or the end.
#[inline(always)]
fn plain(bytes: &[u8], mut at: usize) -> usize {
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let found = special(u64::from_le_bytes(*eight));
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while let Some(0x20..) = bytes.get(at).filter(|byte| !matches!(byte, b'"' | b'\\')) {
        at += 1;
    }
    at
}

/// Of eight bytes at once, the highest bit of each that means something else than itself. The
/// lowest is exact; those above may be touched by its carry.
const fn special(eight: u64) -> u64 {
    const fn below(value: u64, limit: u64) -> u64 {
        value.wrapping_sub(EACH * limit) & !value
    }
    let quote = eight ^ (EACH * b'"' as u64);
    let backslash = eight ^ (EACH * b'\\' as u64);
    (below(eight, 0x20) | below(quote, 1) | below(backslash, 1)) & (EACH << 7)
}

/// A one in each byte.
const EACH: u64 = u64::from_le_bytes([1; 8]);
/// So many digits always fit.
const SHORT: usize = 18;
/// A thousand groups are a thousand values; an answer of 1 MiB could hold half a million.
const MAX_VALUES: usize = 50_000;
/// Claims are two or three levels deep; `authorization_details` and verified claims reach ten.
const MAX_DEPTH: usize = 32;
