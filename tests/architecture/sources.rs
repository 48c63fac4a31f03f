//! What stands in the files themselves.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::{root, rust_files};

#[test]
fn files_stay_short_enough_to_be_read() {
    let mut wrong = Vec::new();
    for file in product_files() {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        if lines > LONGEST_FILE {
            wrong.push(format!("{} has {lines} lines, more than {LONGEST_FILE}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_cryptographic_library_is_named_behind_the_backend_only() {
    for file in product_files() {
        let behind = file.starts_with(root().join("crates/jose/src/backend"))
            || file == root().join("crates/jose/src/backend.rs");
        let text = std::fs::read_to_string(&file).unwrap();
        // TLS has a module of that name, by which it is told not to guess.
        let named = text.replace("rustls::crypto::aws_lc_rs", "").contains("aws_lc_rs");
        assert!(behind || !named, "{} names aws_lc_rs", file.display());
    }
}

#[test]
fn no_package_registry_host_is_named() {
    let hosts = [
        ["index.", "crates", ".io"].concat(),
        ["static.", "crates", ".io"].concat(),
        ["registry.", "npmjs", ".org"].concat(),
        ["files.", "pythonhosted", ".org"].concat(),
        ["arti", "factory"].concat(),
    ];
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).unwrap();
    for name in listed.split_terminator('\0') {
        // Listed files may be gone from the work tree, and some are no text.
        let Ok(text) = std::fs::read_to_string(root().join(name)) else { continue };
        for host in &hosts {
            assert!(!text.contains(host.as_str()), "{name} names {host}");
        }
    }
}

/// The Rust files of the product, without tests.
fn product_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root().join("crates")).unwrap() {
        files.extend(rust_files(&Path::new(&entry.unwrap().path()).join("src")));
    }
    assert!(files.len() >= 8, "only {} files found", files.len());
    files
}

/// Four hundred lines are what the house aims at; this is where it ends.
const LONGEST_FILE: usize = 600;
