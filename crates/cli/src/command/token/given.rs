//! The token that a command is about: typed, or on standard input.

use std::io::{IsTerminal, Read, stdin};

use countersign::Secret;

use crate::error::CommandError;
use crate::setting::secret;

/// The token.
#[derive(Debug, clap::Args)]
pub(crate) struct Given {
    // As many as come, so that too many are complained of here, without showing them.
    /// The token; without one, or with -, it is read from standard input
    #[arg(value_name = "TOKEN", value_parser = secret)]
    token: Vec<Secret>,
}

impl Given {
    /// Reads it. `Bearer` before it may have come along with a copied header.
    pub(crate) fn read(self) -> Result<Secret, CommandError> {
        let mut words = Vec::new();
        for given in &self.token {
            if given.expose() == "-" {
                words.extend(piped()?);
            } else {
                words.extend(given.expose().split_whitespace().map(Secret::from));
            }
        }
        if self.token.is_empty() {
            words = piped()?;
        }
        let is_scheme =
            |word: &Secret| SCHEMES.iter().any(|scheme| word.expose().eq_ignore_ascii_case(scheme));
        words.retain(|word| !is_scheme(word));
        let several = words.len();
        match words.pop() {
            Some(token) if several == 1 => Ok(token),
            Some(_) => Err(CommandError::option(format!("expected one token, got {several}"))),
            None => Err(CommandError::option(NONE)),
        }
    }
}

/// What to do with a token that is no JWT.
pub(super) fn opaque() -> CommandError {
    let what = "this is no JWT, as it has no dots: an opaque token says nothing by itself; ask its \
                provider with `countersign token introspect`";
    CommandError::Token { code: "jws.malformed", what: what.to_owned() }
}

fn piped() -> Result<Vec<Secret>, CommandError> {
    if stdin().is_terminal() {
        return Err(CommandError::option(NONE));
    }
    let mut text = String::new();
    let read = stdin().lock().take(MOST).read_to_string(&mut text);
    read.map_err(|why| CommandError::file("standard input", why))?;
    let text = Secret::from(text);
    Ok(text.expose().split_whitespace().map(Secret::from).collect())
}

const SCHEMES: [&str; 3] = ["authorization:", "bearer", "dpop"];
const NONE: &str = "expected a token, as an argument or on standard input; got none";
/// Bytes; no token is nearly as long.
const MOST: u64 = 1024 * 1024;
