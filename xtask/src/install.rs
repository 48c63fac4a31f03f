//! What tests need and cargo doesn't bring, installed when it is missing.

pub(crate) mod debian;
pub(crate) mod npm;
pub(crate) mod python;
