//! The command as a child process, and somebody with a browser that knows redirects, cookies and
//! forms.

#![allow(dead_code, clippy::allow_attributes, unreachable_pub, missing_debug_implementations)]

pub mod canned;
pub mod person;
pub mod program;

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use person::Person;
pub use program::{Ended, Program, run, run_fed, run_with};

/// A port that nobody listens on, for what must be named before it is bound.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// An empty folder of this test's own.
pub fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Tries until it works; what happens in another process tells nobody when it is done.
pub fn in_time<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(done) = attempt() {
            return done;
        }
        assert!(start.elapsed() < LONGEST, "{what} did not happen within {LONGEST:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

const LONGEST: Duration = Duration::from_secs(60);
