use std::time::Duration;

use countersign_protocol::UnixTime;
use serde_json::json;

#[test]
fn a_number_between_the_years_1_and_9999_is_a_time() {
    for (value, millis) in [
        (json!(0), 0),
        (json!(1_700_000_000), 1_700_000_000_000),
        (json!(1_700_000_000.25), 1_700_000_000_250),
        (json!(-1), -1000),
        (json!(1.7e9), 1_700_000_000_000),
        (json!(253_402_300_799_i64), 253_402_300_799_000),
    ] {
        assert_eq!(UnixTime::from_json(&value), Some(UnixTime::from_millis(millis)), "{value}");
    }
}

#[test]
fn whatever_else_is_no_time() {
    for value in [
        json!("1700000000"),
        json!(null),
        json!(true),
        json!([]),
        json!([1_700_000_000]),
        json!({}),
        json!(1e300),
        json!(-1e300),
        json!(253_402_300_800_i64),
        json!(-62_135_596_801_i64),
        json!(u64::MAX),
        json!(i64::MIN),
    ] {
        assert_eq!(UnixTime::from_json(&value), None, "{value}");
    }
}

#[test]
fn sums_end_at_the_ends_of_time() {
    let end = UnixTime::from_millis(i64::MAX);
    let start = UnixTime::from_millis(i64::MIN);
    assert_eq!(end + Duration::MAX, end);
    assert_eq!(start - Duration::MAX, start);
    assert_eq!(UnixTime::from_secs(i64::MAX), end);
    assert_eq!(start.since(end), Duration::ZERO);
    assert_eq!(end.since(start), Duration::from_millis(i64::MAX.unsigned_abs()));
}

#[test]
fn seconds_are_rounded_down_before_1970_too() {
    assert_eq!(UnixTime::from_millis(-1).as_secs(), -1);
    assert_eq!(UnixTime::from_millis(-1).to_string(), "-1.999");
    assert_eq!(UnixTime::from_millis(1999).as_secs(), 1);
}
