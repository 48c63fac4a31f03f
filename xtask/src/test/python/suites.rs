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
}

/// The newest Flask with every Python; the oldest Flask that is supported with 3.11 and the oldest Python.
fn surroundings(interpreters: &[Interpreter]) -> VecDeque<Surroundings> {
    let newest = interpreters.iter().map(|interpreter| (interpreter, "3.1"));
    let oldest = interpreters
        .iter()
        .enumerate()
        .filter(|(index, interpreter)| *index == 0 || interpreter.is_main())
        .map(|(_, interpreter)| (interpreter, "2.2"));
    let all = newest.chain(oldest);
    let mut all: Vec<_> =
        all.map(|(i, flask)| Surroundings { interpreter: i.clone(), flask }).collect();
    // What is asked for most comes first.
    all.sort_by_key(|one| (!one.interpreter.is_main(), one.flask));
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
