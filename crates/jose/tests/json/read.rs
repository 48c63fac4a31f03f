//! Ours beside serde_json: the same texts are JSON, and they say the same.

use countersign_jose::JsonError;
use countersign_jose::json::{Document, object, value};
use serde_json::Value;

/// Both read it, and both the same; written out, as `1` and `1.0` are not the same number.
fn agree(text: &str) {
    let theirs: Value = serde_json::from_str(text).unwrap_or_else(|_| panic!("no JSON: {text}"));
    let ours = value(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(ours, theirs, "{text}");
    assert_eq!(ours.to_string(), theirs.to_string(), "{text}");
}

/// Neither reads it.
fn refuse(text: &str) {
    assert!(serde_json::from_str::<Value>(text).is_err(), "serde_json reads {text:?}");
    let error = value(text.as_bytes()).unwrap_err();
    assert!(matches!(error, JsonError::Syntax { .. }), "{text:?}: {error:?}");
}

#[test]
fn odd_numbers_are_read_as_they_stand() {
    for number in [
        "0",
        "-0",
        "-0.0",
        "0e0",
        "-0e-0",
        "1",
        "-1",
        "10",
        "1.5",
        "1e3",
        "1E+3",
        "1e-3",
        "1e300",
        "1.7976931348623157e308",
        "5e-324",
        "1e-400",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775807",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "123456789012345678901234567890",
        "-123456789012345678901234567890",
        "0.1",
        "123456789.123456789",
        "1800000000.999",
    ] {
        agree(number);
        agree(&format!("[{number},{number} , {number}\n]"));
        agree(&format!(r#"{{"a":{number},"b": {number} }}"#));
    }
}

#[test]
fn what_is_nearly_a_number_is_refused() {
    for text in [
        "-",
        "+1",
        "01",
        "-01",
        "00",
        "-00",
        "1.",
        ".5",
        "-.5",
        "1.e3",
        "1e",
        "1e+",
        "1e+-3",
        "1ee3",
        "1.2.3",
        "1e3.5",
        "1-2",
        "1+2",
        "- 1",
        "0x10",
        "1_000",
        "1e999",
        "-1e999",
        "1e99999999999999999999",
        "Infinity",
        "-Infinity",
        "NaN",
        "1 2",
        "1a",
        "١",
    ] {
        refuse(text);
        refuse(&format!("[{text}]"));
        refuse(&format!(r#"{{"a":{text}}}"#));
    }
}

#[test]
fn odd_strings_are_read_as_they_stand() {
    for string in [
        r#""""#,
        r#""a""#,
        r#""\"""#,
        r#""\\""#,
        r#""\\\"""#,
        r#""a\\""#,
        r#""\"\\\/\b\f\n\r\t""#,
        r#""\u0000""#,
        r#""\u0061\u00e9\uffff""#,
        r#""\ud83d\ude00""#,
        r#""é😀\u007f""#,
        r#""é\n😀""#,
        "\"\u{7f}\u{2028}\u{feff}\"",
        r#""{}[],:""#,
        r#""12345678\"""#,
        r#""1234567\"90123456\"""#,
        r#""$serde_json::private::Number""#,
    ] {
        agree(string);
        agree(&format!("[{string},{string}]"));
        agree(&format!(r#"{{"x":{string}}}"#));
        agree(&format!(r#"{{{string}:{string}}}"#).replace("$serde_json", "serde"));
    }
}

#[test]
fn a_string_of_any_length_ends_where_it_ends() {
    for length in 0..70 {
        let plain = "x".repeat(length);
        agree(&format!("\"{plain}\""));
        agree(&format!("[\"{plain}\",1]"));
        agree(&format!("\"{plain}é\""));
        agree(&format!(r#""{plain}\n{plain}""#));
        agree(&format!(r#""{plain}\"{plain}\\""#));
        refuse(&format!("\"{plain}\u{1f}\""));
        refuse(&format!("\"{plain}\n\""));
        refuse(&format!("\"{plain}"));
        refuse(&format!(r#""{plain}\""#));
        refuse(&format!(r#""{plain}\\\""#));
        refuse(&format!(r#""{plain}\x""#));
        refuse(&format!(r#""{plain}\é""#));
    }
}

#[test]
fn what_is_nearly_a_string_is_refused() {
    for text in [
        r#"""#,
        r#""\"#,
        r#""\""#,
        r#""\u""#,
        r#""\u12""#,
        r#""\u12g4""#,
        r#""\ud800""#,
        r#""\udc00""#,
        r#""\ud800\u0041""#,
        r#""\ud800\n""#,
        r#""\U0041""#,
        r#""\'""#,
        "\"\t\"",
        "\"\0\"",
        "'a'",
        "a",
        "\"a\"b",
    ] {
        refuse(text);
        refuse(&format!("[{text}]"));
        refuse(&format!("{{{text}:1}}"));
    }
}

#[test]
fn what_is_nearly_an_array_or_object_is_refused() {
    for text in [
        "[",
        "]",
        "[,]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1",
        "[1,",
        "[1}",
        "[[]",
        "{",
        "}",
        "{,}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        r#"{,"a":1}"#,
        r#"{"a":1 "b":2}"#,
        r#"{"a" 1}"#,
        r#"{"a"::1}"#,
        r#"{"a":1]"#,
        r#"{"a":1"#,
        r#"{"a":1,"#,
        r#"{"a":"#,
        r#"{"a""#,
        "{1:1}",
        "{null:1}",
        "{[]:1}",
        "{a:1}",
        "tru",
        "truE",
        "nul",
        "fals",
        "True",
        "nulll",
        "truefalse",
        "[truefalse]",
        "/**/1",
        "1//",
        "[1]\u{a0}",
        "\u{c}1",
        "\u{feff}1",
        "[1]\0",
    ] {
        refuse(text);
    }
}

#[test]
fn white_space_stands_anywhere_between() {
    agree(" \t\r\n{ \"a\" : [ 1 , true , null , [ ] , { } ] , \"b\" : \"c\" }\r\n\t ");
    agree("[ \n]");
    agree("{\t}");
}

#[test]
fn a_break_is_said_to_be_where_it_is() {
    for (text, line, column) in [
        ("", 1, 1),
        ("x", 1, 1),
        ("{\"a\":x}", 1, 6),
        ("{\n \"a\": 1,\n  }", 3, 3),
        ("[1]\n x", 2, 2),
    ] {
        assert_eq!(value(text.as_bytes()), Err(JsonError::Syntax { line, column }), "{text:?}");
    }
}

#[test]
fn document_object_and_value_agree_on_everything() {
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(31), "]".repeat(31));
    let too_deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(32), "]".repeat(32));
    let many = |count: usize| format!(r#"{{"a":[{}]}}"#, vec!["0"; count].join(","));
    for text in [
        r"{}",
        r#"{"a":1}"#,
        r#"{"\u0061":"\u0061","b":[{"\u0061":1,"c":"\ud83d\ude00"},-0,1e300,null,true,false]}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"a":{"b":1,"b":1}}"#,
        r#"{"a":1}}"#,
        r#"{"$serde_json::private::Number":"1"}"#,
        r"[]",
        r#""a""#,
        r"null",
        "\u{feff}{}",
        &deep,
        &too_deep,
        &many(49_998),
        &many(49_999),
    ] {
        let document = Document::parse(text);
        let object = object(text.as_bytes());
        let value = value(text.as_bytes());
        assert_eq!(document.as_ref().map(Document::to_object).map_err(Clone::clone), object);
        match value {
            Ok(Value::Object(value)) => assert_eq!(object, Ok(value)),
            Ok(_) => assert!(matches!(object, Err(JsonError::NotAnObject { .. })), "{text}"),
            Err(error) => assert_eq!(object, Err(error)),
        }
    }
    assert!(Document::parse(many(49_998)).is_ok(), "the object, the array, and what is in it");
    assert_eq!(Document::parse(many(49_999)).unwrap_err(), JsonError::TooMany { limit: 50_000 });
    assert_eq!(Document::parse(b"{\"a\":\"\xff\"}").unwrap_err(), JsonError::NotUtf8);
}
