//! The Flask drop-ins, and the packages that they stand in for.
//!
//! `benches/python` holds the applications. Each side runs them in a process and a virtual environment of its
//! own, which `cargo xtask bench` makes; both take turns, round by round. Within a process all kinds of requests
//! are in every round, in thread CPU time, and the ratio is the median of the rounds' ratios to the application's
//! unprotected view: of a machine that others use as well, this is what can be repeated.

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::figure::Figure;
use crate::measure::Samples;

/// Takes `flask/*`: ours, each followed by the original's where there is one.
pub fn take(give: &mut dyn FnMut(Figure) -> Result<()>) -> Result<()> {
    let (our_python, their_python) = (python("DROP_INS")?, python("ORIGINALS")?);
    let (mut ours, mut theirs) = (Side::start(&our_python)?, Side::start(&their_python)?);
    for _ in 0..ROUNDS {
        ours.round()?;
        theirs.round()?;
    }
    for case in &ours.cases {
        let Some(figure) = ours.figure(case, "")? else { continue };
        give(figure)?;
        if let Some(case) = theirs.cases.iter().find(|theirs| theirs.case == case.case)
            && let Some(figure) = theirs.figure(case, "/original")?
        {
            give(figure)?;
        }
    }
    drop((ours, theirs));
    for module in MODULES {
        imports(module, &our_python, &their_python, give)?;
    }
    Ok(())
}

/// One process that answers requests.
struct Side {
    process: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    cases: Vec<Case>,
    costs: HashMap<String, Samples>,
}

/// A kind of request, and the one that it is compared with.
#[derive(Debug, Deserialize)]
struct Case {
    case: String,
    baseline: Option<String>,
}

impl Side {
    fn start(python: &Path) -> Result<Self> {
        let mut command = Command::new(python);
        command.arg(here("worker.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
        // Users' settings are no part of the figures.
        command.env_remove("PYTHONPATH").env("AUTHLIB_INSECURE_TRANSPORT", "1");
        let mut process = command.spawn().with_context(|| format!("{}", python.display()))?;
        let orders = process.stdin.take().context("its input")?;
        let answers = BufReader::new(process.stdout.take().context("its output")?).lines();
        let mut side =
            Self { process, orders, answers, cases: Vec::new(), costs: HashMap::default() };
        side.cases = serde_json::from_str(&side.line()?)?;
        Ok(side)
    }

    /// Has each case measured once more.
    fn round(&mut self) -> Result<()> {
        writeln!(self.orders, "round")?;
        let costs: BTreeMap<String, f64> = serde_json::from_str(&self.line()?)?;
        for (case, nanoseconds) in costs {
            self.costs.entry(case).or_default().add(nanoseconds);
        }
        Ok(())
    }

    fn line(&mut self) -> Result<String> {
        let line = self.answers.next().transpose()?;
        line.context("the applications ended; what they said is above")
    }

    /// None for what others are compared with.
    fn figure(&self, case: &Case, suffix: &str) -> Result<Option<Figure>> {
        let Some(baseline) = &case.baseline else { return Ok(None) };
        let costs = |name: &str| self.costs.get(name).with_context(|| format!("no {name}"));
        let name = format!("flask/{}{suffix}", case.case);
        let (ours, base) = (costs(&case.case)?, costs(baseline)?);
        Ok(Some(Figure::paired(name, "µs", ours, "unprotected view", base)))
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What importing a drop-in costs beside its original, where Flask is there already.
fn imports(
    module: &str,
    ours: &Path,
    theirs: &Path,
    give: &mut dyn FnMut(Figure) -> Result<()>,
) -> Result<()> {
    let mut times = (Samples::default(), Samples::default());
    let mut sizes = (Samples::default(), Samples::default());
    for _ in 0..IMPORTS {
        for (python, time, size) in
            [(ours, &mut times.0, &mut sizes.0), (theirs, &mut times.1, &mut sizes.1)]
        {
            let cost = import(module, python)?;
            time.add(cost.nanoseconds);
            size.add(cost.kib);
        }
    }
    let figure =
        Figure::median(format!("flask/import/{module}"), "ms", &times.0, ORIGINAL, &times.1);
    give(figure)?;
    give(Figure::median(format!("flask/memory/{module}"), "KiB", &sizes.0, ORIGINAL, &sizes.1))
}

#[derive(Debug, Deserialize)]
struct Import {
    nanoseconds: f64,
    kib: f64,
}

fn import(module: &str, python: &Path) -> Result<Import> {
    let mut command = Command::new(python);
    command.arg(here("imports.py")).arg(module).env_remove("PYTHONPATH").stderr(Stdio::inherit());
    let output = command.output()?;
    ensure!(output.status.success(), "{module} can't be imported by {}", python.display());
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn here(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(file)
}

/// The Python of one of the environments.
fn python(side: &str) -> Result<PathBuf> {
    let variable = format!("COUNTERSIGN_BENCH_{side}");
    let path = env::var_os(&variable);
    path.map(PathBuf::from).with_context(|| {
        format!("{variable} names no Python: `cargo xtask bench flask` makes the environments")
    })
}

const MODULES: &[&str] = &["flask_pyoidc", "flask_oidc", "flask_jwt_oidc"];
const ORIGINAL: &str = "original";
const ROUNDS: usize = 100;
const IMPORTS: usize = 15;
