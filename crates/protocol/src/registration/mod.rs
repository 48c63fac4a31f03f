//! Dynamic registration (OpenID Connect Registration 1.0, RFC 7591).

mod request;
mod response;

pub use request::{Register, RegistrationRequest};
pub use response::{Registration, RegistrationError};
