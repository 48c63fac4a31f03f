//! Everything that a contributor runs: `cargo xtask test`, `bench`, `wheels`, `docs`, `fuzz`.

mod bench;
mod command;
mod docs;
mod fuzz;
mod install;
mod report;
mod stopwatch;
mod test;
mod wheels;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tests, measures and documents countersign.
#[derive(Debug, Parser)]
#[command(
    bin_name = "cargo xtask",
    after_help = "Examples:\n  \
        cargo xtask test                   everything, as it runs before a change lands\n  \
        cargo xtask test lint unit         two parts\n  \
        cargo xtask bench verify --json    one group of figures, one object a line"
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run the tests, all parts or the named ones, after installing what they need.
    Test(test::Arguments),
    /// Measure in a release build, each figure beside its baseline from the same run.
    Bench(bench::Arguments),
    /// Build the Python packages into target/wheels.
    Wheels(wheels::Arguments),
    /// Check the documents that are generated from the code, or write them anew.
    Docs(docs::Arguments),
    /// Feed one parser with random input for a time.
    Fuzz(fuzz::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Test(arguments) => test::run(&arguments),
        Task::Bench(arguments) => bench::run(&arguments),
        Task::Wheels(arguments) => wheels::run_with(&arguments),
        Task::Docs(arguments) => docs::run(&arguments),
        Task::Fuzz(arguments) => fuzz::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
