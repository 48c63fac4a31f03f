//! Debian packages, installed where this user may, asked for where not.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::command::{first_line, program, run};

/// Where Chromium is; installs Debian's when there is none.
///
/// `CHROMIUM` names another one, for systems without Debian's packages.
pub(crate) fn chromium() -> Result<PathBuf> {
    the_program("chromium", "/usr/bin/chromium", "CHROMIUM")
}

/// Where the Redis server is; installs Debian's when there is none.
///
/// `REDIS_SERVER` names another one.
pub(crate) fn redis_server() -> Result<PathBuf> {
    the_program("redis-server", "/usr/bin/redis-server", "REDIS_SERVER")
}

fn the_program(package: &str, path: &str, variable: &str) -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(variable) {
        let path = PathBuf::from(named);
        if !path.is_file() {
            bail!("{variable} names {}, which is no file", path.display());
        }
        return Ok(path);
    }
    let path = PathBuf::from(path);
    if !path.is_file() {
        install(package, variable)?;
    }
    Ok(path)
}

fn install(package: &str, variable: &str) -> Result<()> {
    let root = first_line(program("id").arg("-u")).is_some_and(|id| id == "0");
    if !root || first_line(program("apt-get").arg("--version")).is_none() {
        bail!(
            "{package} is missing: run `apt-get install {package}` as root, or name the program in {variable}"
        );
    }
    run(&mut apt(&["update", "--quiet"])).context("the lists of Debian packages cannot be read")?;
    let mut command = apt(&["install", "--yes", "--quiet", "--no-install-recommends"]);
    run(command.arg(package)).with_context(|| format!("{package} cannot be installed"))
}

fn apt(arguments: &[&str]) -> std::process::Command {
    let mut command = program("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    command
}
