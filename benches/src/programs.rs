//! The programs that are measured from outside: the `countersign` command, and the least that a server is.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The command, from the workspace that these figures belong to.
pub const COUNTERSIGN: Program =
    Program { name: "countersign", package: "countersign-cli", manifest: "../Cargo.toml" };
/// A server that says hello.
pub const HELLO: Program = Program { name: "hello", package: "hello", manifest: "Cargo.toml" };

/// A binary, and where its package is.
#[derive(Debug)]
pub struct Program {
    pub name: &'static str,
    package: &'static str,
    manifest: &'static str,
}

/// What a build has come to.
#[derive(Debug)]
pub struct Built {
    pub binary: PathBuf,
    /// Packages that were compiled, without the program's own workspace.
    pub packages: usize,
}

impl Program {
    /// Builds it in release, which costs little when that was done before.
    pub fn release(&self) -> Result<PathBuf> {
        Ok(self.build(self.cargo().arg("--release"))?.binary)
    }

    /// `cargo build` of this program, to be completed.
    pub fn cargo(&self) -> Command {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(["build", "--quiet", "--locked", "--package", self.package]);
        command.arg("--manifest-path").arg(here.join(self.manifest)).arg("--message-format=json");
        command
    }

    /// Runs such a command and reads what it says.
    pub fn build(&self, command: &mut Command) -> Result<Built> {
        let output = command.stderr(Stdio::inherit()).output()?;
        ensure!(output.status.success(), "{} can't be built", self.name);
        let (mut binary, mut packages) = (None, std::collections::BTreeSet::new());
        for line in output.stdout.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            let said: Value = serde_json::from_slice(line)?;
            if said["reason"] != "compiler-artifact" {
                continue;
            }
            if said["target"]["name"] == self.name
                && let Some(path) = said["executable"].as_str()
            {
                binary = Some(PathBuf::from(path));
            }
            if let Some(id) = said["package_id"].as_str().filter(|id| !id.starts_with("path+")) {
                packages.insert(id.to_owned());
            }
        }
        let binary = binary.with_context(|| format!("no binary {}", self.name))?;
        Ok(Built { binary, packages: packages.len() })
    }
}
