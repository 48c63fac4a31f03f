//! Claims for people.

use countersign::UnixTime;
use countersign::protocol::jose::Object;

use super::times;

/// The claims, and below what their times mean now.
pub(super) fn claims(claims: &Object, now: UnixTime) -> String {
    let mut text = format!("Claims\n{}", pretty(claims));
    let times: Vec<String> =
        TIMES.iter().filter_map(|name| times::told(name, claims.get(*name)?, now)).collect();
    if !times.is_empty() {
        text.push_str("\n\nTimes\n");
        text.push_str(&harmless(&times.join("\n")));
    }
    text
}

/// Indented.
pub(super) fn pretty(object: &Object) -> String {
    harmless(&serde_json::to_string_pretty(object).unwrap_or_default())
}

/// A token's text must not steer the terminal; JSON escapes what could, but for these.
fn harmless(text: &str) -> String {
    let steers = |c: char| c != '\n' && (c.is_control() || TURNING.contains(&c));
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

const TIMES: [&str; 4] = ["iat", "nbf", "exp", "auth_time"];
/// These turn the direction in which a line is read.
const TURNING: [char; 9] = [
    '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}',
    '\u{2069}',
];
