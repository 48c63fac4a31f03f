//! The token endpoint (RFC 6749 section 5, OpenID Connect Core 1.0 sections 3.1.3 and 12).

mod client_auth;
mod received;
mod redeem;
mod refresh;

pub use client_auth::{ClientAuthError, ClientProof, authenticated};
pub use received::{Received, TokenError, Tokens};
pub use redeem::Redeem;
pub use refresh::{Refresh, Refreshed};
