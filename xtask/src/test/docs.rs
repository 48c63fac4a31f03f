//! The documentation builds, and no link in it is broken.

use anyhow::Result;

use crate::command::{self, cargo};

pub(super) fn run() -> Result<()> {
    let arguments = ["doc", "--workspace", "--lib", "--all-features", "--no-deps"];
    command::run(cargo(arguments).env("RUSTDOCFLAGS", "-D warnings"))
}
