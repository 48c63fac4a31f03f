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

/// Says what was not understood, or the help that was asked for. A token that was typed where none
/// belongs stays untold.
pub(crate) fn misunderstood(error: &clap::Error) {
    let rendered = error.render();
    let (help, mut text) = if error.use_stderr() {
        (
            false,
            if stderr().is_terminal() { rendered.ansi().to_string() } else { rendered.to_string() },
        )
    } else {
        (
            true,
            if stdout().is_terminal() { rendered.ansi().to_string() } else { rendered.to_string() },
        )
    };
    if help {
        say(text.trim_end());
        return;
    }
    for word in std::env::args().filter(|word| may_be_secret(word)) {
        text = text.replace(&word, "…");
    }
    note(text.trim_end());
}

/// A JWT, or a long word that is neither flag, address nor path.
fn may_be_secret(word: &str) -> bool {
    word.starts_with("eyJ")
        || word.len() >= LONG && !word.contains(['/', ':', '=', ' ']) && !word.starts_with("--")
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

/// No subcommand or value to choose from is as long.
const LONG: usize = 20;
const VERBOSE: &str = "info,countersign=debug,countersign_web=debug,countersign_dev_provider=debug";
