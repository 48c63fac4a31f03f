//! The build from nothing, as it is for somebody who has just cloned the repository: an empty cargo home, an
//! empty target directory, the debug profile, up to the address that the program prints. Wall time, once each.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::child::Child;
use crate::figure::Figure;
use crate::programs::{Built, COUNTERSIGN, HELLO, Program};
use crate::start;

/// Takes `build/cold_to_address`, `build/packages`, `build/release_binary` and, of the three crates that cost
/// most, `build/cost/NAME`.
pub fn take(give: &mut dyn FnMut(Figure) -> Result<()>) -> Result<()> {
    let theirs = cold(&HELLO, start::bare)?;
    let ours = cold(&COUNTERSIGN, start::demo)?;
    let (seconds, their_seconds) = (ours.seconds, theirs.seconds);
    give(Figure::new("build/cold_to_address", "s", seconds, HELLO_IS, their_seconds))?;
    let (packages, their_packages) = (ours.packages as f64, theirs.packages as f64);
    give(Figure::new("build/packages", "crates", packages, HELLO_IS, their_packages))?;
    let (size, their_size) = (size(&COUNTERSIGN.release()?)?, size(&HELLO.release()?)?);
    give(Figure::new("build/release_binary", "KiB", size, HELLO_IS, their_size))?;
    let all: f64 = ours.costs.iter().map(|(_, seconds)| seconds).sum();
    for (name, seconds) in ours.costs.iter().take(3) {
        give(Figure::new(format!("build/cost/{name}"), "s", *seconds, "all crates", all))?;
    }
    Ok(())
}

/// What a build from nothing has cost.
struct Cold {
    seconds: f64,
    packages: usize,
    /// By package, the dearest first: seconds during which one of its units was compiled or its build script ran.
    costs: Vec<(String, f64)>,
}

fn cold(program: &Program, start: fn(&Path) -> Result<Child>) -> Result<Cold> {
    let place = tempfile::tempdir()?;
    let target = place.path().join("target");
    let mut command: Command = program.cargo();
    command.env("CARGO_HOME", place.path().join("home")).env("CARGO_TARGET_DIR", &target);
    let begin = Instant::now();
    let Built { binary, packages } = program.build(command.arg("--timings"))?;
    let child = start(&binary)?;
    let seconds = begin.elapsed().as_secs_f64();
    drop(child);
    Ok(Cold { seconds, packages, costs: costs(&target)? })
}

#[derive(Deserialize)]
struct Unit {
    name: String,
    duration: f64,
}

/// Reads cargo's own report, a page with the data as a script's constant.
fn costs(target: &Path) -> Result<Vec<(String, f64)>> {
    let page = fs::read_to_string(target.join("cargo-timings/cargo-timing.html"))?;
    let (_, rest) = page.split_once("const UNIT_DATA = ").context("the report's data")?;
    let mut units = serde_json::Deserializer::from_str(rest).into_iter::<Vec<Unit>>();
    let mut costs: Vec<(String, f64)> = Vec::new();
    for Unit { name, duration } in units.next().context("the report's units")?? {
        match costs.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += duration,
            None => costs.push((name, duration)),
        }
    }
    costs.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    Ok(costs)
}

fn size(binary: &Path) -> Result<f64> {
    Ok(fs::metadata(binary)?.len() as f64 / 1024.0)
}

const HELLO_IS: &str = "bare axum server";
