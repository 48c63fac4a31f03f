//! What the command says, and where: results on standard output, everything else on standard error.

use std::io::{IsTerminal, Write, stderr, stdout};

use serde_json::Value;
use tracing_subscriber::EnvFilter;

use crate::error::CommandError;

/// Prints a result. Whoever has closed the pipe wants no more of it.
pub(crate) fn say(text: &str) {
    let _ = writeln!(stdout().lock(), "{text}");
    let _ = stdout().flush();
}

/// Prints a result as one line of JSON.
pub(crate) fn json(value: &Value) {
    say(&value.to_string());
}

/// Prints something beside the result.
pub(crate) fn note(text: &str) {
    let _ = writeln!(stderr().lock(), "{text}");
}

/// Says what takes a while, to whoever looks at a terminal.
pub(crate) fn progress(text: &str) {
    if stderr().is_terminal() {
        note(text);
    }
}

/// Says why the command ended.
pub(crate) fn complain(error: &CommandError) {
    let (red, plain) = if stderr().is_terminal() { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
    note(&format!("{red}error:{plain} {error}"));
}

/// Bold on a terminal.
pub(crate) fn bold(text: &str) -> String {
    if stdout().is_terminal() { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}

/// Sends what the libraries tell to standard error: `RUST_LOG` decides, then `--verbose`.
pub(crate) fn log(verbose: bool, quiet: &str) {
    let chosen = if verbose { VERBOSE } else { quiet };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(chosen));
    // A second subscriber can't come about, and nothing is lost but the log if it does.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .try_init();
}

const VERBOSE: &str = "info,countersign=debug,countersign_web=debug,countersign_dev_provider=debug";
