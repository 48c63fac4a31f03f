//! Against providers and token libraries that nobody here wrote, started by the tests themselves.

use anyhow::Result;

use crate::command::{self, cargo};
use crate::install;

pub(super) fn run() -> Result<()> {
    install::npm::packages()?;
    install::python::peers::packages()?;
    // With the whole workspace, so that the crates are those that other parts have compiled.
    command::run(&mut cargo(["test", "--workspace", "--all-features", "--test", "peers"]))
}
