//! Against a provider that nobody here wrote: npm's oidc-provider, started by the tests themselves.

use anyhow::Result;

use crate::command::{self, cargo};
use crate::install;

pub(super) fn run() -> Result<()> {
    install::npm::packages()?;
    command::run(&mut cargo(["test", "--package", "countersign-tests", "--test", "peers"]))
}
