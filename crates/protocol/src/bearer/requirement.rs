//! What a route asks of a token, as data: written in code, or read from a file.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::refusal::Unmet;
use super::roles::Roles;
use crate::access_token::AccessToken;
use crate::value::time::UnixTime;

/// What a token must have to pass here. Nothing: any good token does.
///
/// ```
/// use countersign_protocol::bearer::Requirement;
///
/// let editors = Requirement::new().scope("notes:write").any_role(["editor", "admin"]);
/// let read: Requirement =
///     serde_json::from_str(r#"{"scopes": ["notes:write"], "any_role": ["editor", "admin"]}"#).unwrap();
/// assert_eq!(editors, read);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Requirement {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "listed")]
    any_scope: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "listed")]
    any_role: Option<Vec<String>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    claims: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "listed")]
    acr_values: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<u64>,
}

impl Requirement {
    /// Any good token.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// This scope, besides those already asked for.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// At least one of these scopes. An empty list is met by nobody.
    #[must_use]
    pub fn any_scope(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.any_scope.get_or_insert_default().extend(scopes.into_iter().map(Into::into));
        self
    }

    /// This role, besides those already asked for.
    #[must_use]
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.roles.push(role.into());
        self
    }

    /// At least one of these roles. An empty list is met by nobody.
    #[must_use]
    pub fn any_role(mut self, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.any_role.get_or_insert_default().extend(roles.into_iter().map(Into::into));
        self
    }

    /// A claim with exactly this value, at a JSON pointer (RFC 6901) such as `/tenant`.
    #[must_use]
    pub fn claim(mut self, pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(pointer.into(), value.into());
        self
    }

    /// One of these authentication contexts; another one gets the challenge of RFC 9470. An empty
    /// list is met by nobody.
    #[must_use]
    pub fn acr_values(mut self, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.acr_values.get_or_insert_default().extend(values.into_iter().map(Into::into));
        self
    }

    /// An authentication at most this many seconds ago; an older one, or one of unknown age, gets
    /// the challenge of RFC 9470.
    #[must_use]
    pub fn max_age(mut self, seconds: u64) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// The scopes asked for, for metadata and challenges.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.iter().chain(self.any_scope.iter().flatten()).map(String::as_str)
    }

    /// Asks it of a token.
    ///
    /// # Errors
    /// [`Unmet`] says what is missing. What no new sign-in can mend comes first.
    pub fn met_by(
        &self,
        token: &AccessToken,
        roles: &Roles,
        clock_skew: Duration,
        now: UnixTime,
    ) -> Result<(), Unmet> {
        self.scopes_of(token)?;
        self.roles_of(token, roles)?;
        self.claims_of(token)?;
        self.authentication_of(token, clock_skew, now)
    }

    fn scopes_of(&self, token: &AccessToken) -> Result<(), Unmet> {
        let all = self.scopes.iter().all(|scope| token.has_scope(scope));
        let any = self
            .any_scope
            .as_ref()
            .is_none_or(|any| any.iter().any(|scope| token.has_scope(scope)));
        if all && any {
            return Ok(());
        }
        Err(Unmet::Scope { needed: self.scopes().map(str::to_owned).collect() })
    }

    fn roles_of(&self, token: &AccessToken, roles: &Roles) -> Result<(), Unmet> {
        let unmet = || {
            let needed = self.roles.iter().chain(self.any_role.iter().flatten()).cloned().collect();
            Unmet::Role { needed, places: roles.to_string() }
        };
        for role in &self.roles {
            if !roles.has(token, role)? {
                return Err(unmet());
            }
        }
        let Some(any_role) = &self.any_role else { return Ok(()) };
        for role in any_role {
            if roles.has(token, role)? {
                return Ok(());
            }
        }
        Err(unmet())
    }

    fn claims_of(&self, token: &AccessToken) -> Result<(), Unmet> {
        for (pointer, wanted) in &self.claims {
            if token.pointer(pointer).map(countersign_jose::json::Item::to_value).as_ref()
                != Some(wanted)
            {
                return Err(Unmet::Claim { pointer: pointer.clone() });
            }
        }
        Ok(())
    }

    /// RFC 9470 section 3.
    fn authentication_of(
        &self,
        token: &AccessToken,
        clock_skew: Duration,
        now: UnixTime,
    ) -> Result<(), Unmet> {
        let acr = self.acr_values.as_ref().is_none_or(|values| {
            token.acr().is_some_and(|acr| values.iter().any(|one| one == acr))
        });
        let recent = self.max_age.is_none_or(|most| {
            token.auth_time().is_some_and(|at| {
                at <= now + clock_skew && now <= at + Duration::from_secs(most) + clock_skew
            })
        });
        if acr && recent {
            return Ok(());
        }
        Err(Unmet::StepUp {
            acr_values: self.acr_values.clone().filter(|_| !acr).unwrap_or_default(),
            max_age: if recent { None } else { self.max_age },
        })
    }
}

/// A list that is there counts, even an empty one: to leave it out is another thing.
fn listed<'de, D: Deserializer<'de>>(list: D) -> Result<Option<Vec<String>>, D::Error> {
    Vec::deserialize(list).map(Some)
}
