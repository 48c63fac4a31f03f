//! A token that passed.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countersign_protocol::access_token::{AccessToken, Confirmation};
use countersign_protocol::bearer::{Requirement, Roles, Scheme, Unmet};
use countersign_protocol::jose::{KeyPrint, Object};
use countersign_protocol::{Secret, UnixTime, Verified};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::principal::Principal;

/// An access token that passed every check, with its claims and the places where its issuer puts
/// roles. Cheap to clone; `Debug` shows whose it is, and neither the token nor its other claims.
///
/// ```compile_fail
/// fn forged(token: countersign::protocol::Verified<countersign::protocol::access_token::AccessToken>) {
///     let token = countersign::Token { inner: token };
/// }
/// ```
#[derive(Clone)]
pub struct Token {
    inner: Arc<Inner>,
}

/// What every request with a token seen before looks at stands first, in one line of memory.
#[repr(C)]
struct Inner {
    /// With the skew.
    ends_at: Option<UnixTime>,
    /// To a key or a certificate.
    is_bound: bool,
    by: By,
    raw: Arc<str>,
    roles: Arc<Roles>,
    issuer: Arc<str>,
    token: Verified<AccessToken>,
}

/// On whose word a token is believed.
#[repr(C)]
pub(super) struct By {
    /// The generation of keys in which that key was last seen.
    generation: AtomicU64,
    /// Which of the issuers.
    pub(super) issuer: usize,
    /// The key that signed it; none for an introspected token.
    pub(super) key: Option<KeyPrint>,
}

impl Token {
    pub(super) fn new(
        raw: &str,
        token: Verified<AccessToken>,
        issuer: &Arc<str>,
        roles: &Arc<Roles>,
        clock_skew: Duration,
        by: By,
    ) -> Self {
        // That of a tenant differs from the one that was set.
        let issuer = match token.issuer() {
            Some(own) if *own != **issuer => Arc::from(own),
            _ => Arc::clone(issuer),
        };
        let ends_at = token.expires_at().map(|at| at + clock_skew);
        let is_bound = token.confirmation().is_some();
        let (raw, roles) = (Arc::from(raw), Arc::clone(roles));
        Self { inner: Arc::new(Inner { ends_at, is_bound, by, raw, roles, issuer, token }) }
    }

    /// `sub`: who the token speaks for; a client that speaks for itself may have none.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.inner.token.subject()
    }

    /// The issuer that vouches for it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    /// The scheme under which it passes: [`Scheme::Dpop`] if it is bound to a key.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        match self.inner.token.confirmation() {
            Some(Confirmation::Jkt(_)) => Scheme::Dpop,
            _ => Scheme::Bearer,
        }
    }

    /// Whether it has this scope.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.inner.token.has_scope(scope)
    }

    /// Whether it has this role, where its issuer puts roles. Something else than strings there
    /// is no role.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        match self.inner.roles.has(&self.inner.token, role) {
            Ok(has) => has,
            Err(unmet) => {
                tracing::info!(code = "bearer.role", "{unmet}");
                false
            }
        }
    }

    /// Its roles.
    ///
    /// # Errors
    /// [`Unmet::RolesForm`] when something else than strings stands where they should be.
    pub fn roles(&self) -> Result<Vec<Cow<'_, str>>, Unmet> {
        self.inner.roles.of(&self.inner.token)
    }

    /// Asks a requirement of it, in the middle of a handler.
    ///
    /// # Errors
    /// [`Unmet`] says what is missing.
    pub fn meets(
        &self,
        requirement: &Requirement,
        clock_skew: Duration,
        now: UnixTime,
    ) -> Result<(), Unmet> {
        requirement.met_by(&self.inner.token, &self.inner.roles, clock_skew, now)
    }

    /// Its registered claims, typed, and all others by name.
    #[must_use]
    pub fn access_token(&self) -> &Verified<AccessToken> {
        &self.inner.token
    }

    /// All claims as one object, which is made when this is first asked for.
    #[must_use]
    pub fn claims(&self) -> &Object {
        self.inner.token.claims()
    }

    /// The claims as a type of the application's own.
    ///
    /// # Errors
    /// Those of serde, when the claims don't have that form.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_value(Value::Object(self.claims().clone()))
    }

    /// The token as it came, for a call onward; never to be shown.
    #[must_use]
    pub fn raw(&self) -> Secret {
        Secret::from(&*self.inner.raw)
    }

    /// The same as a text.
    pub(super) fn text(&self) -> &Arc<str> {
        &self.inner.raw
    }

    /// Who passed, if the token says.
    #[must_use]
    pub fn principal(&self) -> Option<Principal> {
        Principal::of_token(self)
    }

    /// How long ago it ended, the skew allowed for, if it has.
    pub(super) fn is_over(&self, now: UnixTime) -> Option<Duration> {
        let ends_at = self.inner.ends_at?;
        (now >= ends_at).then(|| now.since(ends_at))
    }

    /// Whether more than bearing it is needed; to what it is bound stands among its claims.
    pub(super) fn is_bound(&self) -> bool {
        self.inner.is_bound
    }

    pub(super) fn by(&self) -> &By {
        &self.inner.by
    }

    /// About how many bytes of memory it takes.
    pub(super) fn size(&self) -> usize {
        let texts = self.inner.raw.len() + self.inner.issuer.len();
        size_of::<Inner>() + texts + self.inner.token.size()
    }
}

impl By {
    pub(super) fn signed(issuer: usize, key: KeyPrint, generation: u64) -> Self {
        Self { issuer, key: Some(key), generation: AtomicU64::new(generation) }
    }

    pub(super) fn said(issuer: usize) -> Self {
        Self { issuer, key: None, generation: AtomicU64::new(0) }
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    pub(super) fn seen_in(&self, generation: u64) {
        self.generation.store(generation, Ordering::Relaxed);
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({:?} at {:?})", self.subject().unwrap_or("nobody"), self.issuer())
    }
}
