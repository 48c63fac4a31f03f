//! The command's start and its memory, against a bare axum server's.
//!
//! The start lasts from the process's creation to its first answer with status 200, in wall time; the median
//! counts here, since `countersign demo` generates the development provider's RSA key on the way and luck is no
//! measure. Memory is what is resident (`VmRSS`): after the first answer, and after 10,000 logins that somebody
//! has begun and nobody has followed, each without a cookie.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::runtime::Builder;

use crate::child::Child;
use crate::figure::Figure;
use crate::login::browser::Browser;
use crate::measure::Samples;
use crate::programs::{COUNTERSIGN, HELLO};

/// Takes `start/first_answer`, `memory/idle` and `memory/after_10000_abandoned_logins`.
pub fn take(give: &mut dyn FnMut(Figure) -> Result<()>) -> Result<()> {
    let (countersign, hello) = (COUNTERSIGN.release()?, HELLO.release()?);
    let (mut our_starts, mut their_starts) = (Samples::default(), Samples::default());
    let (mut ours, mut theirs) = (demo(&countersign)?, bare(&hello)?);
    for _ in 0..STARTS {
        // The one before ends first.
        drop((ours, theirs));
        let begin = Instant::now();
        ours = demo(&countersign)?;
        our_starts.add(begin.elapsed().as_nanos() as f64);
        let begin = Instant::now();
        theirs = bare(&hello)?;
        their_starts.add(begin.elapsed().as_nanos() as f64);
    }
    give(Figure::median("start/first_answer", "ms", &our_starts, HELLO_IS, &their_starts))?;

    let idle = ours.resident()?;
    give(Figure::new("memory/idle", "KiB", idle, HELLO_IS, theirs.resident()?))?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(Browser::new().abandon(&ours.address, ABANDONED))?;
    let after = ours.resident()?;
    give(Figure::new("memory/after_10000_abandoned_logins", "KiB", after, "idle", idle))
}

/// `countersign demo`, once it has answered.
pub fn demo(binary: &Path) -> Result<Child> {
    let mut command = Command::new(binary);
    command.args(["demo", "--listen", "127.0.0.1:0"]);
    let child = Child::start(&mut command)?;
    first_answer(&child, "/healthz")?;
    Ok(child)
}

/// The bare server, once it has answered.
pub fn bare(binary: &Path) -> Result<Child> {
    let child = Child::start(&mut Command::new(binary))?;
    first_answer(&child, "/")?;
    Ok(child)
}

fn first_answer(child: &Child, path: &str) -> Result<()> {
    let authority = child.address.strip_prefix("http://").context("an address")?;
    let mut connection = TcpStream::connect(authority)?;
    connection.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(connection, "GET {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    ensure!(answer.starts_with("HTTP/1.1 200"), "{path} answers {answer}");
    Ok(())
}

const HELLO_IS: &str = "bare axum server";
const STARTS: usize = 15;
const ABANDONED: u32 = 10_000;
