//! One access token, being written.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use countersign_jose::{Object, base64url, digest};
use countersign_protocol::UnixTime;
use serde_json::{Value, json};

use crate::broken::Broken;
use crate::compact;
use crate::dpop::DpopKey;
use crate::forge;
use crate::issuer::{TestIssuer, refused};

/// An access token (RFC 9068) that is being written; [`TestToken::sign`] finishes it.
///
/// Unless said otherwise it is for the audience `api` and the client `app`, was issued now and is
/// good for an hour.
///
/// ```
/// use countersign_test_kit::TestIssuer;
/// use std::time::Duration;
///
/// let issuer = TestIssuer::new("https://issuer.test");
/// let token = issuer
///     .token("alice")
///     .audience("notes")
///     .scope("notes:read notes:write")
///     .role("editor")
///     .claim("email", "alice@issuer.test")
///     .lives(Duration::from_secs(60))
///     .sign();
/// # assert!(token.len() > 100);
/// ```
#[derive(Clone)]
pub struct TestToken<'i> {
    issuer: &'i TestIssuer,
    subject: String,
    audiences: Vec<String>,
    scopes: Vec<String>,
    /// By JSON pointer.
    roles: BTreeMap<String, Vec<String>>,
    /// What goes over everything else; `None` takes the claim out.
    claims: Vec<(String, Option<Value>)>,
    header: Vec<(String, Option<Value>)>,
    confirmation: Object,
    at: Option<UnixTime>,
    lives: Duration,
    broken: Option<Broken>,
}

impl<'i> TestToken<'i> {
    pub(crate) fn new(issuer: &'i TestIssuer, subject: String) -> Self {
        Self {
            issuer,
            subject,
            audiences: Vec::new(),
            scopes: Vec::new(),
            roles: BTreeMap::new(),
            claims: Vec::new(),
            header: Vec::new(),
            confirmation: Object::new(),
            at: None,
            lives: AN_HOUR,
            broken: None,
        }
    }

    /// Names an API that it is for; several make a list. The first one replaces `api`.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Adds to the claim `scope`: one scope, or several with spaces between.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Adds a role where Keycloak puts it, at `/realm_access/roles`.
    #[must_use]
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.roles.entry(ROLES.to_owned()).or_default().push(role.into());
        self
    }

    /// Adds roles at a JSON pointer (RFC 6901), such as `/roles` or
    /// `/resource_access/notes/roles`. None at all make an empty list.
    #[must_use]
    pub fn roles_at(
        mut self,
        pointer: impl Into<String>,
        roles: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let list = self.roles.entry(pointer.into()).or_default();
        list.extend(roles.into_iter().map(Into::into));
        self
    }

    /// Sets the claim `client_id`.
    #[must_use]
    pub fn client(self, client_id: impl Into<String>) -> Self {
        self.claim("client_id", client_id.into())
    }

    /// Sets any claim, whatever it would have been otherwise.
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.push((name.into(), Some(value.into())));
        self
    }

    /// Takes a claim out.
    #[must_use]
    pub fn without(mut self, name: impl Into<String>) -> Self {
        self.claims.push((name.into(), None));
        self
    }

    /// Sets any member of the header. `typ` is `at+jwt` otherwise.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.header.push((name.into(), Some(value.into())));
        self
    }

    /// Takes a member of the header out, such as `kid`.
    #[must_use]
    pub fn without_header(mut self, name: impl Into<String>) -> Self {
        self.header.push((name.into(), None));
        self
    }

    /// Says when it is issued, where that is not the issuer's now.
    #[must_use]
    pub fn at(mut self, now: UnixTime) -> Self {
        self.at = Some(now);
        self
    }

    /// Says for how long it is good, in whole seconds.
    #[must_use]
    pub fn lives(mut self, lives: Duration) -> Self {
        self.lives = lives;
        self
    }

    /// Says how and when its subject has logged in (RFC 9068 section 2.2.1), for step-up.
    #[must_use]
    pub fn authenticated(self, acr: impl Into<String>, at: UnixTime) -> Self {
        self.claim("acr", acr.into()).claim("auth_time", at.as_secs())
    }

    /// Binds it to a DPoP key (RFC 9449 section 6.1): without a proof by that key it is worthless.
    #[must_use]
    pub fn bound_to(mut self, key: &DpopKey) -> Self {
        self.confirmation.insert("jkt".to_owned(), json!(key.thumbprint()));
        self
    }

    /// Binds it to a client certificate in DER (RFC 8705 section 3.1).
    #[must_use]
    pub fn bound_to_certificate(mut self, der: &[u8]) -> Self {
        let thumbprint = base64url::encode(&digest::sha256(der));
        self.confirmation.insert("x5t#S256".to_owned(), json!(thumbprint));
        self
    }

    /// Breaks it.
    #[must_use]
    pub fn broken(mut self, broken: Broken) -> Self {
        self.broken = Some(broken);
        self
    }

    /// The token in compact form.
    #[must_use]
    pub fn sign(&self) -> String {
        let key = self.issuer.key();
        let now = self.at.unwrap_or_else(|| self.issuer.now());
        let mut header = Object::from_iter([
            ("alg".to_owned(), json!(key.algorithm().name())),
            ("typ".to_owned(), json!("at+jwt")),
        ]);
        if let Some(kid) = key.kid() {
            header.insert("kid".to_owned(), json!(kid));
        }
        put(&mut header, &self.header);
        let mut claims = self.written(now, compact::unique(&key));
        if let Some(broken) = self.broken {
            broken.bend(&mut header, &mut claims, now.as_secs(), &self.role_pointers());
        }
        forge::token(&key, header, &claims, self.broken)
    }

    /// A token that says nothing by itself, as many providers hand them out. [`TestIssuer::answer`]
    /// knows what it means.
    ///
    /// # Panics
    /// With a [`Broken`] that is about the token's text or signature, of which it has none: only
    /// what is wrong with its claims can be wrong with it.
    #[must_use]
    pub fn opaque(&self) -> String {
        let now = self.at.unwrap_or_else(|| self.issuer.now());
        let token = compact::unique(&self.issuer.key());
        let mut claims = self.written(now, compact::unique(&self.issuer.key()));
        if let Some(broken) = self.broken {
            if !broken.is_about_claims() {
                refused(&format!("an opaque token can't be {broken}"));
            }
            broken.bend(&mut Object::new(), &mut claims, now.as_secs(), &self.role_pointers());
        }
        self.issuer.known().opaque.insert(token.clone(), claims);
        token
    }

    fn role_pointers(&self) -> Vec<&str> {
        match self.roles.is_empty() {
            true => vec![ROLES],
            false => self.roles.keys().map(String::as_str).collect(),
        }
    }

    fn written(&self, now: UnixTime, jti: String) -> Object {
        let mut claims = Object::from_iter([
            ("iss".to_owned(), json!(self.issuer.name())),
            ("sub".to_owned(), json!(self.subject)),
            ("client_id".to_owned(), json!("app")),
            ("iat".to_owned(), json!(now.as_secs())),
            ("exp".to_owned(), json!((now + self.lives).as_secs())),
            ("jti".to_owned(), json!(jti)),
        ]);
        let audience = match self.audiences.as_slice() {
            [] => json!("api"),
            [one] => json!(one),
            several => json!(several),
        };
        claims.insert("aud".to_owned(), audience);
        if !self.scopes.is_empty() {
            claims.insert("scope".to_owned(), json!(self.scopes.join(" ")));
        }
        for (pointer, roles) in &self.roles {
            put_at(&mut claims, pointer, json!(roles));
        }
        if !self.confirmation.is_empty() {
            claims.insert("cnf".to_owned(), Value::Object(self.confirmation.clone()));
        }
        put(&mut claims, &self.claims);
        claims
    }
}

impl fmt::Debug for TestToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestToken")
            .field("issuer", &self.issuer.name())
            .field("subject", &self.subject)
            .field("broken", &self.broken)
            .finish_non_exhaustive()
    }
}

/// Sets the value at a JSON pointer, making the objects on the way.
pub(crate) fn put_at(object: &mut Object, pointer: &str, value: Value) {
    let path = pointer.strip_prefix('/').unwrap_or(pointer);
    let (first, rest) = match path.split_once('/') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    // RFC 6901 section 4: in this order.
    let name = first.replace("~1", "/").replace("~0", "~");
    let Some(rest) = rest else {
        object.insert(name, value);
        return;
    };
    let inner = object.entry(name).or_insert_with(|| Value::Object(Object::new()));
    if !inner.is_object() {
        *inner = Value::Object(Object::new());
    }
    if let Value::Object(inner) = inner {
        put_at(inner, rest, value);
    }
}

fn put(object: &mut Object, members: &[(String, Option<Value>)]) {
    for (name, value) in members {
        match value {
            Some(value) => drop(object.insert(name.clone(), value.clone())),
            None => drop(object.remove(name)),
        }
    }
}

/// Where Keycloak keeps a realm's roles.
const ROLES: &str = "/realm_access/roles";
const AN_HOUR: Duration = Duration::from_secs(3600);
