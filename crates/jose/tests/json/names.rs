use countersign_jose::JsonError;
use countersign_jose::json::{Document, value};

fn duplicate(text: &str) -> bool {
    matches!(value(text.as_bytes()), Err(JsonError::DuplicateMember { .. }))
}

fn object(names: impl IntoIterator<Item = String>) -> String {
    let members: Vec<String> = names.into_iter().map(|name| format!("\"{name}\":0")).collect();
    format!("{{{}}}", members.join(","))
}

#[test]
fn one_name_in_two_spellings_comes_twice() {
    for (one, other) in
        [("a", r"\u0061"), (r"\u0061", "a"), (r"\u0061", r"\u0061"), ("é", r"\u00e9"), ("/", r"\/")]
    {
        assert!(duplicate(&format!(r#"{{"{one}":1,"{other}":2}}"#)), "{one} {other}");
        assert!(duplicate(&format!(r#"{{"x":1,"{one}":{{"y":[]}},"z":[1,2],"{other}":2}}"#)));
    }
}

#[test]
fn names_that_look_alike_are_no_duplicates() {
    // The same length, first, middle and last letter; and those that only begin alike.
    let text = object(
        ["abcde", "aXcYe", "aXcZe", "abc", "ab", "a", "", "A", "b", "aé", "ae\u{301}"]
            .map(str::to_owned),
    );
    assert!(value(text.as_bytes()).is_ok());
}

#[test]
fn a_name_may_come_again_in_another_object() {
    assert!(value(br#"{"a":{"a":1},"b":[{"a":1},{"a":{"a":[{"a":1}]}}],"c":"a"}"#).is_ok());
    assert!(duplicate(r#"{"a":{"a":1},"b":[{"a":1}],"a":1}"#));
}

#[test]
fn among_few_and_many_names_a_duplicate_is_found_wherever_it_stands() {
    for count in [2, 3, 63, 64, 65, 66, 200] {
        let names = |count: usize| (0..count).map(|n| format!("name{n}"));
        assert!(value(object(names(count)).as_bytes()).is_ok(), "{count}");
        for again in [0, count / 2, count - 1] {
            let twice = names(count).chain([format!("name{again}")]);
            let error = value(object(twice).as_bytes()).unwrap_err();
            assert_eq!(error, JsonError::DuplicateMember { name: format!("name{again}") });
        }
    }
}

/// Compared one with another, these would be a thousand million pairs.
#[test]
fn an_object_of_very_many_members_is_read_all_the_same() {
    let names = || (0..49_000).map(|n| format!("m{n:06}m"));
    let document = Document::parse(object(names())).unwrap();
    assert_eq!(document.members().count(), 49_000);
    let twice = names().chain(["m000007m".to_owned()]);
    assert!(duplicate(&object(twice)));
}
