//! Time as the specifications count it.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored.
///
/// Claims carry seconds (`NumericDate`, RFC 7519 section 2), possibly with a fraction; milliseconds
/// are kept because keys may rotate twice within a second.
///
/// ```
/// use std::time::Duration;
/// use countersign_protocol::UnixTime;
///
/// let start = UnixTime::from_secs(1_700_000_000);
/// assert_eq!((start + Duration::from_secs(60)).as_secs(), 1_700_000_060);
/// assert_eq!(start.since(start + Duration::from_secs(1)), Duration::ZERO);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(i64);

impl UnixTime {
    /// From whole seconds.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// From milliseconds.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Whole seconds, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// How long after `earlier` this is; zero when it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// A JSON number as a `NumericDate`; `None` for anything that is not a number between the
    /// years 1 and 9999.
    #[must_use]
    pub fn from_json(value: &serde_json::Value) -> Option<Self> {
        Self::from_numeric_date(value.as_f64()?)
    }

    /// A `NumericDate` (RFC 7519 section 2), which may have a fraction; `None` outside the years 1
    /// to 9999.
    #[must_use]
    pub fn from_numeric_date(secs: f64) -> Option<Self> {
        if !secs.is_finite() || !(EARLIEST..=LATEST).contains(&secs) {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "bounded by the range above")]
        Some(Self((secs * 1000.0) as i64))
    }
}

impl std::ops::Add<Duration> for UnixTime {
    type Output = Self;

    fn add(self, more: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(more.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl std::ops::Sub<Duration> for UnixTime {
    type Output = Self;

    fn sub(self, less: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(less.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Debug for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0.div_euclid(1000), self.0.rem_euclid(1000))
    }
}

const EARLIEST: f64 = -62_135_596_800.0;
const LATEST: f64 = 253_402_300_799.0;
