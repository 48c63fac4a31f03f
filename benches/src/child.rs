//! Processes of our own making, and what the kernel says of them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child as Process, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

/// A server in a process of its own; it ends with its owner.
#[derive(Debug)]
pub struct Child {
    process: Process,
    /// Where it listens, as it said itself: `http://127.0.0.1:40123`.
    pub address: String,
}

impl Child {
    /// Starts a server and waits until it has printed its address.
    pub fn start(command: &mut Command) -> Result<Self> {
        let process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let process = process.with_context(|| format!("{command:?} can't be started"))?;
        // From here on it ends even if the rest fails.
        let mut child = Self { process, address: String::new() };
        let mut lines = BufReader::new(child.process.stdout.take().context("its output")?).lines();
        child.address = loop {
            let Some(line) = lines.next() else {
                bail!("{command:?} ended before it printed an address");
            };
            if let Some(address) = address_in(&line?) {
                break address;
            }
        };
        // Whatever else it prints must not block it.
        thread::spawn(move || lines.for_each(drop));
        Ok(child)
    }

    /// Nanoseconds that all its threads have spent on a processor. No thread of these servers ends before its
    /// process.
    pub fn cpu(&self) -> Result<f64> {
        let mut sum = 0.0;
        for task in fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let text = fs::read_to_string(task?.path().join("schedstat"))?;
            let spent = text.split(' ').next().context("schedstat")?;
            sum += spent.parse::<f64>()?;
        }
        Ok(sum)
    }

    /// Resident memory in KiB.
    pub fn resident(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let size = line.and_then(|line| line.split_whitespace().next()).context("VmRSS")?;
        Ok(size.parse()?)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The first loopback address in a line, without its path.
fn address_in(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("http://127.0.0.1:")?;
    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some(format!("http://127.0.0.1:{port}"))
}
