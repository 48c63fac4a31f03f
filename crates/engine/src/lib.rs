//! OpenID Connect login for any web application.
//!
//! This crate knows the order of the steps; what each step checks stands in
//! [`countersign_protocol`], and what a browser needs in `countersign-web`. Everything that touches
//! the world goes through three doors, kept in [`Outside`](outside::Outside): transport, clock and
//! entropy.
//!
//! A login, from start to end, for a face that has nothing but a place to keep a value between two
//! requests:
//!
//! ```no_run
//! use countersign::outside::Outside;
//! use countersign::{Callback, Client, Issuer, LoginOptions, Provider, RelyingParty, Secret};
//!
//! # async fn example(outside: Outside) -> Result<(), Box<dyn std::error::Error>> {
//! let provider = Provider::discover(Issuer::parse("https://op.example")?);
//! let client = Client::with_secret("web", Secret::from("from a file"));
//! let rp = RelyingParty::builder(provider, client, "https://app.example/auth/callback".parse()?)
//!     .build(outside)?;
//!
//! let (url, pending) = rp.begin(LoginOptions::new()).await?;
//! // Send the browser to `url`; keep `pending` where only this browser can bring it back.
//! # let query = "";
//! let session = rp.complete(pending, Callback::parse(query)?).await?;
//! println!("{} is here", session.subject());
//! # Ok(()) }
//! ```

mod ask;
pub mod blocking;
pub mod danger;
mod error;
mod kept;
pub mod outside;
mod principal;
mod provider;
pub mod quirks;
mod relying_party;
mod resource_server;
mod session;
mod single_flight;
mod token_client;

pub use countersign_protocol as protocol;
pub use countersign_protocol::access_token::{AccessToken, AccessTokenError, Profile};
pub use countersign_protocol::bearer::{
    Challenge, Credentials, ProtectedResource, Refusal, Requirement, Roles, Scheme, Unmet,
};
pub use countersign_protocol::login::{
    Callback, CallbackError, LoginOptions, OptionError, PendingLogin, ResponseMode,
};
pub use countersign_protocol::logout::{LogoutOptions, LogoutToken};
pub use countersign_protocol::registration::RegistrationRequest;
pub use countersign_protocol::token::{TokenAsk, TokenExchange, TokenHint, TokenType};
pub use countersign_protocol::{
    Client, ClientAuthMethod, ClientAuthentication, Code, Fault, Issuer, IssuerTemplate,
    ProviderSays, ReturnTo, Secret, UnixTime,
};
pub use error::{Error, ErrorKind};
pub use principal::Principal;
pub use provider::Provider;
pub use relying_party::{RelyingParty, RelyingPartyBuilder};
pub use resource_server::{
    CheckError, Dpop, Introspection, Outcome, Presented, ReplayMemory, ResourceServer,
    ResourceServerBuilder, ServerNonces, Token, TokenPlaces, TrustedIssuer,
};
pub use session::{Due, KeptSession, Session, SessionPolicy};
pub use token_client::{AccessGrant, TokenClient, TokenClientBuilder};

/// Every error code of this layer and those below, with its documentation.
#[must_use]
pub fn codes() -> &'static [&'static Code] {
    countersign_protocol::error::CODES
}
