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

/// Compares `docs/errors.md` and `docs/commands.md` with what the code says, or writes them.
///
/// Both are the same tests, so that what is written is what will be expected.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    for [package, test] in [["countersign-tests", "architecture"], ["countersign-cli", "all"]] {
        let mut command = cargo(["test", "--package", package, "--test", test]);
        if arguments.write {
            command.env("COUNTERSIGN_WRITE_DOCS", "1");
        }
        command::run(command.args(["--", "documented"]))?;
    }
    Ok(())
}
