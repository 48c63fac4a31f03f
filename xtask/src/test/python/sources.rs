//! What can be said of the Python sources without running them.

use anyhow::{Context, Result};

use crate::command::run;
use crate::install::python::Environment;

pub(super) fn format_and_lint(tools: &Environment) -> Result<()> {
    let format = ["format", "--check", "--quiet", "--config", CONFIG];
    run(tools.program("ruff").args(format).args(FOLDERS)).with_context(|| {
        format!(
            "`target/python/tools/bin/ruff format --config {CONFIG} {}` formats them",
            FOLDERS.join(" ")
        )
    })?;
    run(tools.program("ruff").args(["check", "--quiet", "--config", CONFIG]).args(FOLDERS))
}

/// Types, strictly, and that the stubs say of the extension module what it is.
pub(super) fn types(tools: &Environment) -> Result<()> {
    run(tools.program("mypy").args(["--config-file", CONFIG, "--no-error-summary"]))?;
    let mut stubtest = tools.python();
    stubtest.args([
        "-m",
        "mypy.stubtest",
        "--concise",
        "--allowlist",
        STUBS,
        "countersign_oidc._native",
    ]);
    run(&mut stubtest).context("_native.pyi and the extension module disagree")
}

const FOLDERS: [&str; 2] = ["python", "benches/python"];
const STUBS: &str = "python/stubtest.txt";
const CONFIG: &str = "python/pyproject.toml";
