//! Debian packages, installed where this user may, asked for where not.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::command::{first_line, program, run};

/// Where Chromium is; installs Debian's when there is none.
///
/// `CHROMIUM` names another one, for systems without Debian's packages.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        let path = PathBuf::from(named);
        if !path.is_file() {
            bail!("CHROMIUM names {}, which is no file", path.display());
        }
        return Ok(path);
    }
    let path = PathBuf::from("/usr/bin/chromium");
    if !path.is_file() {
        install(&["chromium"])?;
    }
    Ok(path)
}

fn install(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    let root = first_line(program("id").arg("-u")).is_some_and(|id| id == "0");
    if !root || first_line(program("apt-get").arg("--version")).is_none() {
        bail!(
            "{list} is missing: run `apt-get install {list}` as root, or name the program in CHROMIUM"
        );
    }
    run(&mut apt(&["update", "--quiet"])).context("the lists of Debian packages cannot be read")?;
    let mut command = apt(&["install", "--yes", "--quiet", "--no-install-recommends"]);
    run(command.args(packages)).with_context(|| format!("{list} cannot be installed"))
}

fn apt(arguments: &[&str]) -> std::process::Command {
    let mut command = program("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    command
}
