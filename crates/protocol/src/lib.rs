//! What OAuth 2.0 and OpenID Connect say: messages, rules and exchanges, and no waiting.
//!
//! Everything here is a value or a pure function over values. Time and randomness are arguments;
//! the network is an [`Exchange`]: a value that writes its own request and reads its own answer.
//! The order of the steps lives one layer up, in the crate `countersign`.
//!
//! One login, told by the types:
//!
//! ```text
//! LoginRequest ─begin→ (Url, PendingLogin) ─browser→ Callback ─accept→ Grant
//!     ─redeem→ Received ─verify→ Verified<IdToken> ─ask→ Verified<UserInfo>
//! ```
//!
//! Each arrow is one function, in the file named after it. What passed a check is a value that
//! nothing else can make: see [`Verified`].

pub mod access_token;
pub mod bearer;
pub mod danger;
pub mod discovery;
pub mod error;
pub mod exchange;
pub mod id_token;
pub mod jose_codes;
pub mod login;
pub mod logout;
pub mod registration;
pub mod resource;
pub mod token;
pub mod user_info;
pub mod value;
mod verified;

pub use countersign_jose as jose;
pub use error::{Code, Fault, ProviderSays};
pub use exchange::{Exchange, Request, Response};
pub use value::{
    client::{Client, ClientAuthMethod, ClientAuthentication},
    issuer::{Issuer, IssuerTemplate},
    return_to::ReturnTo,
    secret::Secret,
    time::UnixTime,
};
pub use verified::Verified;
