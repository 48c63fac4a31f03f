//! Groups of flags, and what they come to.

pub(crate) mod api;
pub(crate) mod client;
pub(crate) mod later;
pub(crate) mod login;
pub(crate) mod network;
pub(crate) mod provider;

use std::path::Path;

use countersign::Secret;

use crate::error::CommandError;

/// A secret on the command line: from here on it is not shown any more.
pub(crate) fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::from(text))
}

/// A secret, from a flag or from the first line of a file. An empty one, as `.env` files have
/// them, is none.
pub(crate) fn secret_from(
    given: Option<Secret>,
    file: Option<&Path>,
    flags: [&str; 2],
) -> Result<Option<Secret>, CommandError> {
    let given = given.filter(|secret| !secret.expose().is_empty());
    let Some(path) = file else { return Ok(given) };
    if given.is_some() {
        let [flag, file_flag] = flags;
        return Err(CommandError::option(format!(
            "{flag} and {file_flag} are both set (in the environment or .env perhaps); expected one"
        )));
    }
    let text = read(path)?;
    match text.lines().next().map(str::trim) {
        Some(line) if !line.is_empty() => Ok(Some(Secret::from(line))),
        _ => Err(CommandError::file(path, "expected a secret in the first line, found none")),
    }
}

/// A text file.
pub(crate) fn read(path: &Path) -> Result<String, CommandError> {
    std::fs::read_to_string(path).map_err(|why| CommandError::file(path, why))
}

/// `NAME=VALUE`
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}
