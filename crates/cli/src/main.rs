//! The countersign command: OpenID Connect to try, to set up and to look into.

mod app;
mod arguments;
mod command;
mod error;
mod output;
mod serve;
mod setting;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match arguments::read() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    match command::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            error.exit_code()
        }
    }
}
