//! Where a token names roles: every provider puts them elsewhere.

use std::fmt;
use std::sync::Arc;

use countersign_jose::Object;
use countersign_jose::json::Item;
use serde_json::Value;

use super::refusal::Unmet;
use crate::access_token::AccessToken;

/// Where roles stand in access tokens. With several places, roles of all of them count.
///
/// ```
/// use countersign_protocol::bearer::Roles;
///
/// let of_keycloak = Roles::keycloak_realm().and(Roles::keycloak_client("notes"));
/// assert_eq!(of_keycloak.to_string(), "/realm_access/roles, /resource_access/notes/roles");
///
/// let own = Roles::by(|claims| match claims["vip"] == true {
///     true => vec!["vip".to_owned()],
///     false => vec![],
/// });
/// # let _ = own;
/// ```
#[derive(Clone)]
pub struct Roles {
    places: Vec<Place>,
}

#[derive(Clone)]
enum Place {
    Pointer(String),
    Function(Arc<Function>),
}

type Function = dyn Fn(&Object) -> Vec<String> + Send + Sync;

impl Roles {
    /// At a JSON pointer (RFC 6901), such as `/roles`: a list of strings, or one string.
    #[must_use]
    pub fn at(pointer: impl Into<String>) -> Self {
        Self { places: vec![Place::Pointer(pointer.into())] }
    }

    /// Wherever a function of the application's own finds them.
    #[must_use]
    pub fn by(function: impl Fn(&Object) -> Vec<String> + Send + Sync + 'static) -> Self {
        Self { places: vec![Place::Function(Arc::new(function))] }
    }

    /// There as well.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.places.extend(other.places);
        self
    }

    /// Keycloak's realm roles.
    #[must_use]
    pub fn keycloak_realm() -> Self {
        Self::at("/realm_access/roles")
    }

    /// Keycloak's roles of one client.
    #[must_use]
    pub fn keycloak_client(client_id: &str) -> Self {
        let escaped = client_id.replace('~', "~0").replace('/', "~1");
        Self::at(format!("/resource_access/{escaped}/roles"))
    }

    /// Auth0's `permissions`.
    #[must_use]
    pub fn auth0_permissions() -> Self {
        Self::at("/permissions")
    }

    /// Entra's app roles. Its delegated permissions (`scp`) are read as scopes.
    #[must_use]
    pub fn entra() -> Self {
        Self::at("/roles")
    }

    /// Cognito's groups.
    #[must_use]
    pub fn cognito_groups() -> Self {
        Self::at("/cognito:groups")
    }

    /// The roles of a token.
    ///
    /// # Errors
    /// [`Unmet::RolesForm`] when something else than strings stands there.
    pub fn of<'t>(&self, token: &'t AccessToken) -> Result<Vec<std::borrow::Cow<'t, str>>, Unmet> {
        let mut roles = Vec::new();
        for place in &self.places {
            match place {
                Place::Function(function) => {
                    roles.extend(function(token.claims()).into_iter().map(Into::into));
                }
                Place::Pointer(pointer) => {
                    for role in strings(token, pointer) {
                        roles.push(role.map_err(|got| form(pointer, got))?.into());
                    }
                }
            }
        }
        Ok(roles)
    }

    /// The roles among the claims of somebody who has logged in.
    ///
    /// # Errors
    /// [`Unmet::RolesForm`] when something else than strings stands there.
    pub fn among(&self, claims: &Object) -> Result<Vec<String>, Unmet> {
        let mut roles = Vec::new();
        for place in &self.places {
            match place {
                Place::Function(function) => roles.extend(function(claims)),
                Place::Pointer(pointer) => {
                    let found = at(claims, pointer);
                    let many = found.and_then(Value::as_array).map(Vec::as_slice);
                    let one = found.map(std::slice::from_ref).unwrap_or_default();
                    for role in many.unwrap_or(one) {
                        let text = role.as_str().ok_or_else(|| form(pointer, kind(role)))?;
                        roles.push(text.to_owned());
                    }
                }
            }
        }
        Ok(roles)
    }

    /// Whether the token has this role.
    ///
    /// # Errors
    /// [`Unmet::RolesForm`] when something else than strings stands there.
    pub fn has(&self, token: &AccessToken, wanted: &str) -> Result<bool, Unmet> {
        let mut found = false;
        for place in &self.places {
            match place {
                Place::Function(function) => {
                    found |= function(token.claims()).iter().any(|role| role == wanted);
                }
                Place::Pointer(pointer) => {
                    for role in strings(token, pointer) {
                        found |= role.map_err(|got| form(pointer, got))? == wanted;
                    }
                }
            }
        }
        Ok(found)
    }
}

impl Default for Roles {
    /// `/realm_access/roles` and `/roles`, where most providers put them.
    fn default() -> Self {
        Self::keycloak_realm().and(Self::at("/roles"))
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, place) in self.places.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { ", " })?;
            match place {
                Place::Pointer(pointer) => f.write_str(pointer)?,
                Place::Function(_) => f.write_str("(the application's own function)")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roles({self})")
    }
}

/// The strings at a pointer, or what stands there instead.
fn strings<'t>(
    token: &'t AccessToken,
    pointer: &str,
) -> impl Iterator<Item = Result<&'t str, &'static str>> {
    let found = token.pointer(pointer);
    let many = found.and_then(Item::items);
    let one = found.filter(|_| many.is_none());
    one.into_iter().chain(many.into_iter().flatten()).map(|role| role.as_str().ok_or(role.kind()))
}

/// What stands at a pointer (RFC 6901).
fn at<'c>(claims: &'c Object, pointer: &str) -> Option<&'c Value> {
    let path = pointer.strip_prefix('/')?;
    let end = path.find('/').unwrap_or(path.len());
    let (first, rest) = path.split_at(end);
    claims.get(&first.replace("~1", "/").replace("~0", "~"))?.pointer(rest)
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn form(pointer: &str, got: &'static str) -> Unmet {
    Unmet::RolesForm { pointer: pointer.to_owned(), got }
}
