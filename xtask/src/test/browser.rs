//! Chromium in front of the demo application and of the Flask examples: what a person sees.

use anyhow::{Result, bail};

use crate::command::{self, cargo, program};
use crate::{install, workspace};

pub(super) fn run() -> Result<()> {
    install::npm::packages()?;
    let chromium = install::debian::chromium()?;
    // With the whole workspace, so that the crates are those that other parts have compiled.
    let binary = ["build", "--workspace", "--all-features", "--bin", "countersign"];
    command::run(&mut cargo(binary))?;
    let examples = super::python::with_wheels()?;
    let files = test_files()?;
    let mut node = program("node");
    node.env("CHROMIUM", chromium).env("COUNTERSIGN_PYTHON", examples.folder().join("bin/python"));
    node.args(["--test", "--test-concurrency=1", LONGEST_TEST, "--test-reporter", REPORTER])
        .args(files);
    command::run(&mut node)
}

/// The files with tests, sorted, so that each run has the same order.
fn test_files() -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(workspace::path(FOLDER))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".test.mjs") {
            files.push(format!("{FOLDER}/{name}"));
        }
    }
    if files.is_empty() {
        bail!("{FOLDER} holds no *.test.mjs");
    }
    files.sort();
    Ok(files)
}

/// In milliseconds, for a whole file as well as for each test in it.
const LONGEST_TEST: &str = "--test-timeout=180000";
const FOLDER: &str = "tests/peers/browser";
const REPORTER: &str = "./tests/peers/browser/reporter.mjs";
