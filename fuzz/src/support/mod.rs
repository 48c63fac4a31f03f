//! What the targets stand on: fixed keys, answers out of a script, a site without a network.

pub mod answer;
pub mod edits;
pub mod keys;
pub mod world;
