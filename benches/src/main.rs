//! Figures, each beside its baseline.

fn main() {}
