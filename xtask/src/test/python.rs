//! The Python packages: their sources are looked over, the wheels are built and installed into empty
//! environments, and the suites run there.

mod sources;
mod suites;

use std::path::PathBuf;

use anyhow::Result;

use crate::install::python::{Environment, Interpreter};
use crate::wheels::{self, Profile};

pub(super) fn run() -> Result<()> {
    let tools = wheels::tools()?;
    sources::format_and_lint(&tools)?;
    let wheels = build()?;
    tools.add(&wheels)?;
    sources::types(&tools)?;
    suites::run(&wheels)
}

/// Python 3.11 and the newest Flask with the wheels of what the sources are now.
pub(super) fn with_wheels() -> Result<Environment> {
    let environment = suites::environment(&Interpreter::main()?, "3.1")?;
    environment.add(&build()?)?;
    Ok(environment)
}

/// As the other parts compile, which saves most of the time.
fn build() -> Result<Vec<PathBuf>> {
    wheels::build(Profile::Dev, WHEELS)
}

const WHEELS: &str = "target/python/wheels";
