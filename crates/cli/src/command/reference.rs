//! The reference of all commands, out of what `--help` says.

use std::fmt::Write;

use clap::{Arg, Command};

use crate::arguments;
use crate::output;

/// Prints docs/commands.md.
pub(crate) fn print() {
    let mut text = INTRODUCTION.to_owned();
    let mut all = arguments::command();
    all.build();
    for command in all.get_subcommands().filter(|command| shown(command)) {
        describe(&mut text, command.get_name(), command);
        for inner in command.get_subcommands().filter(|command| shown(command)) {
            let name = format!("{} {}", command.get_name(), inner.get_name());
            describe(&mut text, &name, inner);
        }
    }
    output::say(text.trim_end());
}

fn describe(text: &mut String, name: &str, command: &Command) {
    let about = command.get_long_about().or(command.get_about());
    let about = about.map(ToString::to_string).unwrap_or_default();
    let usage = command.clone().render_usage().to_string();
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "\n## countersign {name}\n\n{about}\n\n```text\n{}\n```\n",
        usage.trim_start_matches("Usage: "),
    );
    if let Some(examples) = command.get_after_help() {
        let examples = examples.to_string();
        let lines = examples.lines().skip(1).map(|line| line.strip_prefix("  ").unwrap_or(line));
        let _ = write!(text, "\n```sh\n{}\n```\n", lines.collect::<Vec<_>>().join("\n"));
    }
    let mut heading = None;
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set() && !is_help(arg)) {
        let own = arg.get_help_heading().unwrap_or(if arg.is_positional() {
            "Arguments"
        } else {
            "Options"
        });
        if heading != Some(own) {
            let _ =
                write!(text, "\n**{own}**\n\n| Flag | Meaning | Variable |\n| --- | --- | --- |\n");
            heading = Some(own);
        }
        row(text, arg);
    }
}

fn row(text: &mut String, arg: &Arg) {
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let default = arg.get_default_values().first().map(|value| value.to_string_lossy());
    let takes_value = arg.get_action().takes_values();
    let default = match default.filter(|_| takes_value) {
        Some(default) => format!(" (default: `{default}`)"),
        None => String::new(),
    };
    let values = arg.get_value_names().filter(|_| takes_value).unwrap_or_default();
    let value = values.first().map(ToString::to_string).unwrap_or_default();
    let name = match arg.get_long() {
        Some(long) if value.is_empty() => format!("--{long}"),
        Some(long) => format!("--{long} {value}"),
        None => value,
    };
    let variable = arg.get_env().map(|name| format!("`{}`", name.to_string_lossy()));
    let help = help.replace('|', "\\|").replace('\n', " ");
    let _ = writeln!(text, "| `{name}` | {help}{default} | {} |", variable.unwrap_or_default());
}

fn shown(command: &Command) -> bool {
    !command.is_hide_set() && command.get_name() != "help"
}

fn is_help(arg: &Arg) -> bool {
    arg.get_id() == "help" || arg.get_id() == "version"
}

const INTRODUCTION: &str = "\
# The countersign command

Made from the code by `cargo xtask docs --write`; changes here get lost.

Every flag has a variable, which is read from the environment or from a file `.env` in the working directory. A flag goes
before the environment, and that before `.env`. `countersign COMMAND --help` says the same as this page.

Results go to standard output, everything else to standard error. The exit code is 0, or says whose fault it was: 2 the
person, 3 the provider, 4 the network, 5 a setting, 70 a bug. [errors.md](errors.md) explains the codes in messages.
";
