//! `cargo xtask fuzz`: random input, steered by coverage, for one of the targets in `fuzz/`.
//!
//! The flags are those of LLVM's coverage counters, which every toolchain has. There is no address
//! sanitizer among them, which only nightly toolchains know: the product has no unsafe code.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::command::{self, cargo, first_line, program};
use crate::workspace;

/// What is fed, and for how long.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The targets are the folders of fuzz/corpus. An input that breaks a promise is written to \
                  fuzz/runner/target/broken: move it to fuzz/corpus/TARGET under a name that says what it \
                  shows, and the tests replay it from then on."
)]
pub(crate) struct Arguments {
    /// The target (`compact`, `key_set`, `callback`, …), or `all`, one after the other
    target: String,
    /// For how many seconds, each
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
}

/// Builds the fuzzer and starts it.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let known = targets()?;
    let chosen: Vec<&String> = known
        .iter()
        .filter(|name| **name == arguments.target || arguments.target == "all")
        .collect();
    if chosen.is_empty() {
        bail!("`{}` is no target: there are {} and `all`", arguments.target, known.join(", "));
    }
    let host = build()?;
    for target in chosen {
        feed(&host, target, arguments.seconds)?;
    }
    Ok(())
}

/// Compiles the fuzzer with coverage counters; gives the platform that it is built for.
fn build() -> Result<String> {
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    if first_line(program(&compiler).arg("--version")).is_none() {
        bail!(
            "the fuzzer needs a C++ compiler, and `c++` can't be run: install g++ or clang, or name one in CXX"
        );
    }
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let host = first_line(program(rustc).args(["--print", "host-tuple"]))
        .context("`rustc --print host-tuple` prints nothing; Rust 1.88 or newer is needed")?;
    if !FITTING.iter().any(|system| host.contains(system)) {
        bail!(
            "the fuzzer runs on Linux and macOS only, not on {host}; `cargo xtask test unit` replays the corpus anywhere"
        );
    }
    // With a named platform the flags are not for build scripts, which couldn't be linked with them.
    let arguments = ["build", "--release", "--manifest-path", MANIFEST, "--target", &host];
    let mut command = cargo(arguments);
    command.env("RUSTFLAGS", FLAGS.join(" ")).env_remove("CARGO_ENCODED_RUSTFLAGS");
    command.env("CARGO_TARGET_DIR", workspace::path(FOLDER));
    command::run(&mut command).context("the fuzzer could not be built")?;
    Ok(host)
}

fn feed(host: &str, target: &str, seconds: u32) -> Result<()> {
    let folder = |kind: &str| -> Result<String> {
        let folder = format!("{FOLDER}/{kind}/{target}");
        std::fs::create_dir_all(workspace::path(&folder))
            .with_context(|| format!("{folder} cannot be made"))?;
        Ok(folder)
    };
    // New inputs go into the first folder and stay there from run to run.
    let (found, broken) = (folder("found")?, folder("broken")?);
    let mut fuzzer = program(workspace::path(format!("{FOLDER}/{host}/release/{PROGRAM}")));
    fuzzer.env("COUNTERSIGN_FUZZ_TARGET", target);
    fuzzer.args([&found, &format!("{CORPUS}/{target}")]);
    fuzzer.args([
        format!("-max_total_time={seconds}"),
        format!("-max_len={LONGEST}"),
        format!("-timeout={SLOWEST}"),
        format!("-artifact_prefix={broken}/"),
        "-print_final_stats=1".to_owned(),
    ]);
    if Path::new(&workspace::path(WORDS)).is_file() {
        fuzzer.arg(format!("-dict={WORDS}"));
    }
    command::run(&mut fuzzer).with_context(|| {
        format!(
            "`{target}` broke a promise, took too long or too much memory; the input is in {broken}"
        )
    })
}

/// Each target has a folder of the same name; a test sees to that.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    let entries = std::fs::read_dir(workspace::path(CORPUS));
    for entry in entries.with_context(|| format!("{CORPUS} cannot be read"))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

const CORPUS: &str = "fuzz/corpus";
const WORDS: &str = "fuzz/words.dict";
const FOLDER: &str = "fuzz/runner/target";
const MANIFEST: &str = "fuzz/runner/Cargo.toml";
const PROGRAM: &str = "countersign-fuzz-runner";
/// Bytes of one input: as much as the longest thing that a browser sends, and a little more.
const LONGEST: usize = 70_000;
/// Seconds of one input. All of them take microseconds; what takes this long grows with a power.
const SLOWEST: u32 = 10;
/// Parts of the names of the platforms on which the fuzzer is known to work.
const FITTING: &[&str] = &["linux", "apple-darwin"];
const FLAGS: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
];
