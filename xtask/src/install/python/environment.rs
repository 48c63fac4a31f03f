//! Virtual environments below `target/python`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Interpreter;
use super::lock::{self, PIP_INSTALL};
use crate::command::{captured, program};
use crate::workspace;

/// A virtual environment with exactly the packages of some lock files.
#[derive(Debug)]
pub(crate) struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// Makes it unless it is there already, from the same locks and the same Python.
    pub(crate) fn ensure(name: &str, interpreter: &Interpreter, locks: &[&str]) -> Result<Self> {
        let environment = Self { folder: workspace::path(FOLDER).join(name) };
        let mut wanted = format!("# {} {}\n", interpreter.version(), interpreter.path().display());
        for lock in locks {
            wanted.push_str(&lock::read(lock)?);
        }
        // The locks as they were when an installation had come to its end, and for which Python.
        let stamp = environment.folder.join("installed.txt");
        if std::fs::read_to_string(&stamp).is_ok_and(|before| before == wanted) {
            return Ok(environment);
        }
        environment
            .make(interpreter, locks)
            .with_context(|| format!("the environment {FOLDER}/{name} cannot be made"))?;
        std::fs::write(&stamp, wanted)
            .with_context(|| format!("{FOLDER}/{name} cannot be stamped"))?;
        Ok(environment)
    }

    fn make(&self, interpreter: &Interpreter, locks: &[&str]) -> Result<()> {
        let mut venv = program(interpreter.path());
        captured(venv.args(["-m", "venv", "--clear"]).arg(&self.folder))?;
        let mut pip = self.python();
        pip.args(PIP_INSTALL);
        for lock in locks {
            pip.args(["-r", lock]);
        }
        captured(&mut pip)?;
        Ok(())
    }

    /// Installs these wheels and nothing that they depend on, in place of what they installed before.
    pub(crate) fn add(&self, wheels: &[PathBuf]) -> Result<()> {
        let mut pip = self.python();
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
        pip.args(["--no-index", "--force-reinstall"]).args(wheels);
        captured(&mut pip).with_context(|| {
            format!("the wheels cannot be installed into {}", self.folder.display())
        })?;
        Ok(())
    }

    /// Its `python`, without what the surroundings say about Python.
    pub(crate) fn python(&self) -> Command {
        self.program("python")
    }

    /// One of the programs that its packages brought.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = program(self.folder.join("bin").join(name));
        for variable in ["PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"] {
            command.env_remove(variable);
        }
        command
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

const FOLDER: &str = "target/python";
