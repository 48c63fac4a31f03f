//! The one door: the time, for whoever did not hand one in.

use countersign_protocol::UnixTime;

/// The machine's clock.
#[expect(clippy::disallowed_methods, reason = "this is the door of the clock")]
pub(crate) fn now() -> UnixTime {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let millis = since.map_or(0, |since| since.as_millis());
    UnixTime::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}
