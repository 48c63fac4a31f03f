//! Figures, each beside its baseline from the same run: `cargo xtask bench [GROUP] [--json]`.
//!
//! Both sides of a figure take turns within the same seconds, so that a busy machine slows both; the least of
//! many rounds counts on either side, in CPU time of the measuring thread. Only ratios carry over to another
//! machine.

mod figure;
mod measure;
mod verify;

use anyhow::{Result, bail};
use clap::Parser;

use figure::Figure;

/// Takes figures.
#[derive(Debug, Parser)]
struct Arguments {
    /// The group of figures, the first part of their names; all when none is named
    group: Option<String>,
    /// One JSON object a line instead of a table
    #[arg(long)]
    json: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let wanted = |name: &str| arguments.group.as_deref().is_none_or(|group| group == name);
    if !GROUPS.iter().any(|(name, _)| wanted(name)) {
        let names: Vec<_> = GROUPS.iter().map(|(name, _)| *name).collect();
        bail!("there is no such group; there are: {}", names.join(", "));
    }
    if !arguments.json {
        println!("{}", Figure::HEADING);
    }
    for (_, take) in GROUPS.iter().filter(|(name, _)| wanted(name)) {
        take(&mut |figure| {
            // As they come: a whole run takes minutes.
            if arguments.json {
                println!("{}", serde_json::to_string(&figure)?);
            } else {
                println!("{figure}");
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Takes the figures of one group and hands each over.
type Group = fn(&mut dyn FnMut(Figure) -> Result<()>) -> Result<()>;

const GROUPS: &[(&str, Group)] = &[("verify", verify::take)];
