//! A Node program as a child process that says on one line where it is and ends with the test.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A running program; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct NodeProgram {
    child: Child,
}

impl NodeProgram {
    /// Starts a script of `tests/peers/node` with its settings; gives what it says when it is ready.
    pub(crate) fn start<Ready: DeserializeOwned>(script: &str, settings: &Value) -> (Self, Ready) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/node");
        assert!(
            folder.join("node_modules/oidc-provider").is_dir(),
            "{} has no npm packages: run `cargo xtask test peers`, which installs them",
            folder.display()
        );
        let mut child = Command::new("node")
            .current_dir(&folder)
            .args([script, &settings.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect(
                "node is on the PATH: run `cargo xtask test peers`, which says what is missing",
            );
        let stdout = child.stdout.take().unwrap();
        // From here on the child ends with this, whatever happens.
        let program = Self { child };
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            // Nobody listens any more when the wait below has been given up.
            let _ = tell.send(BufReader::new(stdout).read_line(&mut line).map(|_| line));
        });
        let line = told.recv_timeout(LONGEST_START);
        let Ok(Ok(line)) = line else {
            panic!("{script} did not start within {LONGEST_START:?}: {line:?}");
        };
        let Ok(ready) = serde_json::from_str(&line) else {
            panic!("{script} ended before it was ready, its words are above; it printed {line:?}");
        };
        (program, ready)
    }
}

impl Drop for NodeProgram {
    fn drop(&mut self) {
        // Both fail only if it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks a control address of a program.
pub(crate) fn control(issuer: &str, what: &str, body: &Value) -> Value {
    let mut answer = ureq::post(format!("{issuer}/control/{what}")).send_json(body).unwrap();
    answer.body_mut().read_json().unwrap()
}

/// How often a program has been asked for something, as in `GET /jwks`.
pub(crate) fn requests(issuer: &str, what: &str) -> u64 {
    control(issuer, "requests", &json!({}))[what].as_u64().unwrap_or(0)
}

/// Generating keys and loading the packages takes about a second.
const LONGEST_START: Duration = Duration::from_secs(60);
