//! What the tests against peers share.

mod node_provider;
