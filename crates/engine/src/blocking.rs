//! Driving the engine from a thread that may wait.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

/// Runs a future to its end on this thread, without any runtime.
///
/// With a transport whose futures are ready at once (a blocking client) the thread sleeps only while
/// another one asks the same question; it then shares that one's answer.
///
/// ```
/// assert_eq!(countersign::blocking::block_on(async { 1 + 1 }), 2);
/// ```
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let sleeper = Sleeper::new();
    let waker = Waker::from(Arc::clone(&sleeper));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => sleeper.sleep(),
        }
    }
}

/// This thread, as something that can be woken: for a loop like that of [`block_on`].
///
/// A wake that comes while the thread is busy is remembered here and not by the thread alone: whatever
/// parks during a poll, such as a channel inside a blocking client, would use it up.
#[derive(Debug)]
pub struct Sleeper {
    thread: Thread,
    is_woken: AtomicBool,
}

impl Sleeper {
    /// Of the current thread.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { thread: std::thread::current(), is_woken: AtomicBool::new(false) })
    }

    /// Sleeps until somebody wakes it, or not at all if somebody has since it slept last. Only to be
    /// called on the thread that it was made on.
    pub fn sleep(&self) {
        while !self.is_woken.swap(false, Ordering::Acquire) {
            std::thread::park();
        }
    }
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}
