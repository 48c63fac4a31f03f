//! Who passed.

use std::fmt;
use std::sync::Arc;

use countersign_protocol::jose::json::Object;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Somebody who may pass: the one thing that a face hands to the application. Cheap to clone.
///
/// Claims are those of the ID token, overlaid by those of UserInfo where it was asked; what the ID
/// token says of the login itself (`acr`, `auth_time`, …) stays.
///
/// ```compile_fail
/// let forged = countersign::Principal::new("alice", "https://op.example", Default::default());
/// ```
#[derive(Clone)]
pub struct Principal {
    inner: Arc<Inner>,
}

struct Inner {
    subject: String,
    issuer: String,
    claims: Object,
}

impl Principal {
    pub(crate) fn new(subject: &str, issuer: &str, claims: Object) -> Self {
        let (subject, issuer) = (subject.to_owned(), issuer.to_owned());
        Self { inner: Arc::new(Inner { subject, issuer, claims }) }
    }

    /// `sub`: unique and never reassigned at the issuer, unlike a name or an e-mail address.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.inner.subject
    }

    /// The issuer that vouches for the subject.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    /// One claim.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.inner.claims.get(name)
    }

    /// All claims.
    #[must_use]
    pub fn claims(&self) -> &Object {
        &self.inner.claims
    }

    /// The claims as a type of the application's own.
    ///
    /// # Errors
    /// Those of serde, when the claims don't have that form.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_value(Value::Object(self.inner.claims.clone()))
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Principal({} at {})", self.inner.subject, self.inner.issuer)
    }
}
