//! The people who can log in.

use std::path::Path;

use countersign_jose::json::Object;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::StartError;

/// Somebody who can log in at the development provider.
///
/// ```
/// use countersign_dev_provider::User;
///
/// let dora = User::new("dora").password("explorer").claim("email", "dora@example.org");
/// assert_eq!(dora.username(), "dora");
/// assert_eq!(dora.subject(), "dora");
/// ```
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    username: String,
    #[serde(default = "default_password")]
    password: String,
    #[serde(default)]
    sub: Option<String>,
    #[serde(default)]
    claims: Object,
}

impl User {
    /// A user whose password is `password` and whose `sub` is the user name.
    pub fn new(username: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            password: default_password(),
            sub: None,
            claims: Object::new(),
        }
    }

    /// Sets the password.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = password.into();
        self
    }

    /// Sets the `sub` claim, where it should differ from the user name.
    #[must_use]
    pub fn with_subject(mut self, sub: impl Into<String>) -> Self {
        self.sub = Some(sub.into());
        self
    }

    /// Adds a claim; which scope releases it is OpenID Connect Core section 5.4, with everything
    /// unknown there under `profile`.
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// What is typed into the login form.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The `sub` claim.
    pub fn subject(&self) -> &str {
        self.sub.as_deref().unwrap_or(&self.username)
    }

    /// All claims but `sub`.
    pub fn claims(&self) -> &Object {
        &self.claims
    }

    /// The name to greet with: the `name` claim or the user name.
    pub fn display_name(&self) -> &str {
        self.claims.get("name").and_then(Value::as_str).unwrap_or(&self.username)
    }

    /// One line about the user for lists: roles, or else the mail address.
    pub fn about(&self) -> String {
        let roles: Vec<&str> = self
            .claims
            .get("roles")
            .and_then(Value::as_array)
            .map(|roles| roles.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        if roles.is_empty() {
            return self.claims.get("email").and_then(Value::as_str).unwrap_or_default().to_owned();
        }
        roles.join(", ")
    }

    /// The password; the development provider shows it to everybody who asks.
    pub fn shown_password(&self) -> &str {
        &self.password
    }

    /// Alice (role `editor`), Bob (role `reader`) and Carol (administrator, mail not verified).
    pub fn defaults() -> Vec<Self> {
        vec![
            person("alice", "Alice", "Adams", true)
                .claim("roles", json!(["editor", "reader"]))
                .claim("groups", json!(["writers", "staff"]))
                .claim("realm_access", json!({"roles": ["editor", "reader"]}))
                .claim("locale", "en-GB")
                .claim("zoneinfo", "Europe/London")
                .claim("phone_number", "+44 20 7946 0001")
                .claim("phone_number_verified", true)
                .claim(
                    "address",
                    json!({
                        "formatted": "1 Wonder Lane\nOxford OX1 1AA\nUnited Kingdom",
                        "street_address": "1 Wonder Lane",
                        "locality": "Oxford",
                        "postal_code": "OX1 1AA",
                        "country": "GB",
                    }),
                ),
            person("bob", "Bob", "Baker", true)
                .claim("roles", json!(["reader"]))
                .claim("groups", json!(["staff"]))
                .claim("realm_access", json!({"roles": ["reader"]}))
                .claim("locale", "de-DE")
                .claim("zoneinfo", "Europe/Berlin"),
            person("carol", "Carol", "Çelik", false)
                .claim("roles", json!(["admin", "editor"]))
                .claim("groups", json!(["operators"]))
                .claim("realm_access", json!({"roles": ["admin", "editor"]}))
                .claim("locale", "tr-TR")
                .claim("zoneinfo", "Europe/Istanbul"),
        ]
    }

    /// A user with about 12 kB of claims, to see what large sessions do to cookies.
    pub fn big() -> Self {
        let groups: Vec<String> = (0..300)
            .map(|number| format!("cn=department-{number:03},ou=groups,dc=example"))
            .collect();
        person("big", "Big", "Holder", true)
            .claim("roles", json!(["reader"]))
            .claim("realm_access", json!({"roles": ["reader"]}))
            .claim("groups", groups)
    }

    /// Reads users from a TOML or JSON file, told apart by the file's extension.
    ///
    /// ```
    /// # let dir = std::env::temp_dir().join(format!("users-{}", std::process::id()));
    /// # std::fs::create_dir_all(&dir)?;
    /// let toml = dir.join("users.toml");
    /// std::fs::write(&toml, r#"
    ///     [[users]]
    ///     username = "dora"
    ///     password = "explorer"       # "password" when absent
    ///     sub = "248289761001"        # the user name when absent
    ///     [users.claims]
    ///     name = "Dora Diaz"
    ///     email = "dora@example.org"
    ///     email_verified = true
    ///     roles = ["editor"]
    /// "#)?;
    /// let json = dir.join("users.json");
    /// std::fs::write(&json, r#"{"users": [{"username": "dora", "claims": {"name": "Dora Diaz"}}]}"#)?;
    ///
    /// use countersign_dev_provider::User;
    /// assert_eq!(User::read_file(&toml)?.len(), 1);
    /// assert_eq!(User::read_file(&json)?[0].display_name(), "Dora Diaz");
    /// # std::fs::remove_dir_all(&dir)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`StartError::UsersFile`] when the file can't be read, is neither `.toml` nor `.json`, or
    /// doesn't have this shape.
    pub fn read_file(path: impl AsRef<Path>) -> Result<Vec<Self>, StartError> {
        let path = path.as_ref();
        let fail =
            |reason: String| StartError::UsersFile { path: path.display().to_string(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
        let file: UsersFile = match path.extension().and_then(|extension| extension.to_str()) {
            Some("toml") => {
                toml::from_str(&text).map_err(|error| fail(toml_reason(&text, &error)))?
            }
            Some("json") => serde_json::from_str(&text).map_err(|error| fail(error.to_string()))?,
            _ => return Err(fail("expected a name that ends in .toml or .json".to_owned())),
        };
        if file.users.is_empty() {
            return Err(fail("expected at least one user".to_owned()));
        }
        Ok(file.users)
    }
}

/// The password stays out, although it is no secret here: habits travel.
impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("username", &self.username)
            .field("sub", &self.subject())
            .finish_non_exhaustive()
    }
}

fn person(username: &str, given: &str, family: &str, verified: bool) -> User {
    User::new(username)
        .claim("name", format!("{given} {family}"))
        .claim("given_name", given)
        .claim("family_name", family)
        .claim("nickname", given)
        .claim("preferred_username", username)
        .claim("email", format!("{username}@example.org"))
        .claim("email_verified", verified)
        .claim("updated_at", 1_767_225_600)
}

fn default_password() -> String {
    "password".to_owned()
}

/// The reason without the line itself, which may hold a password.
fn toml_reason(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(0, |before| before.matches('\n').count() + 1);
    format!("line {line}: {}", error.message())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UsersFile {
    users: Vec<User>,
}
