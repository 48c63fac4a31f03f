//! What the house rules promise about the whole: layers, doors, sizes, words.
//!
//! Tables at the bottom of each file say what is allowed; whoever adds a crate adds it there, openly.

#[path = "architecture/errors.rs"]
mod errors;
#[path = "architecture/layers.rs"]
mod layers;
#[path = "architecture/sources.rs"]
mod sources;
#[path = "architecture/workspace.rs"]
mod workspace;
