//! The tokens and proofs, judged by the rules that an API goes by.

mod broken;
mod dpop;
mod issuer;
mod resource_server;
mod token;
