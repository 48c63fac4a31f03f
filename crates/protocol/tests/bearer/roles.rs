use countersign_protocol::bearer::{Roles, Unmet};
use serde_json::{Value, json};

use super::tokens::token;

fn of(roles: &Roles, claims: Value) -> Result<Vec<String>, Unmet> {
    let token = token(claims);
    Ok(roles.of(&token)?.into_iter().map(|role| role.into_owned()).collect())
}

fn has(roles: &Roles, claims: Value, role: &str) -> Result<bool, Unmet> {
    roles.has(&token(claims), role)
}

fn form(pointer: &str, got: &'static str) -> Unmet {
    Unmet::RolesForm { pointer: pointer.to_owned(), got }
}

#[test]
fn every_preset_finds_the_roles_of_its_provider_and_no_others() {
    let everything = json!({
        "realm_access": {"roles": ["realm"]},
        "resource_access": {"notes": {"roles": ["of-notes"]}, "a/b~c": {"roles": ["odd"]}},
        "permissions": ["permission"],
        "roles": ["app"],
        "cognito:groups": ["group"],
    });
    for (roles, expected) in [
        (Roles::keycloak_realm(), "realm"),
        (Roles::keycloak_client("notes"), "of-notes"),
        (Roles::keycloak_client("a/b~c"), "odd"),
        (Roles::auth0_permissions(), "permission"),
        (Roles::entra(), "app"),
        (Roles::cognito_groups(), "group"),
    ] {
        assert_eq!(of(&roles, everything.clone()).unwrap(), [expected], "{roles}");
        assert_eq!(of(&roles, json!({})).unwrap(), [""; 0], "{roles}");
    }
    assert_eq!(of(&Roles::default(), everything.clone()).unwrap(), ["realm", "app"]);
    assert_eq!(of(&Roles::keycloak_client("other"), everything).unwrap(), [""; 0]);
}

#[test]
fn roles_are_a_list_of_texts_or_one_text() {
    let roles = Roles::at("/roles");
    for (claim, expected) in [
        (json!(["a", "b"]), vec!["a", "b"]),
        (json!("a"), vec!["a"]),
        (json!("a b"), vec!["a b"]),
        (json!([]), vec![]),
    ] {
        assert_eq!(of(&roles, json!({ "roles": claim })).unwrap(), expected, "{claim}");
        for role in &expected {
            assert_eq!(has(&roles, json!({ "roles": claim }), role), Ok(true), "{claim}");
        }
        assert_eq!(has(&roles, json!({ "roles": claim }), "x"), Ok(false), "{claim}");
    }
}

#[test]
fn something_else_than_texts_is_refused_even_beside_the_role_that_is_asked_for() {
    let roles = Roles::at("/roles");
    for (claim, got) in [
        (json!(null), "null"),
        (json!(1), "a number"),
        (json!(true), "a boolean"),
        (json!({"a": true}), "an object"),
        (json!({}), "an object"),
        (json!(["a", 1]), "a number"),
        (json!(["a", null]), "null"),
        (json!(["a", ["a"]]), "an array"),
        (json!([{"name": "a"}]), "an object"),
    ] {
        assert_eq!(
            has(&roles, json!({ "roles": claim }), "a"),
            Err(form("/roles", got)),
            "{claim}"
        );
        assert_eq!(of(&roles, json!({ "roles": claim })), Err(form("/roles", got)), "{claim}");
    }
}

#[test]
fn roles_of_all_places_count_and_each_place_must_be_clean() {
    let both = Roles::at("/a").and(Roles::at("/b"));
    assert_eq!(of(&both, json!({"a": ["x"], "b": "y"})).unwrap(), ["x", "y"]);
    for role in ["x", "y"] {
        assert_eq!(has(&both, json!({"a": ["x"], "b": "y"}), role), Ok(true));
    }
    assert_eq!(has(&both, json!({"a": ["x"], "b": 7}), "x"), Err(form("/b", "a number")));
    assert_eq!(has(&both, json!({"a": 7, "b": "x"}), "x"), Err(form("/a", "a number")));
    assert_eq!(both.to_string(), "/a, /b");
}

#[test]
fn a_way_that_leads_through_something_else_leads_nowhere() {
    let roles = Roles::keycloak_realm();
    for claims in [
        json!({"realm_access": ["editor"]}),
        json!({"realm_access": "editor"}),
        json!({"realm_access": null}),
        json!({"realm_access": {}}),
        json!({"realm_access": {"Roles": ["editor"]}}),
        json!({"realm_access/roles": ["editor"]}),
        json!({"roles": ["editor"]}),
    ] {
        assert_eq!(has(&roles, claims.clone(), "editor"), Ok(false), "{claims}");
    }
}

#[test]
fn a_role_is_held_as_a_whole_and_in_its_case() {
    let claims = || json!({"roles": ["notes-editor", ""]});
    for role in ["editor", "notes", "Notes-Editor", "notes-editor ", "notes-editor\u{0}"] {
        assert_eq!(has(&Roles::at("/roles"), claims(), role), Ok(false), "{role:?}");
    }
}

#[test]
fn a_function_of_the_application_finds_them_anywhere() {
    let own = Roles::by(|claims| match claims.get("vip") {
        Some(Value::Bool(true)) => vec!["vip".to_owned()],
        _ => Vec::new(),
    });
    assert_eq!(has(&own, json!({"vip": true}), "vip"), Ok(true));
    assert_eq!(has(&own, json!({"vip": "true"}), "vip"), Ok(false));
    let both = own.and(Roles::at("/roles"));
    assert_eq!(of(&both, json!({"vip": true, "roles": "a"})).unwrap(), ["vip", "a"]);
    assert_eq!(both.to_string(), "(the application's own function), /roles");
    assert_eq!(format!("{both:?}"), "Roles((the application's own function), /roles)");
}

#[test]
fn a_pointer_that_is_none_finds_nothing() {
    for pointer in ["roles", " /roles", "#/roles", "/roles/", "/roles~"] {
        assert_eq!(has(&Roles::at(pointer), json!({"roles": ["a"]}), "a"), Ok(false), "{pointer}");
    }
    // The whole document is an object, and so no role.
    assert_eq!(has(&Roles::at(""), json!({"roles": ["a"]}), "a"), Err(form("", "an object")));
}

#[test]
fn a_person_has_roles_where_tokens_have_them() {
    let among = |roles: &Roles, claims: Value| roles.among(claims.as_object().unwrap());
    let usual = Roles::default();
    let claims = json!({"realm_access": {"roles": ["a", "b"]}, "roles": "c"});
    assert_eq!(among(&usual, claims).unwrap(), ["a", "b", "c"]);
    assert_eq!(among(&usual, json!({"Roles": ["a"], "realm_access": []})), Ok(Vec::new()));
    assert_eq!(among(&Roles::at("/a~1b/~0c/0"), json!({"a/b": {"~c": ["d"]}})).unwrap(), ["d"]);
    let own = Roles::by(|claims| vec![claims["vip"].to_string()]);
    assert_eq!(among(&own, json!({"vip": true})).unwrap(), ["true"]);
    for (wrong, got) in [(json!([1]), "a number"), (json!({}), "an object"), (json!(null), "null")]
    {
        assert_eq!(among(&Roles::at("/roles"), json!({"roles": wrong})), Err(form("/roles", got)));
    }
    for pointer in ["", "roles", "#/roles", "/roles/"] {
        assert_eq!(among(&Roles::at(pointer), json!({"roles": ["a"]})), Ok(Vec::new()));
    }
}
