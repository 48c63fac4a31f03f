//! `cargo xtask bench`: the figures, from a workspace of their own.
//!
//! The crates that countersign is measured against never enter the product's lock file, hence the workspace.

use anyhow::{Context, Result};

use crate::command::{self, cargo};

/// Which figures are taken.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The group of figures, the first part of their names: `verify`, `jose`, `route`, `memory`,
    /// `login`, `guard`, `start`; all of these when none is named. `build` compiles everything once
    /// more, from nothing
    group: Option<String>,
    /// One JSON object a line instead of a table
    #[arg(long)]
    json: bool,
}

/// Builds the figures in release and takes them.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut command = cargo([
        "run",
        "--quiet",
        "--release",
        "--locked",
        "--manifest-path",
        "benches/Cargo.toml",
        "--",
    ]);
    command.args(&arguments.group);
    if arguments.json {
        command.arg("--json");
    }
    command::run(&mut command).context("the figures could not be taken")
}
