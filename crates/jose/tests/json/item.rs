use countersign_jose::json::Document;
use serde_json::json;

const TEXT: &str = r#"{"null":null,"true":true,"int":5,"minus":-5,"big":18446744073709551615,"float":1.5,"text":"t",
    "escaped":"\t","array":[1,"two",[3]],"object":{"k":"v"},"none":[],"empty":{}}"#;

#[test]
fn each_kind_is_what_it_is_and_nothing_else() {
    let document = Document::parse(TEXT).unwrap();
    for (name, kind) in [
        ("null", "null"),
        ("true", "a boolean"),
        ("int", "a number"),
        ("minus", "a number"),
        ("big", "a number"),
        ("float", "a number"),
        ("text", "a string"),
        ("escaped", "a string"),
        ("array", "an array"),
        ("none", "an array"),
        ("object", "an object"),
        ("empty", "an object"),
    ] {
        let item = document.get(name).unwrap();
        assert_eq!(item.kind(), kind);
        assert_eq!(item.is_null(), kind == "null", "{name}");
        assert_eq!(item.as_bool().is_some(), kind == "a boolean", "{name}");
        assert_eq!(item.as_f64().is_some(), kind == "a number", "{name}");
        assert_eq!(item.as_str().is_some(), kind == "a string", "{name}");
        assert_eq!(item.items().is_some(), kind == "an array", "{name}");
        assert_eq!(item.members().is_some(), kind == "an object", "{name}");
    }
}

#[test]
fn values_are_what_the_text_says() {
    let document = Document::parse(TEXT).unwrap();
    let get = |name| document.get(name).unwrap();
    assert_eq!(get("true").as_bool(), Some(true));
    assert_eq!((get("int").as_f64(), get("int").as_i64()), (Some(5.0), Some(5)));
    assert_eq!((get("minus").as_f64(), get("minus").as_i64()), (Some(-5.0), Some(-5)));
    assert_eq!((get("big").as_f64(), get("big").as_i64()), (Some(u64::MAX as f64), None));
    assert_eq!((get("float").as_f64(), get("float").as_i64()), (Some(1.5), None));
    assert_eq!((get("text").as_str(), get("escaped").as_str()), (Some("t"), Some("\t")));
    let array: Vec<_> = get("array").items().unwrap().map(|item| item.to_value()).collect();
    assert_eq!(array, [json!(1), json!("two"), json!([3])]);
    let members: Vec<_> =
        get("object").members().unwrap().map(|(name, item)| (name, item.as_str())).collect();
    assert_eq!(members, [("k", Some("v"))]);
    assert_eq!(get("none").items().unwrap().count(), 0);
    assert_eq!(get("empty").members().unwrap().count(), 0);
}

#[test]
fn only_an_object_has_members() {
    let document = Document::parse(TEXT).unwrap();
    assert_eq!(document.get("object").unwrap().get("k").unwrap().as_str(), Some("v"));
    for name in ["array", "text", "null", "empty", "int"] {
        assert!(document.get(name).unwrap().get("k").is_none(), "{name}");
    }
    // A string in an array is no name, though it stands before a value as names do.
    let document = Document::parse(r#"{"a":["k","v"]}"#).unwrap();
    assert!(document.get("a").unwrap().get("k").is_none());
}

#[test]
fn a_copy_is_the_value_itself() {
    let document = Document::parse(TEXT).unwrap();
    assert_eq!(
        document.pointer("").unwrap().to_value(),
        serde_json::from_str::<serde_json::Value>(TEXT).unwrap()
    );
}
