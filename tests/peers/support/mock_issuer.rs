//! npm's oauth2-mock-server as a child process: a second issuer, which signs whatever it is told.

use serde::Deserialize;
use serde_json::{Value, json};

use super::program::{self, NodeProgram};

/// A running issuer; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct MockIssuer {
    /// Where it is, without a slash at the end.
    pub(crate) issuer: String,
    _program: NodeProgram,
}

impl MockIssuer {
    /// Starts one that signs with RS256.
    pub(crate) fn start() -> Self {
        let (program, ready): (_, Ready) = NodeProgram::start("mock.mjs", &json!({}));
        Self { issuer: ready.issuer, _program: program }
    }

    /// A token with these claims; `iss`, `iat`, `nbf` and `exp` are filled in, and left out where they are null.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.token_with(claims, &json!({}))
    }

    /// As [`MockIssuer::token`], with members of the header.
    pub(crate) fn token_with(&self, claims: &Value, header: &Value) -> String {
        let wanted = json!({ "claims": claims, "header": header });
        program::control(&self.issuer, "token", &wanted)["token"].as_str().unwrap().to_owned()
    }

    /// Signs with new keys from here on; the old ones vanish from the key set.
    pub(crate) fn rotate_keys(&self) {
        program::control(&self.issuer, "rotate-keys", &json!({}));
    }

    /// Answers everything with 503 from here on, or no longer.
    pub(crate) fn be_down(&self, down: bool) {
        program::control(&self.issuer, "weather", &json!({ "down": down }));
    }

    /// Answers every question about a token with this from here on.
    pub(crate) fn say(&self, about_tokens: &Value) {
        program::control(&self.issuer, "introspection", about_tokens);
    }

    /// How often something has been asked for, as in `requests("GET /jwks")`.
    pub(crate) fn requests(&self, what: &str) -> u64 {
        program::requests(&self.issuer, what)
    }
}

#[derive(Deserialize)]
struct Ready {
    issuer: String,
}
