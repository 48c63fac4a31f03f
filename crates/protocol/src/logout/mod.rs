//! Logout at the provider (OpenID Connect RP-Initiated Logout 1.0).

mod rp_initiated;

pub use rp_initiated::{LogoutOptions, end_session_url};
