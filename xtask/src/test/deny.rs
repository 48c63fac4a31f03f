//! The rules of `deny.toml` over the resolved dependencies: licences, doubles, banned crates, sources.
//!
//! The file is in cargo-deny's format, so who has that tool gets more out of the same rules. Compiling it takes
//! longer than this project's own tests; advisories, which only it checks, need a database from elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use cargo_metadata::Package;
use serde::Deserialize;

use crate::workspace;

pub(super) fn run() -> Result<()> {
    let file = workspace::path("deny.toml");
    let text = std::fs::read_to_string(&file).context("deny.toml cannot be read")?;
    let rules: Rules = toml::from_str(&text).context("deny.toml is not as expected")?;
    let packages = packages(&rules.graph.targets)?;

    let mut wrong = Vec::new();
    wrong.extend(licences(&packages, &rules.licenses)?);
    wrong.extend(doubles(&packages, &rules.bans));
    wrong.extend(banned(&packages, &rules.bans));
    wrong.extend(strange_sources(&packages));
    for line in &wrong {
        eprintln!("deny: {line}");
    }
    if !wrong.is_empty() {
        bail!("{} dependencies break the rules of deny.toml", wrong.len());
    }
    eprintln!("deny: {} packages keep the rules; advisories are not checked here", packages.len());
    Ok(())
}

/// `deny.toml`, as far as it is read here.
#[derive(Debug, Deserialize)]
struct Rules {
    graph: Graph,
    licenses: Licenses,
    bans: Bans,
}

#[derive(Debug, Deserialize)]
struct Graph {
    targets: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    deny: Vec<Rule>,
    skip: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
struct Rule {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

/// What is compiled for one of the platforms, once each.
///
/// `cargo tree` decides: the graph of `cargo metadata` knows more than is compiled, such as optional crates that
/// only a weak feature names.
fn packages(platforms: &[String]) -> Result<Vec<Package>> {
    let mut compiled = BTreeSet::new();
    for platform in platforms {
        compiled.extend(workspace::compiled_for(platform)?);
    }
    let mut packages = workspace::packages()?;
    packages.retain(|p| compiled.contains(&(p.name.to_string(), p.version.to_string())));
    Ok(packages)
}

fn licences(packages: &[Package], rules: &Licenses) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for package in packages {
        let Some(written) = &package.license else {
            wrong.push(format!("{} {} names no licence", package.name, package.version));
            continue;
        };
        let expression = spdx::Expression::parse_mode(written, spdx::ParseMode::LAX)
            .with_context(|| format!("licence of {}: {written}", package.name))?;
        if !expression.evaluate(|wanted| rules.allow.contains(&wanted.to_string())) {
            wrong.push(format!(
                "{} {} is licensed under {written}, which [licenses] allow doesn't cover",
                package.name, package.version
            ));
        }
    }
    Ok(wrong)
}

/// Crates in more than one version, and exceptions for such that no longer are.
fn doubles(packages: &[Package], rules: &Bans) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for package in packages {
        versions.entry(&package.name).or_default().insert(package.version.to_string());
    }
    versions.retain(|_, versions| versions.len() > 1);

    let excepted: BTreeSet<&str> = rules.skip.iter().map(|rule| rule.name.as_str()).collect();
    let several =
        versions.iter().filter(|(name, _)| !excepted.contains(**name)).map(|(name, v)| {
            let v: Vec<_> = v.iter().map(String::as_str).collect();
            format!(
                "{name} comes in {} versions: {}; unify them or add it to [bans] skip",
                v.len(),
                v.join(", ")
            )
        });
    let stale = excepted.iter().filter(|name| !versions.contains_key(**name));
    let stale = stale.map(|name| format!("{name} in [bans] skip is not a double any more"));
    several.chain(stale).collect()
}

fn banned(packages: &[Package], rules: &Bans) -> Vec<String> {
    let found = rules.deny.iter().filter(|rule| packages.iter().any(|p| *p.name == rule.name));
    found.map(|rule| format!("{} is banned: {}", rule.name, rule.reason)).collect()
}

/// Everything comes from the public registry or lies in this repository.
fn strange_sources(packages: &[Package]) -> Vec<String> {
    let strange = packages
        .iter()
        .filter(|package| package.source.as_ref().is_some_and(|source| !source.is_crates_io()));
    strange.map(|p| format!("{} {} comes from elsewhere", p.name, p.version)).collect()
}
