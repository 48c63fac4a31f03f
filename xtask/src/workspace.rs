//! Where things are, and what cargo knows about them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use cargo_metadata::{CargoOpt, MetadataCommand, Package};

use crate::command::{cargo, output};

/// A path below the root of the repository.
pub(crate) fn path(below: impl AsRef<Path>) -> PathBuf {
    root().join(below)
}

/// The root of the repository.
///
/// Cargo tells at run time; the value at compile time is a fallback only, since a target directory that
/// several clones share would answer with another clone.
pub(crate) fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().map_or_else(|| manifest.clone(), Path::to_path_buf)
}

/// All packages of a lock file that has to be current.
pub(crate) fn packages() -> Result<Vec<Package>> {
    let mut command = MetadataCommand::new();
    command.current_dir(root()).features(CargoOpt::AllFeatures);
    command.other_options(vec!["--locked".to_owned()]);
    Ok(command.exec().context("cargo metadata has failed")?.packages)
}

/// Names and versions of everything that is compiled for one platform, tests and build scripts included.
pub(crate) fn compiled_for(platform: &str) -> Result<BTreeSet<(String, String)>> {
    let tree = ["tree", "--workspace", "--all-features", "--locked", "--prefix", "none"];
    let mut command = cargo(tree);
    command.args(["--edges", "normal,build,dev", "--format", "{p}", "--target", platform]);
    let packages = output(&mut command)?;
    // "name v1.2.3", and where it comes from or what it is in brackets.
    let packages = packages.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
    });
    Ok(packages.collect())
}
