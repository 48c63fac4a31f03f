//! Times for people.

use std::time::{Duration, UNIX_EPOCH};

use countersign::UnixTime;
use serde_json::Value;

/// What a time claim says, and what follows from it now.
pub(crate) fn told(name: &str, value: &Value, now: UnixTime) -> Option<String> {
    let meaning = MEANINGS.iter().find(|(claim, ..)| *claim == name)?;
    let Some(time) = UnixTime::from_json(value) else {
        return Some(format!("{name:TIME$}  {value} is no time: expected seconds since 1970"));
    };
    let (_, past, future) = meaning;
    let told = match now.since(time).as_secs() {
        0 if time > now => format!("{future} {}", lasting(time.since(now))),
        0 => format!("{past} just now"),
        _ => format!("{past} {} ago", lasting(now.since(time))),
    };
    Some(format!("{name:TIME$}  {}  {told}", date(time)))
}

/// As HTTP writes dates, in UTC.
pub(crate) fn date(time: UnixTime) -> String {
    match u64::try_from(time.as_secs()) {
        Ok(seconds) => httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds)),
        Err(_) => "before 1970".to_owned(),
    }
}

/// In the largest unit that is not nothing.
pub(crate) fn lasting(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let unit = UNITS.iter().find(|(length, _)| seconds >= *length);
    let (length, name) = unit.unwrap_or(&(1, "second"));
    let count = seconds / length;
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {name}{plural}")
}

const MEANINGS: [(&str, &str, &str); 4] = [
    ("iat", "issued", "issued in the future: in"),
    ("nbf", "became good", "NOT YET GOOD: in"),
    ("exp", "EXPIRED", "good for another"),
    ("auth_time", "logged in", "logged in in the future: in"),
];
const UNITS: [(u64, &str); 5] =
    [(31_536_000, "year"), (86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
/// The width of the longest name.
const TIME: usize = 9;
