//! Which claims a client learns: by scope, and by the `claims` parameter.

use countersign_jose::json::Object;
use serde_json::Value;

use crate::account::User;

/// The claims that these scopes release (OpenID Connect Core section 5.4). A scope with the name
/// of a claim releases it too; claims that the text doesn't know come with `profile`.
pub(crate) fn by_scope(user: &User, scope: &[String]) -> Object {
    let asked = |name: &str| scope.iter().any(|known| known == name);
    let released = |claim: &str| {
        let home = SCOPES.iter().find(|(_, claims)| claims.contains(&claim));
        asked(claim) || asked(home.map_or("profile", |(scope, _)| scope))
    };
    let claims = user.claims().iter().filter(|(name, _)| released(name));
    claims.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The claims that the `claims` parameter asks for in this place (section 5.5).
///
/// A member with `value` or `values` releases the claim only if it fits. Members beside `userinfo`
/// and `id_token` that hold a list are given back as that list, as AuthMachine does with
/// `authmachine_permissions`.
pub(crate) fn by_request(user: &User, claims: &Object, place: Place) -> Object {
    let mut released = Object::new();
    for (name, wanted) in claims.get(place.name()).and_then(Value::as_object).into_iter().flatten()
    {
        if let Some(value) = user.claims().get(name).filter(|value| fits(value, wanted)) {
            released.insert(name.clone(), value.clone());
        }
    }
    for (name, list) in claims.iter().filter(|(_, value)| value.is_array()) {
        let value = user.claims().get(name).unwrap_or(list);
        released.insert(name.clone(), value.clone());
    }
    released
}

/// The values that the `claims` parameter accepts for a claim of the ID token, best first.
pub(crate) fn wanted_values(claims: &Object, name: &str) -> Vec<String> {
    let wanted = claims.get("id_token").and_then(|claims| claims.get(name));
    let Some(wanted) = wanted else { return Vec::new() };
    let one = wanted.get("value").into_iter();
    let many = wanted.get("values").and_then(Value::as_array).into_iter().flatten();
    one.chain(many).filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether the claim is marked essential in the ID token.
pub(crate) fn essential(claims: &Object, name: &str) -> bool {
    let wanted = claims.get("id_token").and_then(|claims| claims.get(name));
    wanted.and_then(|wanted| wanted.get("essential")).and_then(Value::as_bool) == Some(true)
}

/// Where claims are delivered.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    IdToken,
    UserInfo,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::IdToken => "id_token",
            Self::UserInfo => "userinfo",
        }
    }
}

fn fits(value: &Value, wanted: &Value) -> bool {
    if let Some(only) = wanted.get("value") {
        return only == value;
    }
    match wanted.get("values").and_then(Value::as_array) {
        Some(any) => any.contains(value),
        None => true,
    }
}

/// Every claim that the metadata announces.
pub(crate) fn announced() -> Vec<&'static str> {
    let always = ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp"];
    let own = ["sid", "roles", "groups", "realm_access"];
    let scoped = SCOPES.iter().flat_map(|(_, claims)| claims.iter().copied());
    always.into_iter().chain(own).chain(scoped).collect()
}

const SCOPES: [(&str, &[&str]); 4] = [
    (
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
];
