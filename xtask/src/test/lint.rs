//! Clippy: the product under all lints, tests under those that help there, figures under the usual ones.

use anyhow::Result;

use crate::command::{self, cargo};

pub(super) fn run() -> Result<()> {
    product()?;
    tests()?;
    benches()
}

fn product() -> Result<()> {
    let product =
        ["clippy", "--workspace", "--all-features", "--lib", "--bins", "--examples", "--"];
    command::run(cargo(product).args(["-D", "warnings"]))
}

fn tests() -> Result<()> {
    // Targets with `test = false` are outside of --tests and therefore named.
    let tests = ["clippy", "--workspace", "--all-features", "--tests", "--test", "peers", "--"];
    let mut command = cargo(tests);
    command.args(["-D", "warnings"]);
    for lint in NOT_IN_TESTS {
        command.args(["-A", lint]);
    }
    command::run(&mut command)
}

/// The figures stand outside of the workspace and would otherwise be noticed only when somebody takes them.
fn benches() -> Result<()> {
    let arguments =
        ["clippy", "--manifest-path", "benches/Cargo.toml", "--locked", "--all-targets"];
    command::run(cargo(arguments).args(["--", "-D", "warnings"]))
}

/// A test may panic, wait and look at the clock: that is how it fails, meets real peers and measures.
const NOT_IN_TESTS: &[&str] = &[
    "clippy::disallowed_methods",
    "clippy::disallowed_types",
    "clippy::exhaustive_enums",
    "clippy::exhaustive_structs",
    "clippy::indexing_slicing",
    "clippy::panic",
    "clippy::unreachable",
    "clippy::unwrap_used",
    "missing_debug_implementations",
    "missing_docs",
    // A test that includes a source file sees it without the crate around it.
    "unfulfilled_lint_expectations",
    "unreachable_pub",
];
