//! What was typed, or stands in the environment or in `.env`, in this order of precedence.

use std::process::ExitCode;

use clap::builder::FalseyValueParser;
use clap::{Arg, ArgAction, Command as Clap, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::command::{demo, discover, doctor, provider, register, token};
use crate::error::{CommandError, SETUP};
use crate::output;

/// OpenID Connect: try it, set it up, look into it.
#[derive(Debug, Parser)]
#[command(
    name = "countersign",
    version,
    after_help = "Every flag can be set in the environment or in a file .env too: --client-id is \
                  COUNTERSIGN_CLIENT_ID. A flag goes before the environment, and that before .env.\n\n\
                  Exit codes: 2 the person, 3 the provider, 4 the network, 5 a setting, 70 a bug.\n\n\
                  Example:\n  countersign demo"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Tell what happens, on standard error
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(Box<demo::Arguments>),
    Provider(provider::Arguments),
    Register(register::Arguments),
    Discover(discover::Arguments),
    Doctor(Box<doctor::Arguments>),
    Token(token::Arguments),
    /// Print the reference of all commands as Markdown
    #[command(hide = true)]
    Reference,
}

/// Reads them all. What can't be run is told here already; the code is then the program's.
pub(crate) fn read() -> Result<Arguments, ExitCode> {
    let fail = |error: CommandError| {
        output::complain(&error);
        error.exit_code()
    };
    dotenv().map_err(fail)?;
    let parsed = command().try_get_matches().and_then(|m| Arguments::from_arg_matches(&m));
    parsed.map_err(|error| {
        output::misunderstood(&error);
        if error.use_stderr() { ExitCode::from(SETUP) } else { ExitCode::SUCCESS }
    })
}

/// The whole command line, with a variable for each flag.
pub(crate) fn command() -> Clap {
    with_variables(Arguments::command())
}

/// `.env` of the working directory; what is set in the environment stays.
fn dotenv() -> Result<(), CommandError> {
    match dotenvy::from_path(".env") {
        Ok(()) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        // The line itself stays untold, since it may hold a secret.
        Err(dotenvy::Error::LineParse(..)) => {
            Err(CommandError::file(".env", "a line is not of the form NAME=VALUE"))
        }
        Err(error) => Err(CommandError::file(".env", error)),
    }
}

fn with_variables(command: Clap) -> Clap {
    command.mut_args(with_variable).mut_subcommands(with_variables)
}

fn with_variable(arg: Arg) -> Arg {
    let Some(long) = arg.get_long() else { return arg };
    let variable = format!("COUNTERSIGN_{}", long.to_uppercase().replace('-', "_"));
    // A line `NAME=` in a file .env says that nothing is set.
    let arg = match std::env::var_os(&variable) {
        Some(empty) if empty.is_empty() => arg,
        _ => arg.env(variable).hide_env_values(true),
    };
    match arg.get_action() {
        ArgAction::SetTrue => arg.value_parser(FalseyValueParser::new()),
        _ => arg,
    }
}
