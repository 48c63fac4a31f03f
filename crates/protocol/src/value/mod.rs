//! The small values of the field: issuer, client, secret, time, random strings, return target.

pub mod client;
pub mod endpoint;
pub mod issuer;
pub mod random;
pub mod return_to;
pub mod secret;
pub mod time;
pub mod typed_issuer;
