use countersign_jose::JsonError;
use countersign_jose::json::Document;

fn read(text: &str) -> Document {
    Document::parse(text).unwrap()
}

#[test]
fn members_come_in_the_order_of_the_text() {
    let document = read(r#"{"z":1,"a":{"x":[1,2,{"y":3}]},"m":"s"}"#);
    let names: Vec<&str> = document.members().map(|(name, _)| name).collect();
    assert_eq!(names, ["z", "a", "m"]);
}

#[test]
fn a_member_is_found_behind_others_that_hold_much() {
    let document = read(r#"{"a":[[[]],{"last":0}],"b":{"last":{"last":1}},"":2,"last":3}"#);
    assert_eq!(document.get("last").unwrap().as_f64(), Some(3.0));
    assert_eq!(document.get("").unwrap().as_f64(), Some(2.0));
    assert!(document.get("Last").is_none());
    assert!(document.get("las").is_none());
    assert!(document.get("lasu").is_none());
}

#[test]
fn a_member_is_found_by_its_name_whatever_its_spelling() {
    let document = read(r#"{"\u0065xp":"\u0031","é":"ü","\n":1}"#);
    assert_eq!(document.get("exp").unwrap().as_str(), Some("1"));
    assert_eq!(document.get("é").unwrap().as_str(), Some("ü"));
    assert_eq!(document.get("\n").unwrap().as_f64(), Some(1.0));
}

#[test]
fn a_pointer_leads_where_rfc_6901_says() {
    // Its section 5.
    let document = read(
        r#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#,
    );
    for (pointer, number) in [
        ("/", 0.0),
        ("/a~1b", 1.0),
        ("/c%d", 2.0),
        ("/e^f", 3.0),
        ("/g|h", 4.0),
        ("/i\\j", 5.0),
        ("/k\"l", 6.0),
        ("/ ", 7.0),
        ("/m~0n", 8.0),
    ] {
        assert_eq!(document.pointer(pointer).unwrap().as_f64(), Some(number), "{pointer}");
    }
    assert_eq!(document.pointer("").unwrap().members().unwrap().count(), 10);
    assert_eq!(document.pointer("/foo/0").unwrap().as_str(), Some("bar"));
    assert_eq!(document.pointer("/foo/1").unwrap().as_str(), Some("baz"));
}

#[test]
fn a_pointer_that_leads_nowhere_finds_nothing() {
    let document = read(r#"{"foo":["bar"],"~1":1,"s":"text"}"#);
    for pointer in [
        "foo",
        "/foo/1",
        "/foo/-",
        "/foo/00",
        "/foo/+0",
        "/foo/-0",
        "/foo/ 0",
        "/foo/",
        "/foo/0/",
        "/foo/0/x",
        "/s/0",
        "/foo/99999999999999999999999",
        "/x",
        "//",
        "#/foo",
    ] {
        assert!(document.pointer(pointer).is_none(), "{pointer}");
    }
    assert_eq!(document.pointer("/~01").unwrap().as_f64(), Some(1.0), "a tilde and a one");
}

#[test]
fn what_is_no_object_is_refused() {
    for (text, got) in
        [("[{}]", "an array"), ("1", "a number"), ("null", "null"), ("\"x\"", "a string")]
    {
        assert_eq!(Document::parse(text).unwrap_err(), JsonError::NotAnObject { got });
    }
}

#[test]
fn nothing_of_it_shows_in_a_log() {
    let document = read(r#"{"secret_name":"secret_value"}"#);
    let shown = format!("{document:?} {:?}", document.get("secret_name").unwrap());
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn its_size_is_that_of_its_text_and_its_list() {
    let text = format!(r#"{{"a":[{}"\n"]}}"#, "1234,".repeat(1000));
    let document = read(&text);
    // A thousand nodes of 8 bytes, and not many times more.
    let least = text.len() + 1000 * 8;
    assert!((least..least * 2).contains(&document.size()), "{}", document.size());
}
