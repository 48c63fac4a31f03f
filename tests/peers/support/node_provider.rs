//! npm's oidc-provider as a child process that ends with the test.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

/// A running provider; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct NodeProvider {
    /// Where it is, without a slash at the end.
    pub(crate) issuer: String,
    /// Its static clients by name: one by each way to authenticate (`client_secret_basic`, …, `none`), by each
    /// algorithm of ID tokens besides RS256 (`es256`, `eddsa`, `ps256`), and `hybrid`.
    pub(crate) clients: BTreeMap<String, NodeClient>,
    child: Child,
}

/// What a relying party has to know to be this client.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct NodeClient {
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<String>,
    pub(crate) token_endpoint_auth_method: String,
}

impl NodeProvider {
    /// Starts one with these settings, which `tests/peers/node/op/settings.mjs` lists; `json!({})` is fine.
    pub(crate) fn start(settings: &Value) -> Self {
        let folder = folder();
        assert!(
            folder.join("node_modules/oidc-provider").is_dir(),
            "{} has no npm packages: run `cargo xtask test peers`, which installs them",
            folder.display()
        );
        let mut child = Command::new("node")
            .current_dir(&folder)
            .args(["op.mjs", &settings.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect(
                "node is on the PATH: run `cargo xtask test peers`, which says what is missing",
            );
        let stdout = child.stdout.take().unwrap();
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            // Nobody listens any more when the wait below has been given up.
            let _ = tell.send(BufReader::new(stdout).read_line(&mut line).map(|_| line));
        });
        let line = told.recv_timeout(LONGEST_START);
        let Ok(Ok(line)) = line else {
            let _ = child.kill();
            panic!("oidc-provider did not start within {LONGEST_START:?}: {line:?}");
        };
        let Ok(ready) = serde_json::from_str::<Ready>(&line) else {
            let _ = child.kill();
            panic!(
                "oidc-provider ended before it was ready, its words are above; it printed {line:?}"
            );
        };
        Self { issuer: ready.issuer, clients: ready.clients, child }
    }

    /// The client with this name.
    pub(crate) fn client(&self, name: &str) -> &NodeClient {
        self.clients
            .get(name)
            .unwrap_or_else(|| panic!("no client {name} in {:?}", self.clients.keys()))
    }

    /// Signs with new keys from here on; the old ones vanish from the key set, or stay with `keep`.
    pub(crate) fn rotate_keys(&self, keep: bool) {
        self.control("rotate-keys", &json!({ "keep": keep }));
    }

    /// Changes settings; sessions and grants stay.
    pub(crate) fn set(&self, settings: &Value) {
        self.control("settings", settings);
    }

    /// Answers everything with 503 from here on, or no longer.
    pub(crate) fn be_down(&self, down: bool) {
        self.control("weather", &json!({ "down": down }));
    }

    /// How often something has been asked for, as in `requests("GET /jwks")`.
    pub(crate) fn requests(&self, what: &str) -> u64 {
        self.control("requests", &json!({}))[what].as_u64().unwrap_or(0)
    }

    fn control(&self, what: &str, body: &Value) -> Value {
        let mut answer =
            ureq::post(format!("{}/control/{what}", self.issuer)).send_json(body).unwrap();
        answer.body_mut().read_json().unwrap()
    }
}

impl Drop for NodeProvider {
    fn drop(&mut self) {
        // Both fail only if it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Deserialize)]
struct Ready {
    issuer: String,
    clients: BTreeMap<String, NodeClient>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/node")
}

/// Generating keys and loading the packages takes about a second.
const LONGEST_START: Duration = Duration::from_secs(60);
