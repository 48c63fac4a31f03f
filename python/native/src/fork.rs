//! Processes that fork.
//!
//! In the child only the thread that forked lives on: a lock that another one held stays locked for
//! ever, a question that it asked is never answered, and sockets are shared with the parent. What
//! holds any of these is therefore built anew in each process, from settings that nobody changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::{ArcSwap, Guard};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// How often this process was forked off since the module was loaded.
pub(crate) fn epoch() -> u64 {
    EPOCH.load(Ordering::Relaxed)
}

/// Has Python tell of every fork.
pub(crate) fn watch(py: Python<'_>) -> PyResult<()> {
    let os = py.import("os")?;
    if !os.hasattr("register_at_fork")? {
        return Ok(());
    }
    let call = PyDict::new(py);
    call.set_item("after_in_child", wrap_pyfunction!(forked, py)?)?;
    os.call_method("register_at_fork", (), Some(&call))?;
    Ok(())
}

/// This is a new process.
#[pyfunction]
#[pyo3(name = "_forked")]
fn forked() {
    EPOCH.fetch_add(1, Ordering::Relaxed);
}

/// Something that is built anew in each process, at its first use there.
pub(crate) struct PerProcess<T> {
    current: ArcSwap<(u64, T)>,
}

/// What was built in this process.
pub(crate) struct Built<T>(Guard<Arc<(u64, T)>>);

impl<T> PerProcess<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { current: ArcSwap::from_pointee((epoch(), value)) }
    }

    /// What was built in this process, or what `build` makes of what stands from before the fork.
    pub(crate) fn get<E>(&self, build: impl FnOnce(&T) -> Result<T, E>) -> Result<Built<T>, E> {
        let current = self.current.load();
        let epoch = epoch();
        if current.0 == epoch {
            return Ok(Built(current));
        }
        let built = Arc::new((epoch, build(&current.1)?));
        let before = self.current.compare_and_swap(&current, built);
        if Arc::ptr_eq(&before, &current) {
            // To let go of it could mean to wait for a lock that nobody opens any more, or to speak
            // on a connection of the parent.
            std::mem::forget(Arc::clone(&before));
        }
        Ok(Built(self.current.load()))
    }
}

impl<T> std::ops::Deref for Built<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.1
    }
}

static EPOCH: AtomicU64 = AtomicU64::new(0);
