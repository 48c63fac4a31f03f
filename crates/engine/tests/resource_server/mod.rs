//! May this token pass?

mod api;
mod cache;
mod jwt;
mod nonce;
mod replay;
