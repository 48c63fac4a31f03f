mod document;
mod item;
mod names;
mod read;

use countersign_jose::JsonError;
use countersign_jose::json::{object, value};
use serde_json::json;

#[test]
fn values_are_read_as_they_stand() {
    let text = br#" {"a":[1,-2,1.5,18446744073709551615],"b":{"c":null,"d":true},"e":"\u00e9\n"} "#;
    assert_eq!(
        value(text).unwrap(),
        json!({"a":[1,-2,1.5,18_446_744_073_709_551_615_u64],"b":{"c":null,"d":true},"e":"é\n"})
    );
}

#[test]
fn more_text_than_anybody_needs_is_refused() {
    let limit = 16 * 1024 * 1024;
    let text = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    assert!(value(text(limit).as_bytes()).is_ok());
    let error = value(text(limit + 1).as_bytes()).unwrap_err();
    assert_eq!(error, JsonError::TooLong { bytes: limit + 1, limit });
    assert_eq!(error.code(), "json.too_long");
}

#[test]
fn a_duplicate_member_is_refused_at_any_depth() {
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"b":2,"a":3}"#,
        r#"{"x":{"a":1,"a":2}}"#,
        r#"[[{"a":1,"a":2}]]"#,
        r#"{"x":[{"y":{"a":1,"a":2}}]}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"":1,"":2}"#,
    ] {
        let error = value(text.as_bytes()).unwrap_err();
        assert!(matches!(error, JsonError::DuplicateMember { .. }), "{text}: {error:?}");
    }
}

#[test]
fn one_name_in_two_objects_is_no_duplicate() {
    assert!(value(br#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}"#).is_ok());
}

#[test]
fn thirty_two_levels_are_read_and_no_more() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |levels: usize| {
            let inner = if open == "[" { "" } else { "1" };
            format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
        };
        assert!(value(nested(32).as_bytes()).is_ok());
        assert_eq!(value(nested(33).as_bytes()), Err(JsonError::TooDeep { limit: 32 }));
        assert_eq!(value(nested(100_000).as_bytes()), Err(JsonError::TooDeep { limit: 32 }));
    }
    let empty = format!("{}{{}}{}", "[".repeat(32), "]".repeat(32));
    assert_eq!(value(empty.as_bytes()), Err(JsonError::TooDeep { limit: 32 }));
}

#[test]
fn bad_utf8_is_refused() {
    assert_eq!(value(b"{\"a\":\"\xff\"}"), Err(JsonError::NotUtf8));
    assert_eq!(value(b"{\"\xc0\xaf\":1}"), Err(JsonError::NotUtf8));
    assert_eq!(value(b"\"\xed\xa0\x80\""), Err(JsonError::NotUtf8));
}

#[test]
fn half_a_surrogate_pair_is_refused() {
    assert!(value(br#""\ud83d""#).is_err());
    assert!(value(br#"{"\udc00":1}"#).is_err());
    assert_eq!(value(br#""\ud83d\ude00""#).unwrap(), "😀");
}

#[test]
fn trailing_bytes_are_refused() {
    for text in ["{}{}", "{} x", "{},", "{}\0", "1 2", "null;"] {
        assert!(matches!(value(text.as_bytes()), Err(JsonError::Syntax { .. })), "{text}");
    }
    assert!(value(b"{}\r\n\t ").is_ok());
}

#[test]
fn what_is_nearly_json_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "{a:1}",
        "{'a':1}",
        "[1,]",
        "{\"a\":1,}",
        "NaN",
        "01",
        "+1",
        "1.",
        "\u{feff}{}",
    ] {
        assert!(matches!(value(text.as_bytes()), Err(JsonError::Syntax { .. })), "{text}");
    }
}

#[test]
fn a_number_beyond_a_double_is_refused() {
    assert!(value(b"1e999").is_err());
    assert!(value(b"[-1e999]").is_err());
}

#[test]
fn anything_but_an_object_is_refused_where_one_is_expected() {
    for (text, got) in [
        ("null", "null"),
        ("true", "a boolean"),
        ("1", "a number"),
        ("\"x\"", "a string"),
        ("[{}]", "an array"),
    ] {
        assert_eq!(object(text.as_bytes()), Err(JsonError::NotAnObject { got }));
    }
    assert_eq!(object(b"{}").unwrap().len(), 0);
}

#[test]
fn the_library_s_own_names_are_refused() {
    for text in [
        r#"{"$serde_json::private::Number":"1"}"#,
        r#"{"exp":{"$serde_json::private::Number":"99999999999"}}"#,
        r#"{"$serde_json::private::RawValue":"1"}"#,
        r#"{"sub":{"\u0024serde_json::private::RawValue":"\"root\""}}"#,
    ] {
        assert_eq!(value(text.as_bytes()), Err(JsonError::ReservedMember), "{text}");
    }
    assert!(value(br#"{"\u0024serde_json::private::Number":"1"}"#).is_err());
}

#[test]
fn errors_have_codes_and_show_short_names() {
    let long = format!(r#"{{"{0}":1,"{0}":2}}"#, "n\u{7}".repeat(500).replace('\u{7}', "\\u0007"));
    let error = value(long.as_bytes()).unwrap_err();
    assert_eq!(error.code(), "json.duplicate_member");
    assert!(error.to_string().len() < 100, "{error}");
    assert!(!error.to_string().contains('\u{7}'));
    assert_eq!(value(b"{").unwrap_err().code(), "json.syntax");
    assert_eq!(value(b"\xff").unwrap_err().code(), "json.encoding");
    assert_eq!(object(b"1").unwrap_err().code(), "json.not_an_object");
    assert_eq!(value("[".repeat(40).as_bytes()).unwrap_err().code(), "json.too_deep");
}

#[test]
fn more_values_than_anybody_needs_are_refused() {
    let many = |count: usize| format!("[{}]", vec!["[]"; count].join(","));
    assert!(value(many(49_999).as_bytes()).is_ok());
    assert_eq!(value(many(50_000).as_bytes()), Err(JsonError::TooMany { limit: 50_000 }));
}
