//! `cargo xtask fuzz`: random input for one parser.

use anyhow::{Result, bail};

/// What is fed, and for how long.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The parser (`compact`, `key_set`, `callback`, …)
    target: String,
    /// For how many seconds
    seconds: u32,
}

/// Says that no target exists yet.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { target, seconds } = arguments;
    bail!("`{target}` cannot be fuzzed for {seconds} s: there are no fuzz targets yet")
}
