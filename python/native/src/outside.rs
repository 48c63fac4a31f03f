//! The clock: Python's, asked anew each time, since tests set it by hand.

use std::cell::Cell;

use countersign::UnixTime;
use countersign::outside::{Clock, SystemClock};
use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyModule;

use crate::{convert, drive};

/// `time.time()`, looked up at each call.
#[derive(Debug)]
pub(crate) struct PythonClock;

impl Clock for PythonClock {
    fn now(&self) -> UnixTime {
        READ.get().unwrap_or_else(|| Python::attach(now))
    }
}

/// Has the clock stand still on this thread, for an operation that waits for nobody.
pub(crate) struct Still;

impl Still {
    pub(crate) fn at(now: UnixTime) -> Self {
        READ.set(Some(now));
        Self
    }
}

impl Drop for Still {
    fn drop(&mut self) {
        READ.set(None);
    }
}

/// The time by Python's clock; by the system's where Python's tells none.
pub(crate) fn now(py: Python<'_>) -> UnixTime {
    match read(py) {
        Ok(now) => now,
        Err(error) if error.is_instance_of::<PyException>(py) => {
            tracing::warn!("time.time() gives no time; the system's clock is read instead");
            SystemClock.now()
        }
        Err(interruption) => {
            drive::interrupt(interruption);
            SystemClock.now()
        }
    }
}

fn read(py: Python<'_>) -> PyResult<UnixTime> {
    let time = TIME.get_or_try_init(py, || py.import("time").map(Bound::unbind))?;
    let seconds: f64 = time.bind(py).getattr(intern!(py, "time"))?.call0()?.extract()?;
    convert::moment(py, "time.time()", seconds)
}

thread_local! {
    static READ: Cell<Option<UnixTime>> = const { Cell::new(None) };
}

static TIME: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
