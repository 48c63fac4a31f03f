//! Token libraries that nobody here wrote, as child processes: npm's `jose` and PyPI's `joserfc`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use countersign_jose::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One of the libraries.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Library {
    Jose,
    Joserfc,
}

/// A token that a library has made, and what is to be said of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Minted {
    /// What is special about it.
    pub(crate) name: String,
    pub(crate) alg: String,
    pub(crate) token: String,
    /// What the issuer publishes.
    pub(crate) jwks: Object,
    /// What the issuer shares.
    pub(crate) secret: Option<String>,
    /// What was put into it.
    pub(crate) payload: Value,
    /// The code of the error that it must meet; `None` for a good one.
    pub(crate) refused: Option<String>,
}

/// A token for a library to judge, with the public key as a JWK or the shared secret.
#[derive(Debug, Serialize)]
pub(crate) struct Question {
    pub(crate) token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) jwk: Option<Object>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
}

/// What a library has read from a good token, or why it would not.
#[derive(Debug, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) payload: Option<Value>,
    pub(crate) error: Option<String>,
}

impl Library {
    /// Good tokens in each algorithm that the library has, and bad ones of each kind.
    pub(crate) fn mint(self) -> Vec<Minted> {
        lines(&self.run("mint", ""))
    }

    /// What it says of these tokens, in their order.
    pub(crate) fn verify(self, questions: &[Question]) -> Vec<Verdict> {
        let asked: Vec<_> =
            questions.iter().map(|one| serde_json::to_string(one).unwrap()).collect();
        let verdicts = lines(&self.run("verify", &asked.join("\n")));
        assert_eq!(verdicts.len(), questions.len());
        verdicts
    }

    fn run(self, what: &str, input: &str) -> String {
        let mut child = self.command();
        child.arg(what).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = child.spawn().unwrap_or_else(|error| {
            panic!("{self:?} cannot be started ({error}): run `cargo xtask test peers`")
        });
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{self:?} failed, its words are above: {}", output.status);
        String::from_utf8(output.stdout).unwrap()
    }

    fn command(self) -> Command {
        let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
        match self {
            Self::Jose => {
                let mut node = Command::new("node");
                node.current_dir(peers.join("node")).arg("tokens.mjs");
                node
            }
            Self::Joserfc => {
                let mut python = python();
                python.current_dir(peers.join("python")).arg("tokens.py");
                python
            }
        }
    }
}

/// The Python that `cargo xtask test peers` has given the packages to.
fn python() -> Command {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers/python");
    let (own, packages) = (folder.join("bin/python"), folder.join("packages"));
    if own.exists() {
        return Command::new(own);
    }
    assert!(
        packages.is_dir(),
        "{} has no Python packages: run `cargo xtask test peers`, which installs them",
        folder.display()
    );
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", packages);
    python
}

fn lines<T: for<'de> Deserialize<'de>>(text: &str) -> Vec<T> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
