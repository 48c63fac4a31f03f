//! The suites, as the users of the packages meet them: from wheels, with several versions of Python and Flask.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result, bail};

use crate::command::captured;
use crate::install;
use crate::install::python::{Environment, Interpreter};
use crate::stopwatch::Stopwatch;
use crate::workspace;

/// Installs the wheels with each version of Python and Flask, and runs the suites there, two at a time.
pub(super) fn run(wheels: &[PathBuf]) -> Result<()> {
    let redis = install::debian::redis_server()?;
    let queue = Mutex::new(surroundings(&Interpreter::all()?));
    let failed = Mutex::new(Vec::new());
    let work = || {
        while let Some(next) = take(&queue) {
            if let Err(error) = next.run(wheels, &redis) {
                let name = next.name();
                eprintln!("{name}: {error:#}");
                push(&failed, name);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(work);
        }
    });
    let failed = failed.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    if !failed.is_empty() {
        bail!("the Python suites failed with {}", failed.join(" and "));
    }
    Ok(())
}

/// One Python with one Flask.
struct Surroundings {
    interpreter: Interpreter,
    flask: &'static str,
    /// With gunicorn, Redis and empty environments as well.
    has_real_parts: bool,
}

/// The newest Flask with every Python; the oldest Flask that is supported with 3.11 and the oldest Python.
///
/// Real parts take minutes: they are met by 3.11, the oldest and the newest Python.
fn surroundings(interpreters: &[Interpreter]) -> VecDeque<Surroundings> {
    let mut all = Vec::new();
    for (index, interpreter) in interpreters.iter().enumerate() {
        let (is_first, is_last) = (index == 0, index + 1 == interpreters.len());
        let with = |flask, has_real_parts| Surroundings {
            interpreter: interpreter.clone(),
            flask,
            has_real_parts,
        };
        all.push(with("3.1", is_first || is_last || interpreter.is_main()));
        if is_first || interpreter.is_main() {
            all.push(with("2.2", false));
        }
    }
    // What takes longest comes first, and before it what is asked for most.
    all.sort_by_key(|one| (!one.has_real_parts, !one.interpreter.is_main()));
    all.into()
}

impl Surroundings {
    fn name(&self) -> String {
        name(&self.interpreter, self.flask)
    }

    fn run(&self, wheels: &[PathBuf], redis: &std::path::Path) -> Result<()> {
        let stopwatch = Stopwatch::start();
        let name = self.name();
        let environment = environment(&self.interpreter, self.flask)?;
        environment.add(wheels)?;
        let mut pytest = environment.python();
        pytest.args(["-m", "pytest", "--quiet", "--config-file", "python/pyproject.toml"]);
        pytest.args(["-p", "no:cacheprovider", "python/tests"]);
        if !self.has_real_parts {
            pytest.arg("--ignore=python/tests/real");
        } else if !self.interpreter.is_main() {
            // The originals are locked for 3.11.
            pytest.arg("--ignore=python/tests/real/test_beside_originals.py");
        }
        pytest.env("COUNTERSIGN_REDIS_SERVER", redis);
        pytest.env("COUNTERSIGN_WHEELS", workspace::path(super::WHEELS));
        let printed = captured(&mut pytest).context("what failed is above")?;
        let summary = printed.lines().last().unwrap_or_default().trim_matches(['=', ' ']);
        eprintln!("{name}: {summary}, {:.0} s in all", stopwatch.elapsed().as_secs_f64());
        Ok(())
    }
}

/// With everything that the suites need besides the wheels.
pub(super) fn environment(interpreter: &Interpreter, flask: &str) -> Result<Environment> {
    let lock = format!("python/requirements/flask-{flask}.txt");
    Environment::ensure(&name(interpreter, flask), interpreter, &[&lock])
}

fn name(interpreter: &Interpreter, flask: &str) -> String {
    format!("python-{}-flask-{flask}", interpreter.short())
}

fn take<T>(queue: &Mutex<VecDeque<T>>) -> Option<T> {
    queue.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pop_front()
}

fn push<T>(list: &Mutex<Vec<T>>, item: T) {
    list.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(item);
}

/// Environments whose suites run at the same time.
const AT_A_TIME: usize = 2;
