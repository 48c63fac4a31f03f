//! What handlers ask for.

use std::ops::Deref;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::api::{Token, WithoutToken};
use crate::rejection::Rejection;
use crate::slot::Slot;

/// Who is logged in. Nobody: a person is sent to the provider and comes back, a program gets 401.
/// Behind a layer of [`Api`](crate::Api) it is whoever the access token speaks for.
///
/// `Option<Principal>` asks without sending anybody anywhere.
///
/// ```
/// use countersign_axum::Principal;
///
/// async fn profile(principal: Principal) -> String {
///     format!("Hello {}", principal.subject())
/// }
///
/// async fn home(principal: Option<Principal>) -> &'static str {
///     if principal.is_some() { "Welcome back" } else { "Welcome" }
/// }
/// ```
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a pattern in a handler's arguments")]
pub struct Principal(pub countersign::Principal);

/// The session of whoever is logged in, with its tokens. For most handlers [`Principal`] is enough.
///
/// `Option<Session>` asks without sending anybody anywhere. A session that can't be used now, since
/// its access token has ended while the provider is silent, is no absent one: that gets 503.
///
/// ```
/// use countersign_axum::Session;
///
/// async fn scope(session: Session) -> String {
///     session.scope().to_owned()
/// }
/// ```
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a pattern in a handler's arguments")]
pub struct Session(pub countersign::Session);

/// The claims of whoever is logged in, as a type of the application's own. Claims that don't fit
/// it get 403.
///
/// ```
/// use countersign_axum::Claims;
///
/// #[derive(serde::Deserialize)]
/// struct Staff {
///     email: String,
/// }
///
/// async fn mail(Claims(staff): Claims<Staff>) -> String {
///     staff.email
/// }
/// ```
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a pattern in a handler's arguments")]
pub struct Claims<T>(pub T);

impl Deref for Principal {
    type Target = countersign::Principal;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Deref for Session {
    type Target = countersign::Session;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let slot = slot(parts)?;
        slot.require(parts).await.map_err(|reply| Rejection::from(*reply))?;
        let session = slot.session(parts).await;
        session.map(Self).ok_or_else(|| Rejection::from(slot.forbid(parts, "no session")))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Session {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        Ok(slot(parts)?.usable_session(parts).await?.map(Self))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Principal {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        if let Some(token) = parts.extensions.get::<Token>() {
            let principal = token.principal().map(Self);
            return principal.ok_or_else(|| token.speaks_for_nobody());
        }
        if let (Some(without), false) = (WithoutToken::of(parts), has_slot(parts)) {
            return Err(Token::is_needed(without));
        }
        let session = <Session as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        Ok(Self(session.principal()))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Principal {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        if let Some(token) = parts.extensions.get::<Token>() {
            return Ok(token.principal().map(Self));
        }
        if WithoutToken::of(parts).is_some() && !has_slot(parts) {
            return Ok(None);
        }
        Ok(slot(parts)?.session(parts).await.map(|session| Self(session.principal())))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Claims<T> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let session = <Session as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        let claims = session.principal().decode::<T>();
        let slot = slot(parts)?;
        claims.map(Self).map_err(|why| Rejection::from(slot.forbid(parts, &why.to_string())))
    }
}

fn slot(parts: &Parts) -> Result<Slot, Rejection> {
    parts.extensions.get::<Slot>().cloned().ok_or_else(Rejection::no_layer)
}

/// Whether sessions are asked for here as well.
fn has_slot(parts: &Parts) -> bool {
    parts.extensions.get::<Slot>().is_some()
}
