use std::time::Duration;

use countersign_protocol::bearer::{Requirement, Roles, Unmet};
use serde_json::{Value, json};

use super::tokens::token;
use crate::support::NOW;

const T: i64 = NOW.as_secs();
const SKEW: Duration = Duration::from_secs(60);

fn ask(requirement: &Requirement, claims: Value) -> Result<(), Unmet> {
    requirement.met_by(&token(claims), &Roles::at("/roles"), SKEW, NOW)
}

fn meets(requirement: &Requirement, claims: Value) -> bool {
    ask(requirement, claims).is_ok()
}

fn read(text: &str) -> Result<Requirement, serde_json::Error> {
    serde_json::from_str(text)
}

#[test]
fn nothing_asked_is_met_by_any_token() {
    assert!(meets(&Requirement::new(), json!({})));
    assert!(meets(&Requirement::new(), json!({"roles": {"odd": true}})));
}

#[test]
fn all_scopes_are_needed() {
    let both = Requirement::new().scope("a").scope("b");
    assert!(meets(&both, json!({"scope": "b c a"})));
    assert!(meets(&both, json!({"scp": ["a", "b"]})));
    for scope in ["", "a", "b", "ab", "c"] {
        let needed = vec!["a".to_owned(), "b".to_owned()];
        let unmet = ask(&both, json!({"scope": scope}));
        assert_eq!(unmet, Err(Unmet::Scope { needed }), "{scope}");
    }
    assert!(!meets(&both, json!({})));
}

#[test]
fn one_of_several_scopes_suffices_where_that_is_asked() {
    let any = Requirement::new().any_scope(["a", "b"]);
    assert!(meets(&any, json!({"scope": "a"})) && meets(&any, json!({"scope": "x b"})));
    assert!(!meets(&any, json!({"scope": "x"})) && !meets(&any, json!({})));
    let with = any.scope("x");
    assert!(meets(&with, json!({"scope": "x b"})));
    assert!(!meets(&with, json!({"scope": "b"})) && !meets(&with, json!({"scope": "x"})));
    assert!(with.scopes().eq(["x", "a", "b"]), "for metadata and challenges");
}

#[test]
fn all_roles_are_needed() {
    let both = Requirement::new().role("a").role("b");
    assert!(meets(&both, json!({"roles": ["b", "x", "a"]})));
    for roles in [json!(["a"]), json!(["b"]), json!([]), json!("a b"), json!(["a b"]), json!("")] {
        let unmet = ask(&both, json!({ "roles": roles }));
        let needed = vec!["a".to_owned(), "b".to_owned()];
        let places = "/roles".to_owned();
        assert_eq!(unmet, Err(Unmet::Role { needed, places }), "{roles}");
    }
    assert!(!meets(&both, json!({})));
}

#[test]
fn one_of_several_roles_suffices_where_that_is_asked() {
    let any = Requirement::new().any_role(["a", "b"]);
    assert!(meets(&any, json!({"roles": "b"})) && meets(&any, json!({"roles": ["x", "a"]})));
    assert!(!meets(&any, json!({"roles": ["x"]})) && !meets(&any, json!({})));
    let with = any.role("x");
    assert!(meets(&with, json!({"roles": ["x", "b"]})));
    assert!(!meets(&with, json!({"roles": ["b"]})) && !meets(&with, json!({"roles": ["x"]})));
}

#[test]
fn roles_of_a_wrong_form_are_refused_wherever_roles_are_asked_for() {
    for roles in [
        json!(1),
        json!(true),
        json!(null),
        json!({}),
        json!({"a": true}),
        json!(["a", 1]),
        json!([1, "a"]),
        json!([["a"]]),
        json!([null]),
    ] {
        for asked in [Requirement::new().role("a"), Requirement::new().any_role(["b", "a"])] {
            let unmet = ask(&asked, json!({ "roles": roles }));
            assert!(matches!(unmet, Err(Unmet::RolesForm { .. })), "{roles}: {unmet:?}");
        }
        let nothing = Requirement::new().scope("s");
        assert!(meets(&nothing, json!({"roles": roles, "scope": "s"})), "nobody asked for roles");
    }
}

#[test]
fn a_claim_must_be_the_same_value_of_the_same_type() {
    for (wanted, same, others) in [
        (json!("1"), json!("1"), vec![json!(1), json!("01"), json!(" 1"), json!(["1"])]),
        (json!(1), json!(1), vec![json!("1"), json!(1.5), json!(true), json!([1]), json!(-1)]),
        (json!(true), json!(true), vec![json!(false), json!("true"), json!(1), json!(null)]),
        (json!(null), json!(null), vec![json!(false), json!(""), json!({}), json!(0)]),
        (json!([1, 2]), json!([1, 2]), vec![json!([2, 1]), json!([1]), json!([1, 2, 3])]),
        (json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1}), vec![json!({"a": 1}), json!({})]),
        (
            json!(9_007_199_254_740_993_i64),
            json!(9_007_199_254_740_993_i64),
            vec![json!(9_007_199_254_740_992_i64)],
        ),
    ] {
        let asked = Requirement::new().claim("/x", wanted.clone());
        assert!(meets(&asked, json!({ "x": same })), "{wanted}");
        for other in others {
            let unmet = Err(Unmet::Claim { pointer: "/x".to_owned() });
            assert_eq!(ask(&asked, json!({ "x": other })), unmet, "{wanted} {other}");
        }
        assert!(!meets(&asked, json!({})), "{wanted}: absent");
    }
}

#[test]
fn claims_are_found_by_pointer() {
    let claims = json!({"org": {"id": "o1", "a/b": {"m~n": [0, "z"]}}, "": "empty", "a/b": "top"});
    for (pointer, value) in [
        ("/org/id", json!("o1")),
        ("/org/a~1b/m~0n/1", json!("z")),
        ("/", json!("empty")),
        ("/a~1b", json!("top")),
    ] {
        assert!(meets(&Requirement::new().claim(pointer, value), claims.clone()), "{pointer}");
    }
    for (pointer, value) in [
        ("org/id", json!("o1")),
        ("/org/ID", json!("o1")),
        ("/a/b", json!("top")),
        ("/org/a~1b/m~0n/01", json!("z")),
        ("/a~01b", json!("top")),
    ] {
        assert!(!meets(&Requirement::new().claim(pointer, value), claims.clone()), "{pointer}");
    }
}

#[test]
fn all_claims_are_needed_and_the_later_word_on_one_counts() {
    let both = Requirement::new().claim("/a", 1).claim("/b", "x");
    assert!(meets(&both, json!({"a": 1, "b": "x"})));
    assert!(!meets(&both, json!({"a": 1})) && !meets(&both, json!({"b": "x"})));
    let changed = both.claim("/a", 2);
    assert!(meets(&changed, json!({"a": 2, "b": "x"})));
    assert!(!meets(&changed, json!({"a": 1, "b": "x"})));
}

fn step_up(acr_values: &[&str], max_age: Option<u64>) -> Result<(), Unmet> {
    let acr_values = acr_values.iter().map(|value| (*value).to_owned()).collect();
    Err(Unmet::StepUp { acr_values, max_age })
}

#[test]
fn another_authentication_context_asks_for_one_of_those_needed() {
    let asked = Requirement::new().acr_values(["silver", "gold"]);
    assert!(meets(&asked, json!({"acr": "gold"})) && meets(&asked, json!({"acr": "silver"})));
    for claims in [
        json!({}),
        json!({"acr": "bronze"}),
        json!({"acr": ""}),
        json!({"acr": "Gold"}),
        json!({"acr": "silver gold"}),
    ] {
        assert_eq!(ask(&asked, claims.clone()), step_up(&["silver", "gold"], None), "{claims}");
    }
}

#[test]
fn an_authentication_that_is_old_or_of_unknown_age_asks_for_a_newer_one() {
    for (max_age, auth_time, recent) in [
        (300, json!(T), true),
        (300, json!(T - 360), true),
        (300, json!(T as f64 - 360.001), false),
        (300, json!(T - 361), false),
        (300, json!(0), false),
        (300, json!(-5), false),
        (300, json!(T + 60), true),
        (300, json!(T as f64 + 60.001), false),
        (300, json!(253_402_300_799_i64), false),
        (0, json!(T), true),
        (0, json!(T - 60), true),
        (0, json!(T - 61), false),
        (u64::MAX, json!(0), true),
        (u64::MAX, json!(T + 61), false),
    ] {
        let asked = Requirement::new().max_age(max_age);
        let expected = if recent { Ok(()) } else { step_up(&[], Some(max_age)) };
        let got = ask(&asked, json!({ "auth_time": auth_time }));
        assert_eq!(got, expected, "{max_age} {auth_time}");
    }
    for max_age in [0, 300, u64::MAX] {
        let asked = Requirement::new().max_age(max_age);
        assert_eq!(ask(&asked, json!({})), step_up(&[], Some(max_age)), "no auth_time");
        let got = ask(&asked, json!({"iat": T}));
        assert_eq!(got, step_up(&[], Some(max_age)), "iat is no auth_time");
    }
}

#[test]
fn a_step_up_names_only_what_is_lacking() {
    let asked = Requirement::new().acr_values(["gold"]).max_age(10);
    let good = json!({"acr": "gold", "auth_time": T});
    assert!(meets(&asked, good));
    assert_eq!(ask(&asked, json!({"acr": "gold"})), step_up(&[], Some(10)));
    assert_eq!(ask(&asked, json!({"auth_time": T})), step_up(&["gold"], None));
    assert_eq!(ask(&asked, json!({})), step_up(&["gold"], Some(10)));
}

#[test]
fn what_no_new_sign_in_can_mend_comes_first() {
    let asked = Requirement::new().scope("s").role("r").claim("/c", 1).acr_values(["gold"]);
    let unmet = |claims| ask(&asked, claims).unwrap_err();
    assert!(matches!(unmet(json!({})), Unmet::Scope { .. }));
    assert!(matches!(unmet(json!({"scope": "s"})), Unmet::Role { .. }));
    assert!(matches!(unmet(json!({"scope": "s", "roles": 1})), Unmet::RolesForm { .. }));
    assert!(matches!(unmet(json!({"scope": "s", "roles": "r"})), Unmet::Claim { .. }));
    assert!(matches!(unmet(json!({"scope": "s", "roles": "r", "c": 1})), Unmet::StepUp { .. }));
    assert!(meets(&asked, json!({"scope": "s", "roles": "r", "c": 1, "acr": "gold"})));
}

#[test]
fn it_is_read_from_a_file_and_written_to_one() {
    let all = Requirement::new()
        .scope("a")
        .any_scope(["b", "c"])
        .role("d")
        .any_role(["e"])
        .claim("/tenant", "t")
        .claim("/level", 3)
        .acr_values(["gold"])
        .max_age(300);
    let text = r#"{"scopes": ["a"], "any_scope": ["b", "c"], "roles": ["d"], "any_role": ["e"],
        "claims": {"/tenant": "t", "/level": 3}, "acr_values": ["gold"], "max_age": 300}"#;
    assert_eq!(read(text).unwrap(), all);
    let written = serde_json::to_string(&all).unwrap();
    assert_eq!(read(&written).unwrap(), all);
    assert_eq!(serde_json::to_string(&Requirement::new()).unwrap(), "{}");
    assert_eq!(read("{}").unwrap(), Requirement::new());
}

/// A misspelled rule would be a rule that is not there.
#[test]
fn an_unknown_or_wrong_member_in_a_file_is_refused() {
    for text in [
        r#"{"scope": ["a"]}"#,
        r#"{"Scopes": ["a"]}"#,
        r#"{"role": "a"}"#,
        r#"{"anyRole": ["a"]}"#,
        r#"{"scopes": "a"}"#,
        r#"{"scopes": [1]}"#,
        r#"{"scopes": null}"#,
        r#"{"claims": [["/a", 1]]}"#,
        r#"{"max_age": -1}"#,
        r#"{"max_age": "300"}"#,
        r#"{"max_age": 1.5}"#,
        r#"{"scopes": ["a"], "scopes": []}"#,
        "null",
        "7",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn the_messages_name_what_is_needed_and_where_it_was_looked_for() {
    let asked = Requirement::new().scope("a").any_scope(["b"]);
    assert!(ask(&asked, json!({})).unwrap_err().to_string().ends_with("needed: a b"));
    let message = ask(&Requirement::new().role("r"), json!({})).unwrap_err().to_string();
    assert!(message.contains("needed: r; looked for at /roles"), "{message}");
    let message = ask(&Requirement::new().role("r"), json!({"roles": {}})).unwrap_err().to_string();
    assert!(message.contains("roles at /roles should be strings, and an object stands there"));
    let asked = Requirement::new().claim("/a\"\n", "hush");
    let message = ask(&asked, json!({"a": "own"})).unwrap_err().to_string();
    assert!(!message.contains("hush") && !message.contains('\n'), "{message}");
}

#[test]
fn an_empty_list_of_which_one_is_needed_lets_nobody_in() {
    let none: [&str; 0] = [];
    let claims = json!({"scope": "a", "roles": ["a"], "acr": "a"});
    for (asked, name) in [
        (Requirement::new().any_scope(none), "any_scope"),
        (Requirement::new().any_role(none), "any_role"),
        (Requirement::new().acr_values(none), "acr_values"),
    ] {
        assert!(!meets(&asked, claims.clone()), "{name}");
        assert_eq!(serde_json::to_value(&asked).unwrap(), json!({ name: [] }), "{name}");
        assert_eq!(read(&json!({ name: [] }).to_string()).unwrap(), asked, "{name}");
        assert!(read(&json!({ name: null }).to_string()).is_err(), "{name}");
    }
}
