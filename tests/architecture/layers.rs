//! Dependencies point down only, and the lower layers know neither a runtime nor a framework.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, Package, PackageId};

use crate::workspace::{metadata, package, root};

#[test]
fn layers_point_down() {
    let metadata = metadata();
    let inside: BTreeSet<&str> =
        metadata.workspace_packages().iter().map(|package| package.name.as_str()).collect();
    let mut wrong = Vec::new();
    for package in metadata.workspace_packages() {
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == package.name.as_str())
        else {
            wrong.push(format!("{} is not in the table of layers", package.name));
            continue;
        };
        for used in used_by(package).filter(|used| inside.contains(used)) {
            if !allowed.contains(&used) && !allowed.contains(&ANY) {
                wrong.push(format!("{} may not use {used}", package.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_of_layers_names_existing_crates_only() {
    let metadata = metadata();
    let inside: BTreeSet<&str> =
        metadata.workspace_packages().iter().map(|package| package.name.as_str()).collect();
    for (name, allowed) in MAY_USE {
        for name in allowed.iter().chain([name]).filter(|name| **name != ANY) {
            assert!(
                inside.contains(name),
                "{name} is in the table of layers, but not in the workspace"
            );
        }
    }
}

#[test]
fn one_crate_names_the_cryptographic_library() {
    let metadata = metadata();
    let naming: Vec<&str> = metadata
        .workspace_packages()
        .into_iter()
        .filter(|package| package.dependencies.iter().any(|used| used.name == "aws-lc-rs"))
        .map(|package| package.name.as_str())
        .collect();
    assert_eq!(naming, ["countersign-jose"]);
}

#[test]
fn what_decides_knows_no_runtime_and_no_framework() {
    let metadata = metadata();
    for layer in DECIDING {
        let compiled = compiled_with(&metadata, &package(&metadata, layer).id);
        let known: Vec<_> = WORLDLY.iter().filter(|name| compiled.contains(**name)).collect();
        assert!(known.is_empty(), "{layer} compiles {known:?}");
    }
}

/// A runtime would stop at a fork, and Python's servers fork.
#[test]
fn the_extension_module_brings_no_runtime() {
    let compiled = compiled_alone("countersign-python");
    assert!(compiled.contains("ureq"), "the tree was read");
    let found: Vec<_> = RUNTIMES.iter().filter(|name| compiled.contains(**name)).collect();
    assert!(found.is_empty(), "countersign-python compiles {found:?}");
}

/// Names that the package uses outside of its tests.
fn used_by(package: &Package) -> impl Iterator<Item = &str> {
    let used = package.dependencies.iter();
    used.filter(|used| used.kind != DependencyKind::Development).map(|used| used.name.as_str())
}

/// Names of everything that is compiled into this package, tests aside.
fn compiled_with(metadata: &Metadata, id: &PackageId) -> BTreeSet<String> {
    let nodes = &metadata.resolve.as_ref().unwrap().nodes;
    let nodes: BTreeMap<_, _> = nodes.iter().map(|node| (&node.id, node)).collect();
    let names: BTreeMap<_, _> =
        metadata.packages.iter().map(|p| (&p.id, p.name.as_str())).collect();
    let mut seen = BTreeSet::new();
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        for used in &nodes[id].deps {
            let compiled = used.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            if compiled && seen.insert(&used.pkg) {
                open.push(&used.pkg);
            }
        }
    }
    seen.into_iter().map(|id| names[id].to_owned()).collect()
}

/// The same for a package that is built by itself, without the features that others want.
fn compiled_alone(package: &str) -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", package, "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{lib}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    String::from_utf8(tree.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Which crates of the workspace each crate may use outside of its tests.
const MAY_USE: &[(&str, &[&str])] = &[
    ("countersign-jose", &[]),
    ("countersign-protocol", &["countersign-jose"]),
    ("countersign", &["countersign-protocol", "countersign-jose"]),
    ("countersign-transport", &["countersign", "countersign-protocol"]),
    ("countersign-web", &["countersign", "countersign-protocol", "countersign-jose"]),
    (
        "countersign-axum",
        &["countersign-web", "countersign", "countersign-protocol", "countersign-transport"],
    ),
    (
        "countersign-python",
        &["countersign-web", "countersign", "countersign-protocol", "countersign-transport"],
    ),
    ("countersign-dev-provider", &["countersign-protocol", "countersign-jose"]),
    ("countersign-test-kit", &["countersign-protocol", "countersign-jose"]),
    ("countersign-cli", &[ANY]),
    ("countersign-examples", &[ANY]),
    ("countersign-fuzz", &[ANY]),
    ("countersign-tests", &[ANY]),
    ("xtask", &[]),
];

/// Stands above everything.
const ANY: &str = "*";

/// The layers in which everything is a function over values.
const DECIDING: &[&str] =
    &["countersign-jose", "countersign-protocol", "countersign", "countersign-web"];

/// Runtimes.
const RUNTIMES: &[&str] = &["async-std", "smol", "tokio"];

/// Runtimes, HTTP clients and frameworks.
const WORLDLY: &[&str] = &[
    "actix-web",
    "async-std",
    "axum",
    "hyper",
    "hyper-util",
    "mio",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "tokio",
    "tower",
    "ureq",
];
