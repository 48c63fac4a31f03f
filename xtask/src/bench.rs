//! `cargo xtask bench`: the figures, from a workspace of their own.
//!
//! The crates that countersign is measured against never enter the product's lock file, hence the workspace.

use anyhow::{Context, Result};

use crate::command::{self, cargo};
use crate::install::python::{Environment, Interpreter};
use crate::wheels::{self, Profile};

/// Which figures are taken.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The group of figures, the first part of their names: `verify`, `jose`, `route`, `memory`,
    /// `login`, `guard`, `start`, `flask`; all of these when none is named. `build` compiles everything once
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
    if arguments.group.as_deref().is_none_or(|group| group == "flask") {
        let (drop_ins, originals) = flask()?;
        command.env("COUNTERSIGN_BENCH_DROP_INS", drop_ins.folder().join("bin/python"));
        command.env("COUNTERSIGN_BENCH_ORIGINALS", originals.folder().join("bin/python"));
    }
    if arguments.json {
        command.arg("--json");
    }
    command::run(&mut command).context("the figures could not be taken")
}

/// An environment with the drop-ins, as they are shipped, and one with the packages that they stand in for.
fn flask() -> Result<(Environment, Environment)> {
    let python = Interpreter::main()?;
    let originals =
        Environment::ensure("bench-originals", &python, &["benches/python/originals.txt"])?;
    let drop_ins =
        Environment::ensure("bench-drop-ins", &python, &["benches/python/drop-ins.txt"])?;
    drop_ins.add(&wheels::build(Profile::Release, "target/wheels")?)?;
    Ok((drop_ins, originals))
}
