//! `countersign token`: access tokens, from the command line.

mod asking;
mod decode;
mod given;
mod introspect;
mod mint;
mod show;
mod times;
mod verify;

use clap::Subcommand;

use crate::error::CommandError;

/// Look into access tokens, check them, ask about them, and make some for tests
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    countersign token mint --user alice --scope notes:read\n  \
    countersign token mint | countersign token decode\n  \
    countersign token verify --issuer http://127.0.0.1:9000 --audience api < token.txt")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Decode(decode::Arguments),
    Verify(verify::Arguments),
    Introspect(introspect::Arguments),
    Mint(mint::Arguments),
}

impl Arguments {
    pub(crate) async fn run(self) -> Result<(), CommandError> {
        match self.command {
            Command::Decode(arguments) => arguments.run(),
            Command::Verify(arguments) => arguments.run().await,
            Command::Introspect(arguments) => arguments.run().await,
            Command::Mint(arguments) => arguments.run().await,
        }
    }
}
