//! The development provider, asked as browsers and clients ask it.

mod authorize;
mod discovery;
mod dpop;
mod exchange;
mod introspect;
mod login;
mod logout;
mod mint;
mod mischief;
mod register;
mod running;
mod support;
mod token;
