//! Sources are formatted.

use anyhow::Result;

use crate::command::{self, cargo};

fn check(manifest: &str) -> Result<()> {
    command::run(&mut cargo(["fmt", "--all", "--check", "--manifest-path", manifest]))
}

pub(super) fn run() -> Result<()> {
    check("Cargo.toml")?;
    // The workspaces of their own: the figures, the fuzzer.
    check("benches/Cargo.toml")?;
    check("fuzz/runner/Cargo.toml")
}
