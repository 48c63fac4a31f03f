//! The development provider, asked as browsers and clients ask it.

mod authorize;
mod discovery;
mod login;
mod logout;
mod mischief;
mod register;
mod running;
mod support;
mod token;
