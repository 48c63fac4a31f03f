//! The resource server: may this token pass?
//!
//! ```text
//! Presented ─check→ Token            else → CheckError: a Refusal, or a provider out of reach
//! ```
//!
//! [`ResourceServer::check_now`] answers nearly all requests without waiting; only a token whose
//! keys or whose issuer's word are not at hand leads to the network, once, within a budget.

mod binding;
mod builder;
mod cache;
mod check;
mod introspection;
mod issuer;
mod nonce;
mod presented;
mod replay;
mod token;
mod user_info;

use std::fmt;
use std::sync::Arc;

use countersign_protocol::UnixTime;
use countersign_protocol::access_token::AccessTokenError;
use countersign_protocol::bearer::{
    Challenge, Challenger, ProtectedResource, Refusal, Requirement, Scheme,
};
use countersign_protocol::jose::{HeaderCache, Object};

pub use binding::Dpop;
pub use builder::ResourceServerBuilder;
pub use issuer::{Introspection, TrustedIssuer};
pub use nonce::ServerNonces;
pub use presented::{Presented, TokenPlaces};
pub use replay::ReplayMemory;
pub use token::Token;

use crate::error::Error;
use crate::outside::Outside;
use binding::Bindings;
use cache::TokenCache;
use introspection::Introspected;
use issuer::Accepted;
use user_info::Profiles;

/// An API that accepts the tokens of one or several issuers. Cheap to clone; every clone shares
/// keys, cached tokens and answers of introspection.
///
/// ```no_run
/// # async fn example(outside: countersign::outside::Outside, headers: http::HeaderMap) -> Result<(), Box<dyn std::error::Error>> {
/// use countersign::{Issuer, Presented, Provider, Requirement, ResourceServer, TrustedIssuer};
///
/// let api = ResourceServer::builder(["notes-api"])
///     .issuer(TrustedIssuer::new(Provider::discover(Issuer::parse("https://op.example")?)))
///     .build(outside)?;
///
/// let presented = Presented::from_headers(&headers)?;
/// let token = api.check(&presented, &Requirement::new().scope("notes:read")).await?;
/// println!("{:?} may read, {}", token.subject(), token.has_role("editor"));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ResourceServer {
    inner: Arc<Inner>,
}

struct Inner {
    outside: Outside,
    issuers: Vec<Accepted>,
    clock_skew: std::time::Duration,
    headers: HeaderCache,
    cache: TokenCache,
    introspected: Introspected,
    profiles: Profiles,
    bindings: Bindings,
    challenger: Challenger,
    resource: Option<ProtectedResource>,
    places: TokenPlaces,
}

/// What can be said of a request without waiting.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "every face knows both")]
pub enum Outcome {
    /// The answer.
    Settled(Result<Token, CheckError>),
    /// Keys or an introspection endpoint have to be asked: call [`ResourceServer::check`].
    NeedsNetwork,
}

/// Why nobody passes.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The request is at fault: 400, 401 or 403, see [`ResourceServer::challenge`].
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nothing can be said of the token, as its provider can't be asked or answers nonsense: 502
    /// or 503. Nobody passes meanwhile.
    #[error(transparent)]
    Unavailable(#[from] Error),
}

impl ResourceServer {
    /// The time, from the clock door.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        self.inner.outside.now()
    }

    /// Checks a token and asks the requirement of it, from what is at hand.
    #[must_use]
    pub fn check_now(&self, presented: &Presented<'_>, requirement: &Requirement) -> Outcome {
        let now = self.now();
        match self.recognise(presented, now) {
            Some(recognised) => Outcome::Settled(
                recognised.and_then(|token| self.admit(token, presented, requirement, now)),
            ),
            None => Outcome::NeedsNetwork,
        }
    }

    /// Judges a token that was judged before, from memory: no signature is checked and nobody is
    /// asked. `None`: [`ResourceServer::check`] has to look at it.
    ///
    /// For faces that have to give something up around longer work, such as an interpreter's lock.
    #[must_use]
    pub fn remembered(
        &self,
        presented: &Presented<'_>,
        requirement: &Requirement,
    ) -> Option<Result<Token, CheckError>> {
        let now = self.now();
        let recalled = self.recall(presented.credentials().token(), now)?;
        Some(recalled.and_then(|token| self.admit(token, presented, requirement, now)))
    }

    /// The same, and asks the provider if that is needed.
    ///
    /// # Errors
    /// [`CheckError`] says why nobody passes.
    pub async fn check(
        &self,
        presented: &Presented<'_>,
        requirement: &Requirement,
    ) -> Result<Token, CheckError> {
        let now = self.now();
        if let Some(recognised) = self.recognise(presented, now) {
            return self.admit(recognised?, presented, requirement, now);
        }
        let token = self.find_out(presented, now).await?;
        // It took its time: token and proof may have ended meanwhile, and the memory of proofs has
        // let go of those that have.
        let now = self.now();
        if let Some(by) = token.is_over(now) {
            return Err(AccessTokenError::Expired { by, signed: true }.into());
        }
        self.admit(token, presented, requirement, now)
    }

    /// Asks one more thing of a token that passed, in the middle of a handler.
    ///
    /// # Errors
    /// [`CheckError::Refused`] with what is missing.
    pub fn require(&self, token: &Token, requirement: &Requirement) -> Result<(), CheckError> {
        Ok(token.meets(requirement, self.inner.clock_skew, self.now())?)
    }

    /// The status and the challenge for a refusal, under the scheme that was used.
    #[must_use]
    pub fn challenge(&self, refusal: &Refusal, used: Scheme) -> Challenge {
        self.inner.challenger.answer(refusal, used)
    }

    /// A nonce for the `DPoP-Nonce` header, when nonces are demanded (RFC 9449 section 9) and this
    /// refusal is one for want of it.
    ///
    /// # Errors
    /// [`Error`] when there is no randomness.
    pub fn dpop_nonce(&self, refusal: &Refusal) -> Result<Option<String>, Error> {
        match refusal {
            Refusal::Dpop(dpop) if dpop.wants_nonce() => {
                self.inner.bindings.nonce(&self.inner.outside)
            }
            _ => Ok(None),
        }
    }

    /// What this API says of itself (RFC 9728), if it was given an address.
    #[must_use]
    pub fn metadata(&self) -> Option<Object> {
        let resource = self.inner.resource.as_ref()?;
        let issuers = self.inner.issuers.iter().map(Accepted::name);
        Some(resource.document(issuers, self.inner.bindings.allowed()))
    }

    /// This API's address and scopes, if it was given any.
    #[must_use]
    pub fn resource(&self) -> Option<&ProtectedResource> {
        self.inner.resource.as_ref()
    }

    /// Where tokens may stand besides the header.
    #[must_use]
    pub fn places(&self) -> TokenPlaces {
        self.inner.places
    }

    /// Whether every issuer could be used now: metadata and keys are there. Fetches what is
    /// missing, within the back-off.
    ///
    /// # Errors
    /// [`Error`] says what is missing.
    pub async fn ready(&self) -> Result<(), Error> {
        let now = self.now();
        for issuer in &self.inner.issuers {
            issuer.ready(now).await?;
        }
        Ok(())
    }

    /// Whether both are the same one: a token that passed at one has passed at the other.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// How many tokens are cached.
    #[must_use]
    pub fn cached(&self) -> usize {
        self.inner.cache.len()
    }

    /// Asks what is left of a token that is known to be good.
    fn admit(
        &self,
        token: Token,
        presented: &Presented<'_>,
        requirement: &Requirement,
        now: UnixTime,
    ) -> Result<Token, CheckError> {
        self.inner.bindings.hold(&token, presented, now)?;
        token.meets(requirement, self.inner.clock_skew, now)?;
        Ok(token)
    }
}

impl CheckError {
    /// The stable code, such as `bearer.scope`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Unavailable(error) => error.code(),
        }
    }
}

impl From<AccessTokenError> for CheckError {
    fn from(error: AccessTokenError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<countersign_protocol::bearer::Unmet> for CheckError {
    fn from(unmet: countersign_protocol::bearer::Unmet) -> Self {
        Self::Refused(unmet.into())
    }
}

impl fmt::Debug for ResourceServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let issuers: Vec<&str> = self.inner.issuers.iter().map(Accepted::name).collect();
        f.debug_struct("ResourceServer").field("issuers", &issuers).finish_non_exhaustive()
    }
}
