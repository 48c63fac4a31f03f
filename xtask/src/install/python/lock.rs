//! Lock files: every package by its digest, none by an address.

use anyhow::{Context, Result, bail};

use crate::workspace;

/// Reads a lock file, which must leave it to pip where the packages come from.
pub(super) fn read(path: &str) -> Result<String> {
    let lock = std::fs::read_to_string(workspace::path(path))
        .with_context(|| format!("{path} cannot be read"))?;
    if lock.contains("://") || lock.lines().any(|line| line.starts_with('-')) {
        bail!(
            "{path} names download addresses or options; the heading of that file says how to write it"
        );
    }
    Ok(lock)
}

/// Wheels only: building one would bring packages that no digest covers.
pub(super) const PIP_INSTALL: [&str; 9] = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--no-deps",
    "--require-hashes",
    "--only-binary",
    ":all:",
];
