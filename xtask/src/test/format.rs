//! Sources are formatted.

use anyhow::Result;

use crate::command::{self, cargo};

fn check(manifest: &str) -> Result<()> {
    command::run(&mut cargo(["fmt", "--all", "--check", "--manifest-path", manifest]))
}

pub(super) fn run() -> Result<()> {
    check("Cargo.toml")?;
    // The figures' workspace of its own.
    check("benches/Cargo.toml")
}
