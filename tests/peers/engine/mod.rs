//! The engine against a certified provider: nothing of ours stands on the other side.

mod authentication;
mod keys;
mod life;
mod login;
mod registration;
mod tokens;
