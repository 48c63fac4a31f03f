//! What the engine tells of itself, handed on to Python's `logging` under `countersign`.
//!
//! It is gathered on the thread and handed on when the call is over: whoever tells of something may
//! hold a lock, and must not wait for the interpreter's.

use std::cell::RefCell;
use std::fmt::{self, Write as _};

use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::drive;

/// Listens from now on, in this module alone.
pub(crate) fn listen() {
    // Loaded a second time, as by a second interpreter, it listens already.
    let _ = tracing::subscriber::set_global_default(Listener);
}

/// Hands on what was told on this thread.
pub(crate) fn hand_on(py: Python<'_>) {
    let told = TOLD.take();
    if told.is_empty() {
        return;
    }
    match written(py, told) {
        Ok(()) => {}
        // A logger of the application's own that fails must not fail a login.
        Err(error) if error.is_instance_of::<PyException>(py) => error.write_unraisable(py, None),
        Err(interruption) => drive::interrupt(interruption),
    }
}

fn written(py: Python<'_>, told: Vec<(Level, String)>) -> PyResult<()> {
    let logging = py.import(intern!(py, "logging"))?;
    let logger = logging.call_method1(intern!(py, "getLogger"), (NAME,))?;
    for (level, text) in told {
        logger.call_method1(intern!(py, "log"), (severity(level), "%s", text))?;
    }
    Ok(())
}

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::DEBUG
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        TOLD.with_borrow_mut(|told| {
            if told.len() < MOST {
                told.push((*event.metadata().level(), line.whole()));
            }
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// One event as one line: its words, then `name=value`.
#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Line {
    fn whole(self) -> String {
        self.message + &self.fields
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Nothing fails that writes to a text.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

/// The numbers of Python's `logging`.
fn severity(level: Level) -> u8 {
    match level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        _ => 10,
    }
}

thread_local! {
    static TOLD: RefCell<Vec<(Level, String)>> = const { RefCell::new(Vec::new()) };
}

const NAME: &str = "countersign";
/// Of one call.
const MOST: usize = 100;
