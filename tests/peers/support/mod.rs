//! What the tests against peers share.

pub(crate) mod api;
pub(crate) mod minter;
pub(crate) mod mock_issuer;
pub(crate) mod node_provider;
pub(crate) mod party;
pub(crate) mod person;
pub(crate) mod program;
