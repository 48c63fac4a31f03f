use std::path::Path;

use crate::support::run;

fn repository(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

#[test]
fn the_readme_shows_the_examples_that_are_compiled() {
    let readme = repository("README.md");
    for name in ["axum-login.rs", "axum-api.rs"] {
        let example = repository(&format!("examples/{name}"));
        let code: Vec<&str> = example.lines().filter(|line| !line.starts_with("//!")).collect();
        let code = code.join("\n");
        assert!(readme.contains(code.trim()), "README.md shows another program than {name}");
    }
}

#[test]
fn the_readme_names_every_command_and_no_other() {
    let readme = repository("README.md");
    let (_, help) = run(&["--help"])
        .stdout
        .split_once("Commands:")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let (help, _) = help.split_once("Options:").unwrap();
    let commands: Vec<&str> = help
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty() && *name != "help")
        .collect();
    let named: Vec<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `countersign ")?.split([' ', '`']).next())
        .collect();
    assert_eq!(named, commands);
}

#[test]
fn links_in_the_readme_lead_somewhere() {
    let readme = repository("README.md");
    for link in readme.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
        if !link.starts_with("https://") {
            repository(link);
        }
    }
}
