//! The Python packages: their sources are looked over, the wheels are built and installed into empty
//! environments, and the suites run there.

mod sources;
mod suites;

use anyhow::Result;

use crate::wheels::{self, Profile};

pub(super) fn run() -> Result<()> {
    let tools = wheels::tools()?;
    sources::format_and_lint(&tools)?;
    let wheels = wheels::build(Profile::Dev, "target/python/wheels")?;
    tools.add(&wheels)?;
    sources::types(&tools)?;
    suites::run(&wheels)
}
