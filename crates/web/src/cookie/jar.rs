//! The cookies of a request, as they came.

use http::{HeaderMap, header};

use super::Names;

/// Our own cookies in a request; those of others are not looked at.
///
/// Whatever a client sends is read without complaint: what is no `name=value` pair, no text or
/// above the budget is left out. When a name comes twice, the first one counts.
#[derive(Clone, Debug)]
pub(crate) struct Jar<'a> {
    own: Vec<(&'a str, &'a str)>,
    any: bool,
}

impl<'a> Jar<'a> {
    pub(crate) fn read(headers: &'a HeaderMap, names: &Names) -> Self {
        let mut jar = Self { own: Vec::new(), any: false };
        let pairs =
            headers.get_all(header::COOKIE).iter().flat_map(|line| line.as_bytes().split(is_end));
        for pair in pairs {
            let Some((name, value)) = std::str::from_utf8(pair).ok().and_then(split) else {
                continue;
            };
            jar.any = true;
            if names.own(name) && jar.own.len() < MOST && jar.get(name).is_none() {
                jar.own.push((name, value));
            }
        }
        jar
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.own.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.own.iter().copied()
    }

    /// Whether the browser sent any cookie at all, ours or not.
    pub(crate) const fn any(&self) -> bool {
        self.any
    }
}

const fn is_end(byte: &u8) -> bool {
    *byte == b';'
}

fn split(pair: &str) -> Option<(&str, &str)> {
    let (name, value) = pair.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    (!name.is_empty()).then_some((name, value))
}

/// Own cookies that are looked at: all that we would ever set, and room for left-overs.
const MOST: usize = 64;
