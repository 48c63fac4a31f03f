//! Cookies: their names, how they are read, sealed, split and written.

mod chunk;
mod jar;
mod name;
mod seal;
mod write;

pub(crate) use chunk::{Chunks, MOST};
pub(crate) use jar::Jar;
pub(crate) use name::Names;
pub use name::{InvalidPrefix, Prefix};
pub(crate) use seal::{open, seal};
pub(crate) use write::{expired, set};
