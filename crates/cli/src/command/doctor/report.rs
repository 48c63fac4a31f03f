//! All findings together, as text and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use super::finding::{Finding, Level, clean, name_of};
use super::flask::Application;
use super::worst;
use crate::error::CommandError;
use crate::output;

/// Everything that was looked at.
#[derive(Default)]
pub(super) struct Report {
    pub(super) application: Option<Application>,
    pub(super) sections: Vec<Section>,
}

/// One provider.
pub(super) struct Section {
    issuer: String,
    findings: Vec<Finding>,
}

impl Section {
    pub(super) fn new(issuer: String, findings: Vec<Finding>) -> Self {
        Self { issuer, findings }
    }
}

impl Report {
    pub(super) fn json(&self) -> Value {
        let providers = self.sections.iter().map(|section| {
            let findings: Vec<_> = section.findings.iter().map(Finding::json).collect();
            json!({ "issuer": section.issuer, "findings": findings })
        });
        let mut report = json!({
            "ok": self.findings().all(|finding| finding.level() != Level::Wrong),
            "providers": providers.collect::<Vec<_>>(),
        });
        if let Some(members) = report.as_object_mut() {
            if let Some(application) = &self.application {
                members.insert("application".to_owned(), application.json());
            }
            if let Some(fault) = worst(self.findings()) {
                members.insert("worst".to_owned(), json!(name_of(fault)));
            }
        }
        report
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        if let Some(application) = &self.application {
            text.push_str(&application.text());
        }
        for section in &self.sections {
            let title = match section.issuer.as_str() {
                "" => "Provider",
                issuer => &format!("Provider {}", clean(issuer)),
            };
            // Writing to a string does not fail.
            let _ = writeln!(text, "\n{}", output::bold(title));
            section.findings.iter().for_each(|finding| text.push_str(&finding.text()));
        }
        let count = |level| self.findings().filter(|finding| finding.level() == level).count();
        let _ = writeln!(
            text,
            "\n{} looked at: {} wrong, {} to think about.",
            self.findings().count(),
            count(Level::Wrong),
            count(Level::Warning),
        );
        text
    }

    /// An error when anything is wrong.
    pub(super) fn judged(&self) -> Result<(), CommandError> {
        let Some(fault) = worst(self.findings()) else { return Ok(()) };
        let wrong = self.findings().filter(|finding| finding.level() == Level::Wrong).count();
        Err(CommandError::Unwell { wrong, fault, whose: name_of(fault) })
    }

    fn findings(&self) -> impl Iterator<Item = &Finding> {
        let application = self.application.iter().flat_map(Application::findings);
        application.chain(self.sections.iter().flat_map(|section| &section.findings))
    }
}
