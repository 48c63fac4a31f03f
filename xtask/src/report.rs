//! The closing table of a run.

use std::fmt;
use std::time::Duration;

/// How each part of a run ended.
#[derive(Debug, Default)]
pub(crate) struct Report {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    part: String,
    end: End,
    duration: Duration,
}

/// How a part ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It ran and everything in it held.
    Passed,
    /// It ran and something didn't hold, or it could not run; with the reason.
    Failed(String),
    /// An earlier failure stopped the run before it.
    NotRun,
}

impl Report {
    pub(crate) fn add(&mut self, part: impl Into<String>, end: End, duration: Duration) {
        self.lines.push(Line { part: part.into(), end, duration });
    }

    /// The names of the parts that failed.
    pub(crate) fn failed(&self) -> Vec<&str> {
        let failed = self.lines.iter().filter(|line| matches!(line.end, End::Failed(_)));
        failed.map(|line| line.part.as_str()).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Line { part, end, duration } in &self.lines {
            let seconds = duration.as_secs_f64();
            match end {
                End::Passed => writeln!(f, "  {part:<10} passed {seconds:>8.1} s")?,
                End::Failed(why) => {
                    let why: String = why.chars().take(WIDEST_REASON).collect();
                    writeln!(f, "  {part:<10} FAILED {seconds:>8.1} s  {why}")?;
                }
                End::NotRun => writeln!(f, "  {part:<10} not run")?,
            }
        }
        let total: Duration = self.lines.iter().map(|line| line.duration).sum();
        write!(f, "  {:<10}        {:>8.1} s", "total", total.as_secs_f64())
    }
}

/// The whole reason stands where it happened; the table stays a table.
const WIDEST_REASON: usize = 100;
