//! Where things are, and what cargo knows about them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, MetadataCommand};

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

/// The resolved dependencies, everything that one target platform compiles, and a lock file that is current.
pub(crate) fn metadata(platform: &str) -> Result<Metadata> {
    MetadataCommand::new()
        .current_dir(root())
        .other_options(vec![
            "--locked".to_owned(),
            "--filter-platform".to_owned(),
            platform.to_owned(),
        ])
        .exec()
        .with_context(|| format!("cargo metadata for {platform} has failed"))
}
