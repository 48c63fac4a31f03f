//! What the tests against peers share.

pub(crate) mod node_provider;
pub(crate) mod party;
pub(crate) mod person;
