//! The Python interpreters that the machine has.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::command::{first_line, program};

/// One that can make virtual environments.
#[derive(Clone, Debug)]
pub(crate) struct Interpreter {
    path: PathBuf,
    /// `3.11.7`
    version: String,
    minor: u32,
}

impl Interpreter {
    /// One of each version from 3.9 up, oldest first: `python3.X` on the PATH, else one of pyenv's.
    ///
    /// Fails unless 3.11 is among them, the version for which everything is done.
    pub(crate) fn all() -> Result<Vec<Self>> {
        let found: Vec<Self> = (OLDEST_MINOR..=NEWEST_MINOR).filter_map(Self::find).collect();
        if !found.iter().any(|interpreter| interpreter.minor == MAIN_MINOR) {
            bail!("{}", missing());
        }
        Ok(found)
    }

    /// Python 3.11.
    pub(crate) fn main() -> Result<Self> {
        Self::find(MAIN_MINOR).ok_or_else(missing)
    }

    pub(crate) fn is_main(&self) -> bool {
        self.minor == MAIN_MINOR
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// `3.11`
    pub(crate) fn short(&self) -> String {
        format!("3.{}", self.minor)
    }

    fn find(minor: u32) -> Option<Self> {
        let mut candidates = vec![PathBuf::from(format!("python3.{minor}"))];
        candidates.extend(of_pyenv(minor));
        candidates.iter().find_map(|candidate| Self::ask(candidate, minor))
    }

    /// A shim may stand for nothing, and some distributions take `venv` apart from Python.
    fn ask(candidate: &Path, minor: u32) -> Option<Self> {
        let told = first_line(program(candidate).args(["-c", QUESTION]))?;
        let (version, path) = told.split_once(' ')?;
        let fits = version.starts_with(&format!("3.{minor}."));
        fits.then(|| Self { path: PathBuf::from(path), version: version.to_owned(), minor })
    }
}

/// pyenv's of this version, newest first.
fn of_pyenv(minor: u32) -> Vec<PathBuf> {
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let Some(root) = root.or_else(|| Some(std::env::home_dir()?.join(".pyenv"))) else {
        return Vec::new();
    };
    let folders = std::fs::read_dir(root.join("versions")).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = folders
        .filter_map(|folder| {
            let name = folder.file_name();
            let patch = name.to_str()?.strip_prefix(&format!("3.{minor}."))?.parse().ok()?;
            Some((patch, folder.path().join("bin/python")))
        })
        .collect();
    versions.sort_by(|a, b| b.cmp(a));
    versions.into_iter().map(|(_, path)| path).collect()
}

fn missing() -> anyhow::Error {
    anyhow::anyhow!(
        "Python 3.{MAIN_MINOR} with venv is neither on the PATH as python3.{MAIN_MINOR} nor among pyenv's versions: \
         install python3.{MAIN_MINOR} and python3.{MAIN_MINOR}-venv, or run `pyenv install 3.{MAIN_MINOR}`"
    )
}

const OLDEST_MINOR: u32 = 9;
/// Where the search ends; which of them there are is the machine's business.
const NEWEST_MINOR: u32 = 30;
const MAIN_MINOR: u32 = 11;
const QUESTION: &str = "import sys, venv, ensurepip; assert sys.implementation.name == 'cpython'; \
                        print('.'.join(map(str, sys.version_info[:3])), sys.executable)";
