//! The Python packages of the peers, exactly those of the lock file.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::lock::{self, PIP_INSTALL};
use crate::command::{first_line, program, run};
use crate::workspace;

/// Installs the packages unless the lock file's are there already, for the same Python.
///
/// They come into a virtual environment, `bin/python` in [`FOLDER`]; where Python was packaged without one,
/// into `packages` beside it, for `PYTHONPATH`.
pub(crate) fn packages() -> Result<()> {
    let version = python()?;
    let lock = lock::read(LOCK)?;
    let folder = workspace::path(FOLDER);
    // The lock file as it was when an installation had come to its end, and who installed.
    let installed = format!("# {version}\n{lock}");
    let stamp = folder.join("installed.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|before| before == installed) {
        return Ok(());
    }
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("{FOLDER} cannot be emptied"))?;
    }
    install(&folder).context("the Python packages of the peers cannot be installed")?;
    std::fs::write(&stamp, installed).context("the installed Python packages cannot be stamped")
}

fn install(folder: &Path) -> Result<()> {
    if first_line(program(PYTHON).args(["-c", "import venv, ensurepip"])).is_some() {
        run(program(PYTHON).args(["-m", "venv", "--clear"]).arg(folder))?;
        return run(program(folder.join("bin/python")).args(PIP_INSTALL).args(["-r", LOCK]));
    }
    if first_line(program(PYTHON).args(["-m", "pip", "--version"])).is_some() {
        let target = folder.join("packages");
        let mut pip = program(PYTHON);
        return run(pip.args(PIP_INSTALL).arg("--target").arg(target).args(["-r", LOCK]));
    }
    bail!("{PYTHON} has neither venv nor pip: install python3-venv")
}

/// Insists on a Python that is new enough; gives its version.
fn python() -> Result<String> {
    let Some(version) = first_line(program(PYTHON).arg("--version")) else {
        bail!("{PYTHON} is not on the PATH: install Python 3.{OLDEST_MINOR} or newer, with venv");
    };
    let minor = version.strip_prefix("Python 3.").and_then(|rest| rest.split('.').next());
    if minor.and_then(|minor| minor.parse().ok()).is_none_or(|minor: u32| minor < OLDEST_MINOR) {
        bail!("{PYTHON} is {version}: install Python 3.{OLDEST_MINOR} or newer, with venv");
    }
    Ok(version)
}

const PYTHON: &str = "python3";
const LOCK: &str = "tests/peers/python/requirements.txt";
/// Below `target/`, which the tests know as well: `tests/peers/support/minter.rs`.
const FOLDER: &str = "target/peers/python";
const OLDEST_MINOR: u32 = 11;
