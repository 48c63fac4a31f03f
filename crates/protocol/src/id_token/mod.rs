//! The ID token (OpenID Connect Core 1.0 sections 2 and 3.1.3.7).

mod claims;
mod error;
mod hashes;
mod rules;

pub use claims::{Earlier, IdToken};
pub use error::IdTokenError;
pub use rules::{DEFAULT_CLOCK_SKEW, IdTokenRules};
