//! A development OpenID Provider, in memory, with a login page and mischief on demand.
//!
//! For whoever writes or tests a login: it starts in a moment, knows a few people, lets clients
//! register themselves, and misbehaves when asked to. It is not for production, and listens on
//! loopback addresses only unless told otherwise.
//!
//! ```
//! use countersign_dev_provider::{Client, DevProvider, Endpoint, Mischief, Who};
//!
//! # let runtime = tokio::runtime::Runtime::new()?;
//! # runtime.block_on(async {
//! let provider = DevProvider::builder()
//!     .client(
//!         Client::confidential("shop", "a long secret")
//!             .redirect_uri("http://127.0.0.1:3000/auth/callback"),
//!     )
//!     .start()
//!     .await?;
//! println!("log in at {} as {:?}", provider.issuer(), provider.users());
//!
//! // What does the shop do when userinfo is down, or the ID token is for somebody else?
//! provider.mischief().set(Who::All, [Mischief::answer(Endpoint::UserInfo, 503)]);
//! provider.mischief().set_case(Who::Client("shop".into()), "id_token.wrong_aud")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Remote control
//!
//! Tests in other languages and in browsers steer a provider on a loopback address over HTTP, with
//! `Content-Type: application/json`:
//!
//! | Request | Body | What it does |
//! | --- | --- | --- |
//! | `POST /dev/mischief` | `{"case": "id_token.alg_none", "client_id": "shop"}` | misbehaves; without `client_id` towards everybody |
//! | | `{"steps": [{"answer": {"endpoint": "jwks", "status": 503}}]}` | the same, said in full |
//! | | `{"clear": true}` | behaves again |
//! | `GET /dev/mischief` | | what is set, and every case by name |
//! | `POST /dev/clock` | `{"advance": 3600}` or `{"set": 1767225600}` | moves the provider's clock, in seconds |
//! | `POST /dev/keys` | `{"rotate": 1}` | makes new keys |
//! | `POST /dev/sessions` | `{"end": "alice"}` | ends her sessions and tells the clients |
//! | `POST /dev/mint` | `{"user": "alice", "scope": "notes:read"}` | signs an access token; [more members](crate#minting) |
//! | `GET /dev/requests` | | how often each endpoint was asked |
//!
//! # Minting
//!
//! `POST /dev/mint` signs whatever access token a test wants, as `countersign token mint` does from
//! the command line: `user` (its claims and roles come along) or any `sub`, `scope`, `aud` (a text or
//! a list), `roles`, `claims` (they go over all others; null takes one out), `expires_in` (in seconds;
//! a negative one is over already), `typ`, `alg`, `client_id`, `opaque` and `jkt` (binds it to a DPoP
//! key). Each has a default. Such tokens are known at introspection, userinfo and revocation.
//!
//! Read on: [`Builder`] for the settings, [`User::read_file`] for the file of users, [`cases`] for
//! the named misbehaviours, [`RunningProvider`] for what tests can ask and move.

mod account;
mod answer;
mod builder;
mod claims;
mod client;
mod doors;
mod dpop;
mod endpoint;
mod error;
mod form;
mod keys;
mod mischief;
mod notify;
mod pages;
mod provider;
mod session;
mod tokens;

pub use account::User;
pub use builder::{Builder, Pkce, Registration};
pub use client::{AccessTokens, Client, ClientAuth};
pub use endpoint::{Endpoint, Requests};
pub use error::{CODES, StartError};
pub use mischief::{
    Case, Change, Mischief, MischiefSwitch, Part, Signature, Text, Transfer, UnknownCase, Who,
    cases,
};
pub use provider::{DevProvider, RunningProvider};
