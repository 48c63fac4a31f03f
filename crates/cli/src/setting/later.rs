//! Flags that are planned and not built: refused, never ignored.

use crate::error::CommandError;

/// These flags take what is built already, and say so otherwise.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Partly built")]
pub(crate) struct Later {
    /// The response type; so far: code
    #[arg(long, value_name = "TYPE", default_value = "code")]
    response_type: String,

    /// Where sessions are kept; so far: cookie (sealed, in the browser)
    #[arg(long, value_name = "STORE", default_value = "cookie")]
    store: String,
}

impl Later {
    pub(crate) fn refuse(self) -> Result<(), CommandError> {
        let not_built = |flag, got, works| Err(CommandError::NotBuilt { flag, got, works });
        if self.response_type != "code" {
            return not_built("--response-type", self.response_type, "code works");
        }
        if self.store != "cookie" {
            // The address of a store may hold a password.
            let kind = self.store.split(':').next().unwrap_or_default().to_owned();
            return not_built("--store", kind, "cookie works");
        }
        Ok(())
    }
}
