//! Access tokens as an API meets them (RFC 9068, and JWT access tokens as providers write them).

mod claims;
mod error;
mod kind;
mod rules;

pub use claims::{AccessToken, Confirmation};
pub use error::{AccessTokenError, NotAnAccessToken};
pub use rules::{AccessTokenRules, AudienceRule, Profile};
