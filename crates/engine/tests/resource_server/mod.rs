//! May this token pass?

mod api;
mod binding;
mod cache;
mod introspection;
mod issuers;
mod jwt;
mod keys;
mod nonce;
mod places;
mod replay;
mod settings;
mod user_info;
