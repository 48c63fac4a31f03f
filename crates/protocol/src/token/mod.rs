//! The token endpoint (RFC 6749 section 5, OpenID Connect Core 1.0 sections 3.1.3 and 12), and those
//! that are asked about a token: introspection (RFC 7662) and revocation (RFC 7009).

mod ask;
mod client_auth;
mod client_credentials;
mod exchange;
mod introspect;
mod received;
mod redeem;
mod refresh;
mod revoke;

pub use ask::{AskError, TokenAsk};
pub use client_auth::{ClientAuthError, ClientProof, authenticated};
pub use client_credentials::ClientCredentials;
pub use exchange::{ExchangeToken, ExchangedToken, TokenExchange, TokenType};
pub use introspect::{
    Introspect, IntrospectError, Introspected, Introspection, IntrospectionAuth,
    SignedIntrospection,
};
pub use received::{Received, TokenError, Tokens};
pub use redeem::Redeem;
pub use refresh::{Refresh, Refreshed};
pub use revoke::{Revoke, RevokeError, TokenHint};
