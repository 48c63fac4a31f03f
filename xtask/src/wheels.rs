//! `cargo xtask wheels`: the Python packages, as they are installed.
//!
//! `countersign-oidc` holds the compiled engine and comes from maturin, one wheel for every Python from 3.9 up;
//! the three drop-ins are pure Python and come from flit. Both tools are those of a lock file.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::command::run;
use crate::install::python::{Environment, Interpreter};
use crate::workspace;

/// How the engine is compiled.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// `dev` compiles quickly and keeps the symbols
    #[arg(long, value_enum, default_value_t = Profile::Release)]
    profile: Profile,
}

/// A profile of cargo's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Profile {
    /// Optimised and stripped, for the world
    Release,
    /// What tests compile as well
    Dev,
}

/// Builds the wheels into `target/wheels` and names them.
pub(crate) fn run_with(arguments: &Arguments) -> Result<()> {
    for wheel in build(arguments.profile, "target/wheels")? {
        println!("{}", wheel.display());
    }
    Ok(())
}

/// Builds the wheels into this folder below the root, in place of those that are there; gives their paths.
pub(crate) fn build(profile: Profile, folder: &str) -> Result<Vec<PathBuf>> {
    let tools = tools()?;
    let folder = workspace::path(folder);
    empty(&folder)?;
    native(&tools, profile, &folder).context("the wheel with the engine cannot be built")?;
    for package in PURE {
        let mut flit = tools.python();
        flit.args(["-m", "flit_core.wheel", &format!("python/{package}"), "--outdir"]).arg(&folder);
        run(&mut flit).with_context(|| format!("the wheel of {package} cannot be built"))?;
    }
    let wheels = wheels_in(&folder)?;
    let expected = PURE.len() + 1;
    if wheels.len() != expected {
        bail!("{} holds {} wheels instead of {expected}", folder.display(), wheels.len());
    }
    Ok(wheels)
}

/// What builds and checks the packages, and the packages that the sources import, for their types.
pub(crate) fn tools() -> Result<Environment> {
    Environment::ensure("tools", &Interpreter::main()?, &[TOOLS, FLASK])
}

fn native(tools: &Environment, profile: Profile, folder: &Path) -> Result<()> {
    let mut maturin = tools.program("maturin");
    // It finds the crate by the pyproject.toml of the folder that it runs in.
    maturin.current_dir(workspace::path("python/oidc"));
    maturin.args(["build", "--quiet", "--locked", "--out"]).arg(folder);
    maturin.arg("--interpreter").arg(tools.folder().join("bin/python"));
    match profile {
        Profile::Release => maturin.arg("--release"),
        Profile::Dev => maturin.args(["--profile", "dev"]),
    };
    run(&mut maturin)
}

fn empty(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    for wheel in wheels_in(folder)? {
        std::fs::remove_file(&wheel)
            .with_context(|| format!("{} cannot be removed", wheel.display()))?;
    }
    Ok(())
}

fn wheels_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut wheels = Vec::new();
    let entries = std::fs::read_dir(folder);
    for entry in entries.with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "whl") {
            wheels.push(path);
        }
    }
    wheels.sort();
    Ok(wheels)
}

const PURE: &[&str] = &["flask-pyoidc", "flask-oidc", "flask-jwt-oidc"];
const TOOLS: &str = "python/requirements/tools.txt";
const FLASK: &str = "python/requirements/flask-3.1.txt";
