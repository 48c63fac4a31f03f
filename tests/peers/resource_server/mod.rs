//! An API that takes the tokens of providers that nobody here wrote.

mod caller;
mod dpop;
mod issuers;
mod jwt;
mod keys;
mod opaque;
