//! The npm packages of the peers, exactly those of the lock file.

use anyhow::{Context, Result, bail};

use crate::command::{first_line, program, run};
use crate::workspace;

/// Installs the packages unless the lock file's are there already.
pub(crate) fn packages() -> Result<()> {
    node()?;
    let folder = workspace::path(FOLDER);
    let lock = std::fs::read_to_string(folder.join("package-lock.json"))
        .with_context(|| format!("{FOLDER}/package-lock.json cannot be read"))?;
    if lock.contains("\"resolved\"") {
        bail!(
            "{FOLDER}/package-lock.json names download addresses; write it with that folder's .npmrc"
        );
    }
    // The lock file as it was when an installation had come to its end.
    let stamp = folder.join("node_modules/.installed-lock.json");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut npm = program("npm");
    npm.current_dir(&folder).args(["ci", "--ignore-scripts", "--no-progress"]);
    run(&mut npm).context("the npm packages of the peers cannot be installed")?;
    std::fs::write(&stamp, lock).context("the installed npm packages cannot be stamped")
}

/// Insists on a Node.js that is new enough.
fn node() -> Result<()> {
    let Some(version) = first_line(program("node").arg("--version")) else {
        bail!(
            "node is not on the PATH: install Node.js {OLDEST_MAJOR}.{OLDEST_MINOR} or newer, with npm"
        );
    };
    let mut numbers = version.trim_start_matches('v').split('.').map(|n| n.parse().unwrap_or(0));
    let (major, minor): (u32, u32) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if (major, minor) < (OLDEST_MAJOR, OLDEST_MINOR) {
        bail!(
            "node is {version}: install Node.js {OLDEST_MAJOR}.{OLDEST_MINOR} or newer, with npm"
        );
    }
    Ok(())
}

const FOLDER: &str = "tests/peers/node";
const OLDEST_MAJOR: u32 = 20;
const OLDEST_MINOR: u32 = 19;
