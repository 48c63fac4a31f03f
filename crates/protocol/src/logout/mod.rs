//! Ending sessions: at the provider (OpenID Connect RP-Initiated Logout 1.0), and from there
//! (OpenID Connect Back-Channel Logout 1.0).

mod back_channel;
mod error;
mod rp_initiated;

pub use back_channel::LogoutToken;
pub use error::LogoutTokenError;
pub use rp_initiated::{LogoutOptions, end_session_url};
