use std::path::Path;

use crate::support::run;

/// `cargo xtask docs --write` writes the document; without it, it is compared.
#[test]
fn every_command_is_documented() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/commands.md");
    let expected = run(&["reference"]).stdout;
    if std::env::var_os("COUNTERSIGN_WRITE_DOCS").is_some() {
        std::fs::write(&file, expected).unwrap();
        return;
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == expected,
        "docs/commands.md is not what the command says: run `cargo xtask docs --write`"
    );
}

#[test]
fn each_flag_has_a_variable() {
    let reference = run(&["reference"]).stdout;
    let flags: Vec<&str> = reference.lines().filter(|line| line.starts_with("| `--")).collect();
    assert!(flags.len() > 30, "{reference}");
    for line in flags {
        let flag = line["| `--".len()..].split([' ', '`']).next().unwrap();
        let variable = format!("`COUNTERSIGN_{}`", flag.to_uppercase().replace('-', "_"));
        assert!(line.contains(&variable), "{line}");
    }
}
