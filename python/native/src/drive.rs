//! Driving the engine from Python's threads.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use countersign::blocking::{Sleeper, block_on};
use pyo3::intern;
use pyo3::prelude::*;

use crate::log;
use crate::transport::Door;

/// Drives an operation to its end; the interpreter's lock is free while it waits.
///
/// What an exception of the application's own interrupted ends with that exception.
pub(crate) fn wait<T: Send>(
    py: Python<'_>,
    door: &Door,
    operation: impl Future<Output = T> + Send,
) -> PyResult<T> {
    let output = match door {
        Door::Own(_) => py.detach(|| block_on(operation)),
        // The application's transport runs on this thread and frees the lock by itself.
        Door::Python(_) => with_python(py, operation)?,
    };
    settled(py, output)
}

/// Drives an operation that nearly always waits for nobody: the lock is kept, since to hand it over
/// would take longer than the work. The engine's own transport frees it where it is needed after all.
pub(crate) fn briefly<T>(py: Python<'_>, operation: impl Future<Output = T>) -> PyResult<T> {
    let output = with_python(py, operation)?;
    settled(py, output)
}

/// Whether an operation is driven on this thread that may hold the interpreter's lock.
pub(crate) fn may_hold_the_lock() -> bool {
    DEPTH.get() > 0
}

/// The end of every call into the engine: what was logged is handed on, and what an exception of
/// the application's own interrupted ends with that exception.
pub(crate) fn settled<T>(py: Python<'_>, output: T) -> PyResult<T> {
    log::hand_on(py);
    match INTERRUPTED.take() {
        Some(interruption) => Err(interruption),
        None => Ok(output),
    }
}

/// Keeps an exception that is to end the operation under way on this thread.
pub(crate) fn interrupt(exception: PyErr) {
    INTERRUPTED.with_borrow_mut(|kept| {
        kept.get_or_insert(exception);
    });
}

/// Whether the operation under way on this thread is to end.
pub(crate) fn is_interrupted() -> bool {
    INTERRUPTED.with_borrow(Option::is_some)
}

fn with_python<T>(py: Python<'_>, operation: impl Future<Output = T>) -> PyResult<T> {
    let nesting = Nesting::begin();
    let mut operation = pin!(operation);
    let sleeper = Sleeper::new();
    let waker = Waker::from(Arc::clone(&sleeper));
    let mut context = Context::from_waker(&waker);
    loop {
        match operation.as_mut().poll(&mut context) {
            Poll::Ready(output) => return Ok(output),
            // Another thread asks the same question, and wakes this one.
            Poll::Pending if nesting.is_outermost() => py.detach(|| sleeper.sleep()),
            // Another green thread does, which lives on this very thread.
            Poll::Pending => {
                py.import(intern!(py, "time"))?.call_method1(intern!(py, "sleep"), (MOMENT,))?;
            }
        }
    }
}

/// How many operations are under way on this thread, one within another.
struct Nesting;

impl Nesting {
    fn begin() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Self
    }

    fn is_outermost(&self) -> bool {
        DEPTH.get() == 1
    }
}

impl Drop for Nesting {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
    }
}

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static INTERRUPTED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Seconds.
const MOMENT: f64 = 0.002;
