//! `cargo xtask docs`: the documents that are generated from the code.

use anyhow::Result;

use crate::command::{self, cargo};

/// Whether the documents are checked or written.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Write the documents instead of comparing them
    #[arg(long)]
    write: bool,
}

/// Compares `docs/errors.md` with what the code says, or writes it.
///
/// Both are the same test, so that what is written is what will be expected.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut command = cargo(["test", "--package", "countersign-tests", "--test", "architecture"]);
    if arguments.write {
        command.env("COUNTERSIGN_WRITE_DOCS", "1");
    }
    command::run(command.args(["--", "documented"]))
}
