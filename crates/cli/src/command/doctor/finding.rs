//! What was looked at, how it is, and what to change.

use std::fmt::Write;

use countersign::Fault;
use serde_json::{Map, Value, json};

use crate::output;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// It works, and deserves a thought.
    Warning,
    /// It does not work, or must not stay so.
    Wrong,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Wrong => "wrong",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Ok, Self::Warning, Self::Wrong].into_iter().find(|level| level.name() == name)
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    check: String,
    level: Level,
    says: String,
    change: Option<String>,
    setting: Option<String>,
    fault: Fault,
}

impl Finding {
    pub(super) fn ok(check: &str, says: impl Into<String>) -> Self {
        Self::new(check, Level::Ok, says.into())
    }

    /// Works all the same.
    pub(super) fn warning(check: &str, says: impl Into<String>) -> Self {
        Self::new(check, Level::Warning, says.into())
    }

    /// Does not work, and whose fault it is.
    pub(super) fn wrong(check: &str, fault: Fault, says: impl Into<String>) -> Self {
        Self { fault, ..Self::new(check, Level::Wrong, says.into()) }
    }

    /// What the engine refuses, with its own remedy.
    pub(super) fn refused(check: &str, error: &countersign::Error) -> Self {
        Self::wrong(check, error.fault(), error.to_string()).change(error.entry().remedy)
    }

    fn new(check: &str, level: Level, says: String) -> Self {
        let check = check.to_owned();
        Self { check, level, says, change: None, setting: None, fault: Fault::Setup }
    }

    /// What helps.
    pub(super) fn change(mut self, change: impl Into<String>) -> Self {
        self.change = Some(change.into());
        self
    }

    /// Which setting decides.
    pub(super) fn setting(mut self, setting: impl Into<String>) -> Self {
        self.setting = Some(setting.into());
        self
    }

    pub(super) fn level(&self) -> Level {
        self.level
    }

    pub(super) fn fault(&self) -> Fault {
        self.fault
    }

    pub(super) fn json(&self) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("check", json!(self.check));
        put("level", json!(self.level.name()));
        put("message", json!(self.says));
        if let Some(change) = &self.change {
            put("change", json!(change));
        }
        if let Some(setting) = &self.setting {
            put("setting", json!(setting));
        }
        if self.level == Level::Wrong {
            put("fault", json!(name_of(self.fault)));
        }
        Value::Object(object)
    }

    /// As another program wrote it; `None` when it is no finding.
    pub(super) fn from_json(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let fault = text("fault").and_then(|name| ALL.into_iter().find(|f| name_of(*f) == name));
        Some(Self {
            check: text("check")?,
            level: Level::named(&text("level")?)?,
            says: text("message")?,
            change: text("change"),
            setting: text("setting"),
            fault: fault.unwrap_or(Fault::Setup),
        })
    }

    /// Some lines of text, the further ones indented.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let level = match self.level {
            Level::Ok => "ok     ".to_owned(),
            other => output::bold(&format!("{:7}", other.name())),
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {level}  {:WIDTH$}  {}", self.check, clean(&self.says));
        let further = "";
        if let Some(change) = &self.change {
            let _ = writeln!(text, "  {further:7}  {further:WIDTH$}  Change: {}", clean(change));
        }
        if let Some(setting) = &self.setting {
            let _ = writeln!(text, "  {further:7}  {further:WIDTH$}  Setting: {}", clean(setting));
        }
        text
    }
}

/// What nobody but the provider or an application wrote must not steer the terminal.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// As docs/errors.md calls it.
pub(super) fn name_of(fault: Fault) -> &'static str {
    match fault {
        Fault::Person => "person",
        Fault::Provider => "provider",
        Fault::Network => "network",
        Fault::Setup => "setup",
        Fault::Bug => "bug",
    }
}

const ALL: [Fault; 5] = [Fault::Person, Fault::Provider, Fault::Network, Fault::Setup, Fault::Bug];
const WIDTH: usize = 16;
