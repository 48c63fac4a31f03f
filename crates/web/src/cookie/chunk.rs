//! A value that is too long for one cookie.
//!
//! The first cookie begins with one digit, the number of cookies, which is authenticated with the
//! sealed value. It decides how many are read, never a count of what a client sent; and being one
//! digit, it cannot ask for much.

use super::Jar;

/// The parts of a sealed value, first to last.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Chunks(Vec<String>);

impl Chunks {
    /// How many cookies a value of this many sealed bytes will take.
    ///
    /// # Errors
    /// [`TooManyBytes`] above the budget.
    pub(crate) fn count(sealed: usize, budget: usize) -> Result<usize, TooManyBytes> {
        let count = (sealed + COUNT).div_ceil(LARGEST).max(1);
        let most = budget.min(MOST);
        if count > most {
            return Err(TooManyBytes { bytes: sealed, limit: most * LARGEST - COUNT });
        }
        Ok(count)
    }

    /// Splits a sealed value whose length was counted before.
    pub(crate) fn split(count: usize, sealed: &str) -> Self {
        let whole = format!("{count}{sealed}");
        let mut rest = whole.as_str();
        let mut parts = Vec::with_capacity(count);
        while let Some((part, more)) = rest.split_at_checked(LARGEST) {
            parts.push(part.to_owned());
            rest = more;
        }
        if !rest.is_empty() {
            parts.push(rest.to_owned());
        }
        Self(parts)
    }

    /// Each cookie's name and value.
    pub(crate) fn named(self, base: &str) -> impl Iterator<Item = (String, String)> {
        self.0.into_iter().enumerate().map(move |(index, value)| (name(base, index), value))
    }

    /// Reads the parts from a request and joins them: the count and the sealed text.
    pub(crate) fn join(jar: &Jar<'_>, base: &str) -> Option<(usize, String)> {
        let first = jar.get(base)?;
        let (digit, start) = first.split_at_checked(COUNT)?;
        let count = digit.parse().ok().filter(|count| (1..=MOST).contains(count))?;
        let mut sealed = start.to_owned();
        for index in 1..count {
            let part = jar.get(&name(base, index))?;
            if part.len() > LARGEST {
                return None;
            }
            sealed.push_str(part);
        }
        Some((count, sealed))
    }

    /// The names that a request holds and that a value of `count` cookies does not use: what an
    /// earlier, longer value left behind.
    pub(crate) fn left_over(jar: &Jar<'_>, base: &str, count: usize) -> Vec<String> {
        // Names that nobody holds need not be made.
        let most = if jar.iter().any(|(own, _)| own.starts_with(base)) { MOST + 1 } else { 0 };
        (count..most)
            .map(|index| name(base, index))
            .filter(|name| jar.get(name).is_some())
            .collect()
    }
}

/// The value takes more cookies than a browser and the servers in between will carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyBytes {
    pub(crate) bytes: usize,
    pub(crate) limit: usize,
}

fn name(base: &str, index: usize) -> String {
    if index == 0 { base.to_owned() } else { format!("{base}.{index}") }
}

/// Cookies of one value at most.
pub(crate) const MOST: usize = 8;
/// Bytes of one cookie's value: with the name and the attributes less than the 4,096 bytes that
/// browsers keep (RFC 6265 section 6.1).
pub(crate) const LARGEST: usize = 3800;
/// Bytes of the count in front.
const COUNT: usize = 1;
