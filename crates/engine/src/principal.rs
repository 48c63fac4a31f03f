//! Who passed.

use std::fmt;
use std::sync::Arc;

use countersign_protocol::jose::json::Object;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::resource_server::Token;

/// Somebody who may pass: the one thing that a face hands to the application. Cheap to clone.
///
/// It comes from a session or from an access token. A session's claims are those of the ID token, overlaid by those of UserInfo where it was asked; what the ID
/// token says of the login itself (`acr`, `auth_time`, …) stays.
///
/// ```compile_fail
/// let forged = countersign::Principal::new("alice", "https://op.example", Default::default());
/// ```
#[derive(Clone)]
pub struct Principal {
    inner: Arc<Inner>,
}

enum Inner {
    Person { subject: String, issuer: String, claims: Object },
    Token { subject: String, token: Token },
}

impl Principal {
    pub(crate) fn new(subject: &str, issuer: &str, claims: Object) -> Self {
        let (subject, issuer) = (subject.to_owned(), issuer.to_owned());
        Self { inner: Arc::new(Inner::Person { subject, issuer, claims }) }
    }

    pub(crate) fn of_token(token: &Token) -> Option<Self> {
        let (subject, token) = (token.subject()?.to_owned(), token.clone());
        Some(Self { inner: Arc::new(Inner::Token { subject, token }) })
    }

    /// `sub`: unique and never reassigned at the issuer, unlike a name or an e-mail address.
    #[must_use]
    pub fn subject(&self) -> &str {
        match &*self.inner {
            Inner::Person { subject, .. } | Inner::Token { subject, .. } => subject,
        }
    }

    /// The issuer that vouches for the subject.
    #[must_use]
    pub fn issuer(&self) -> &str {
        match &*self.inner {
            Inner::Person { issuer, .. } => issuer,
            Inner::Token { token, .. } => token.issuer(),
        }
    }

    /// The access token by which it passed, at an API.
    #[must_use]
    pub fn token(&self) -> Option<&Token> {
        match &*self.inner {
            Inner::Person { .. } => None,
            Inner::Token { token, .. } => Some(token),
        }
    }

    /// One claim.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims().get(name)
    }

    /// All claims.
    #[must_use]
    pub fn claims(&self) -> &Object {
        match &*self.inner {
            Inner::Person { claims, .. } => claims,
            Inner::Token { token, .. } => token.claims(),
        }
    }

    /// The claims as a type of the application's own.
    ///
    /// # Errors
    /// Those of serde, when the claims don't have that form.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_value(Value::Object(self.claims().clone()))
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Principal({:?} at {:?})", self.subject(), self.issuer())
    }
}
