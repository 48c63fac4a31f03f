//! What browsers need, without a framework: cookies, sessions, endpoints, replies.
//!
//! A face (axum, a gateway, …) hands in the parts of a request and sends out what it gets back; it
//! writes no protocol and no security code of its own. The story of one login:
//!
//! 1. [`Site::guard`] finds no session and answers with a redirect to the provider. A sealed
//!    cookie, one for each tab, keeps the pending login.
//! 2. The provider sends the browser to the redirect URI. [`Site::callback`] finds the pending
//!    login by its state, has the relying party complete it, and sets the session cookie.
//! 3. [`Site::guard`] finds the session, renews it when that is due, and lets the request pass
//!    with a [`Visit`], which adds its cookies to the application's answer.
//! 4. [`Site::logout`] ends the session here first, then at the provider. When it ends there first,
//!    the provider says so to [`Site::back_channel_logout`].
//!
//! | Module or type | What it holds |
//! | --- | --- |
//! | [`Site`], [`SiteBuilder`], [`Routes`] | one site and its settings |
//! | [`WebRequest`], [`Reply`] | what comes in and what goes out |
//! | [`Decision`], [`Visit`] | who is here |
//! | [`Api`], [`Admission`] | access tokens instead of sessions |
//! | [`PublicAddress`], [`KeyRing`] | where the site lives, and what seals its cookies |
//! | [`ErrorView`], [`CODES`] | what went wrong |
//! | [`Event`] | what happened |
//! | [`danger`] | what weakens all that |

mod address;
mod api;
mod call;
pub mod cookie;
pub mod danger;
mod ended;
mod endpoints;
mod error;
mod event;
mod guard;
mod key_ring;
mod opened;
mod pages;
mod pending;
mod reply;
mod request;
mod routes;
mod session;
mod shared;
mod site;
mod trail;

pub use address::{AddressError, PublicAddress};
pub use api::{Admission, Api, RefusalView};
pub use error::CODES;
pub use event::Event;
pub use guard::{Decision, Visit};
pub use key_ring::{KeyRing, KeyRingError};
pub use reply::{ErrorView, Reply};
pub use request::{BODY_LIMIT, WebRequest};
pub use routes::Routes;
pub use site::{Site, SiteBuilder, SiteError};
