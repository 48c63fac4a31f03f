//! What is known after a login, and what is due.

mod kept;
mod policy;
mod record;

use std::fmt;
use std::sync::Arc;

use countersign_protocol::id_token::IdToken;
use countersign_protocol::jose::json::Object;
use countersign_protocol::login::LoginOptions;
use countersign_protocol::token::Tokens;
use countersign_protocol::value::secret::Secret;
use countersign_protocol::{UnixTime, Verified};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use kept::KeptSession;
pub use policy::{Due, SessionPolicy};

use crate::principal::Principal;

/// A login that was completed: who it is, and the tokens that came along. Cheap to clone; `Debug`
/// shows neither tokens nor claims.
///
/// It grows from a verified identity, or from a record that the application's own seal protected.
///
/// ```compile_fail
/// fn forged(identity: countersign::protocol::Verified<countersign::protocol::id_token::IdToken>) {
///     let session = countersign::Session { inner: identity };
/// }
/// ```
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    identity: Verified<IdToken>,
    user_info: Option<Object>,
    tokens: Tokens,
    about: About,
}

/// The rest, in the form in which it is kept.
#[derive(Clone, Serialize, Deserialize)]
struct About {
    client_id: String,
    verified_at: UnixTime,
    started_at: UnixTime,
    checked_at: UnixTime,
    tokens_at: UnixTime,
    refreshed: u32,
}

impl Session {
    pub(crate) fn new(
        identity: Verified<IdToken>,
        user_info: Option<Object>,
        tokens: Tokens,
        client_id: &str,
        now: UnixTime,
    ) -> Self {
        let about = About {
            client_id: client_id.to_owned(),
            verified_at: identity.verified_at(),
            started_at: now,
            checked_at: now,
            tokens_at: now,
            refreshed: 0,
        };
        Self { inner: Arc::new(Inner { identity, user_info, tokens, about }) }
    }

    /// The same session with what a refresh brought.
    pub(crate) fn renewed(
        &self,
        identity: Option<Verified<IdToken>>,
        user_info: Option<Object>,
        tokens: Tokens,
        now: UnixTime,
    ) -> Self {
        let mut inner = (*self.inner).clone();
        if let Some(identity) = identity {
            inner.about.verified_at = identity.verified_at();
            inner.identity = identity;
        }
        inner.user_info = user_info.or(inner.user_info);
        inner.tokens = tokens;
        inner.about.checked_at = now;
        inner.about.tokens_at = now;
        inner.about.refreshed = inner.about.refreshed.saturating_add(1);
        Self { inner: Arc::new(inner) }
    }

    /// A silent login (`prompt=none`) renews a session but does not prolong it: the absolute end
    /// counts from the login that began `before`. For another person it changes nothing.
    #[must_use]
    pub fn continuing(self, before: &Session) -> Self {
        if self.subject() != before.subject() || self.issuer() != before.issuer() {
            return self;
        }
        let mut inner = (*self.inner).clone();
        inner.about.started_at = before.started_at();
        inner.about.refreshed = before.refreshed().saturating_add(1);
        Self { inner: Arc::new(inner) }
    }

    /// `sub`: who this is at the issuer.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.inner.identity.subject()
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.inner.identity.issuer()
    }

    /// The claims of the ID token.
    #[must_use]
    pub fn claims(&self) -> &Object {
        self.inner.identity.claims()
    }

    /// The claims of UserInfo, unless it was switched off or the provider has none.
    #[must_use]
    pub fn user_info(&self) -> Option<&Object> {
        self.inner.user_info.as_ref()
    }

    /// One claim: of UserInfo if it is there, of the ID token otherwise. What the ID token says of
    /// the login itself (`acr`, `auth_time`, …) no UserInfo answer can change.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        let of_token = self.claims().get(name);
        if OF_THE_LOGIN.contains(&name) && of_token.is_some() {
            return of_token;
        }
        self.user_info().and_then(|claims| claims.get(name)).or(of_token)
    }

    /// The scope granted.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.inner.tokens.scope
    }

    /// The access token, to call an API in the person's name.
    #[must_use]
    pub fn access_token(&self) -> &Secret {
        &self.inner.tokens.access_token
    }

    /// When the access token ends, if the provider said so.
    #[must_use]
    pub fn access_token_expires_at(&self) -> Option<UnixTime> {
        self.inner.tokens.expires_at
    }

    /// The refresh token, if there is one.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.inner.tokens.refresh_token.as_ref()
    }

    /// What else the provider's token answer said, such as `token_type`, `expires_in` and members of
    /// its own. Known right after a login or a renewal; a kept session has forgotten it.
    #[must_use]
    pub fn token_answer(&self) -> &Object {
        &self.inner.tokens.others
    }

    /// The verified ID token.
    #[must_use]
    pub fn identity(&self) -> &Verified<IdToken> {
        &self.inner.identity
    }

    /// The session at the provider (`sid`), if it names sessions: its logout comes under this name.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.inner.identity.session_id()
    }

    /// When the person last proved who they are (`auth_time`), if the provider says so.
    #[must_use]
    pub fn auth_time(&self) -> Option<UnixTime> {
        self.inner.identity.auth_time()
    }

    /// The client with which the login was begun.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.inner.about.client_id
    }

    /// When the person logged in.
    #[must_use]
    pub fn started_at(&self) -> UnixTime {
        self.inner.about.started_at
    }

    /// When the provider last confirmed the session.
    #[must_use]
    pub fn checked_at(&self) -> UnixTime {
        self.inner.about.checked_at
    }

    /// How often it was renewed.
    #[must_use]
    pub fn refreshed(&self) -> u32 {
        self.inner.about.refreshed
    }

    /// Who this is, for the application.
    #[must_use]
    pub fn principal(&self) -> Principal {
        let mut claims = self.claims().clone();
        for (name, value) in self.user_info().into_iter().flatten() {
            if !(OF_THE_LOGIN.contains(&name.as_str()) && claims.contains_key(name)) {
                claims.insert(name.clone(), value.clone());
            }
        }
        Principal::new(self.subject(), self.issuer(), claims)
    }

    /// Makes a login ask the provider, unseen by the person, whether this session still holds
    /// (`prompt=none`, `id_token_hint`); the answer must be about the same subject. An ID token
    /// beyond 4 KiB is left out, since the address would become too long for many servers.
    #[must_use]
    pub fn silent_login(&self, options: LoginOptions) -> LoginOptions {
        let raw = self.inner.identity.raw();
        let hint = (1..=LONGEST_HINT).contains(&raw.expose().len()).then(|| raw.clone());
        options.silent(self.subject(), hint)
    }

    /// What is due now.
    #[must_use]
    pub fn due(&self, now: UnixTime, policy: &SessionPolicy) -> Due {
        if now >= policy.ends_at(self) {
            return Due::Over;
        }
        if let (Some(ends), Some(_)) = (self.access_token_expires_at(), self.refresh_token()) {
            // A token that lives for seconds is renewed in its last quarter, not all the time.
            let life = ends.since(self.inner.about.tokens_at);
            if now + policy.refresh_margin.min(life / 4) >= ends {
                return Due::Refresh;
            }
        }
        match policy.refresh_interval {
            Some(interval) if now >= self.checked_at() + interval => Due::AskSilently,
            _ => Due::Nothing,
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("issuer", &self.issuer())
            .field("subject", &self.subject())
            .field("started_at", &self.started_at())
            .field("refreshed", &self.refreshed())
            .finish_non_exhaustive()
    }
}

const LONGEST_HINT: usize = 4096;
/// Claims that say who logged in where, when and how strongly (OpenID Connect Core 1.0 section 2).
const OF_THE_LOGIN: [&str; 12] =
    ["iss", "sub", "aud", "exp", "iat", "nbf", "auth_time", "nonce", "acr", "amr", "azp", "sid"];
