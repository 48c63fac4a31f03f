//! A Flask application's own configuration, as `python -m countersign_oidc.doctor` reads it.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use countersign::ClientAuthMethod;
use serde_json::Value;

use super::finding::{Finding, clean};
use super::{Checked, Who};
use crate::error::CommandError;
use crate::output;

/// What the application's interpreter says.
pub(super) struct Application {
    told: Value,
    findings: Vec<Finding>,
}

/// Runs the Python half of the doctor with the application's interpreter.
pub(super) fn look(name: &str, python: Option<&Path>) -> Result<Application, CommandError> {
    let python = python.map_or_else(interpreter, Path::to_path_buf);
    let shown = python.display();
    output::progress("Importing the application …");
    let ended = Command::new(&python)
        .args(["-m", "countersign_oidc.doctor", "--json", name])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|why| {
            CommandError::option(format!("--python {shown}: it can't be started: {why}"))
        })?;
    let told: Value = serde_json::from_slice(&ended.stdout).map_err(|_| {
        CommandError::option(format!(
            "{shown} -m countersign_oidc.doctor ended without a report. Is countersign-oidc installed \
             there? `{shown} -m pip install countersign-oidc` does no harm to the extension that is \
             in use; --python chooses the interpreter"
        ))
    })?;
    let findings = told.get("findings").and_then(Value::as_array);
    let findings = findings.into_iter().flatten().filter_map(Finding::from_json).collect();
    Ok(Application { told, findings })
}

impl Application {
    pub(super) fn json(&self) -> Value {
        self.told.clone()
    }

    pub(super) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter()
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let name = self.told.get("application").and_then(Value::as_str).unwrap_or_default();
        // Writing to a string does not fail.
        let _ = writeln!(text, "\n{}", output::bold(&format!("Application {}", clean(name))));
        self.findings.iter().for_each(|finding| text.push_str(&finding.text()));
        let differences: Vec<_> = self.list("differences").collect();
        if !differences.is_empty() {
            let _ = writeln!(text, "\n{}", output::bold("What changes with the swap"));
        }
        for difference in differences {
            let part = |name: &str| {
                clean(difference.get(name).and_then(Value::as_str).unwrap_or_default())
            };
            let (name, before, after, switch) =
                (part("name"), part("before"), part("after"), part("switch"));
            let _ = writeln!(text, "  {name}\n      before: {before}\n      after:  {after}");
            if !switch.is_empty() {
                let _ = writeln!(text, "      back:   {switch}");
            }
        }
        text
    }

    /// What is to be checked with the application's providers. What was typed counts where the
    /// application says nothing, and a client's secret where it belongs to the same client.
    pub(super) fn checks(&self, typed: &Checked, other: bool) -> Vec<(String, Checked)> {
        // Whoever names a provider wants to look at that one.
        if other {
            return Vec::new();
        }
        let checks = self.list("providers").filter_map(|provider| {
            let text = |name: &str| provider.get(name).and_then(Value::as_str).map(str::to_owned);
            let method = text("client_auth").and_then(|name| name.parse::<ClientAuthMethod>().ok());
            let who = match (&typed.who, text("client_id")) {
                (Who::Known(client), Some(id)) if client.id() == id => Who::Known(client.clone()),
                (_, Some(id)) => Who::Named { id, method },
                (_, None) => Who::Registers { has_token: false },
            };
            let uris = provider.get("redirect_uris").and_then(Value::as_array);
            let uris = uris.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
            let checked = Checked {
                who,
                alg: typed.alg,
                scope: text("scope").unwrap_or_else(|| typed.scope.clone()),
                acr_values: typed.acr_values.clone(),
                response_mode: typed.response_mode,
                claims: typed.claims.clone(),
                redirect_uris: if typed.redirect_uris.is_empty() {
                    uris.collect()
                } else {
                    typed.redirect_uris.clone()
                },
                registered_uris: Vec::new(),
                options: typed.options.clone(),
            };
            Some((text("issuer")?, checked))
        });
        checks.collect()
    }

    fn list(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.told.get(name).and_then(Value::as_array).into_iter().flatten()
    }
}

/// That of the virtual environment, as a shell would find it.
fn interpreter() -> PathBuf {
    match std::env::var_os("VIRTUAL_ENV") {
        Some(folder) if !folder.is_empty() => {
            let folder = PathBuf::from(folder);
            if cfg!(windows) {
                folder.join("Scripts/python.exe")
            } else {
                folder.join("bin/python")
            }
        }
        _ => PathBuf::from("python3"),
    }
}
