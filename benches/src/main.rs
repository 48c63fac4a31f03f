//! Figures, each beside its baseline from the same run: `cargo xtask bench [GROUP] [--json]`.
//!
//! Both sides of a figure take turns within the same seconds, so that a busy machine slows both; the least of
//! many rounds counts on either side, in CPU time of the measuring thread or of the measured process, unless a
//! group says otherwise. Only ratios carry over to another machine.

mod build;
mod check;
mod child;
mod figure;
mod flask;
mod guard;
mod login;
mod measure;
mod memory;
mod programs;
mod provider;
mod route;
mod start;
mod tokens;
mod verify;

use anyhow::{Result, bail};
use clap::Parser;

use figure::Figure;

/// Takes figures.
#[derive(Debug, Parser)]
struct Arguments {
    /// The group of figures, the first part of their names; all but `build` when none is named
    group: Option<String>,
    /// One JSON object a line instead of a table
    #[arg(long)]
    json: bool,
    /// Be one of the servers that are measured instead
    #[arg(long, hide = true, value_name = "ROLE")]
    serve: Option<String>,
    /// The provider of that server
    #[arg(long, hide = true, value_name = "URL", default_value = "")]
    issuer: String,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(role) = &arguments.serve {
        return login::serve(role, &arguments.issuer);
    }
    let wanted = |group: &&Group| match &arguments.group {
        Some(name) => name == group.name,
        None => group.by_default,
    };
    if !GROUPS.iter().any(|group| wanted(&group)) {
        let names: Vec<_> = GROUPS.iter().map(|group| group.name).collect();
        bail!("there is no such group; there are: {}", names.join(", "));
    }
    if !arguments.json {
        println!("{}", Figure::HEADING);
    }
    for group in GROUPS.iter().filter(wanted) {
        (group.take)(&mut |figure| {
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

struct Group {
    name: &'static str,
    /// Takes the figures and hands each over.
    take: fn(&mut dyn FnMut(Figure) -> Result<()>) -> Result<()>,
    by_default: bool,
}

const GROUPS: &[Group] = &[
    Group { name: "verify", take: check::take, by_default: true },
    Group { name: "jose", take: verify::take, by_default: true },
    Group { name: "route", take: route::take, by_default: true },
    Group { name: "memory", take: memory::take, by_default: true },
    Group { name: "login", take: login::take, by_default: true },
    Group { name: "guard", take: guard::take, by_default: true },
    Group { name: "start", take: start::take, by_default: true },
    Group { name: "flask", take: flask::take, by_default: true },
    // It compiles everything once more, from nothing.
    Group { name: "build", take: build::take, by_default: false },
];
