//! All tests that need nothing but cargo: those of the crates with their documentation examples, vectors,
//! stories, architecture. The peers are outside by `test = false` in `tests/Cargo.toml`.

use anyhow::Result;

use crate::command::{self, cargo};

pub(super) fn run() -> Result<()> {
    command::run(&mut cargo(["test", "--workspace", "--all-features"]))
}
