//! Dynamic registration (OpenID Connect Registration 1.0, RFC 7591).

mod client_secrets;
mod request;
mod response;

pub use client_secrets::{ClientSecrets, ClientSecretsError};
pub use request::{Register, RegistrationRequest};
pub use response::{Registration, RegistrationError};
