//! `cargo xtask test`: the parts, in order, and what each of them runs.

mod browser;
mod deny;
mod docs;
mod format;
mod lint;
mod peers;
mod python;
mod unit;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::report::{End, Report};
use crate::stopwatch::Stopwatch;

/// Which parts run.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A part that cannot run fails and says why; none is ever skipped. What a part needs \
                  (npm and Python packages, Debian's Chromium and Redis) is installed on its first run."
)]
pub(crate) struct Arguments {
    /// The parts to run; all of them when none is named
    #[arg(value_name = "PART")]
    parts: Vec<Part>,
    /// Run the parts after a failed one as well
    #[arg(long)]
    keep_going: bool,
}

/// One part, in the order in which they run: the quick and common failures first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Sources are formatted
    Format,
    /// Clippy finds nothing: strictly in the product, with the comforts that tests need in tests
    Lint,
    /// The documentation builds without a warning
    Docs,
    /// Tests and examples in documentation of all crates, vectors, stories, architecture
    Unit,
    /// Licences, doubles and banned crates among the dependencies, by deny.toml
    Deny,
    /// Against npm's oidc-provider and others as child processes, and tokens of npm's jose and PyPI's joserfc
    Peers,
    /// The Python packages from their wheels, with every Python from 3.9 up and with the oldest and newest Flask
    Python,
    /// Chromium logs in, looks at the pages and takes screenshots
    Browser,
}

/// Runs the parts and prints how they ended.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut report = Report::default();
    for part in chosen(&arguments.parts) {
        let name = part.name();
        if !report.failed().is_empty() && !arguments.keep_going {
            report.add(name, End::NotRun, Default::default());
            continue;
        }
        eprintln!("\n== {name}");
        let stopwatch = Stopwatch::start();
        let end = match part.run() {
            Ok(()) => End::Passed,
            Err(error) => {
                eprintln!("{name}: {error:#}");
                End::Failed(format!("{error:#}"))
            }
        };
        report.add(name, end, stopwatch.elapsed());
    }
    println!("\ncargo xtask test\n{report}");
    let failed = report.failed();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// The named parts once each, in the order of running; all when none is named.
fn chosen(named: &[Part]) -> impl Iterator<Item = Part> {
    let all = Part::value_variants().iter().copied();
    all.filter(|part| named.is_empty() || named.contains(part))
}

impl Part {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn run(self) -> Result<()> {
        match self {
            Self::Format => format::run(),
            Self::Lint => lint::run(),
            Self::Docs => docs::run(),
            Self::Unit => unit::run(),
            Self::Deny => deny::run(),
            Self::Peers => peers::run(),
            Self::Python => python::run(),
            Self::Browser => browser::run(),
        }
    }
}
