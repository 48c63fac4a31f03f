//! The commands, one file each.

pub(crate) mod demo;
pub(crate) mod discover;
pub(crate) mod doctor;
pub(crate) mod provider;
pub(crate) mod reference;
pub(crate) mod register;
pub(crate) mod token;

use crate::arguments::{Arguments, Command};
use crate::error::CommandError;
use crate::output;

/// Runs what was asked for.
pub(crate) fn run(arguments: Arguments) -> Result<(), CommandError> {
    let quiet = match &arguments.command {
        // What the provider warns of stands in what these commands print; why a token was refused
        // is told here alone.
        Command::Demo(_) => "warn,countersign_dev_provider=error,countersign_web::api=info",
        Command::Provider(_) => "warn,countersign_dev_provider=error",
        // They end with what went wrong.
        Command::Register(_)
        | Command::Discover(_)
        | Command::Doctor(_)
        | Command::Token(_)
        | Command::Reference => "off",
    };
    output::log(arguments.verbose, quiet);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|why| CommandError::Bug(format!("no runtime: {why}")))?;
    runtime.block_on(async {
        match arguments.command {
            Command::Demo(arguments) => arguments.run().await,
            Command::Provider(arguments) => arguments.run().await,
            Command::Register(arguments) => arguments.run().await,
            Command::Discover(arguments) => arguments.run().await,
            Command::Doctor(arguments) => arguments.run().await,
            Command::Token(arguments) => arguments.run().await,
            Command::Reference => {
                reference::print();
                Ok(())
            }
        }
    })
}
