//! Every error code is documented, in a document that is made from the codes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use countersign_protocol::{Code, Fault};

use crate::workspace::{root, rust_files};

/// The codes of all layers. A layer with codes of its own adds its table here.
const TABLES: &[&[&Code]] = &[
    countersign_protocol::error::CODES,
    countersign_protocol::jose_codes::CODES,
    countersign_web::CODES,
    countersign_dev_provider::CODES,
];

/// `cargo xtask docs --write` writes the document; without it, it is compared.
#[test]
fn every_error_code_is_documented() {
    let file = root().join(FILE);
    let expected = document();
    if std::env::var_os("COUNTERSIGN_WRITE_DOCS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, expected).unwrap();
        return;
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == expected,
        "{FILE} is not what the code says: run `cargo xtask docs --write`"
    );
}

#[test]
fn an_error_code_means_one_thing() {
    let mut seen = BTreeSet::new();
    for code in codes() {
        assert!(seen.insert(code.code), "{} stands in the tables twice", code.code);
    }
}

#[test]
fn error_codes_are_dotted_words_and_their_texts_are_sentences() {
    for Code { code, meaning, remedy, .. } in codes() {
        let word = |word: &str| {
            word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && !word.is_empty()
        };
        assert!(code.split('.').count() == 2 && code.split('.').all(word), "{code}");
        for text in [meaning, remedy] {
            assert!(text.ends_with(['.', '?']), "{code}: {text}");
        }
    }
}

/// The layers below the table write their codes as texts.
#[test]
fn every_code_that_the_source_writes_stands_in_the_tables() {
    let known: BTreeSet<&str> = codes().map(|code| code.code).collect();
    let mut found = 0;
    for path in rust_files(&root().join("crates/jose/src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        for (_, rest) in text.match_indices("=> \"").map(|(at, _)| text[at..].split_at(4)) {
            let word = rest.split('"').next().unwrap_or_default();
            if word.split('.').count() == 2
                && word.bytes().all(|b| b.is_ascii_lowercase() || b"._".contains(&b))
            {
                found += 1;
                assert!(known.contains(word), "{}: {word} stands in no table", path.display());
            }
        }
    }
    assert!(found > 30, "only {found} codes were found: has their form changed?");
}

fn codes() -> impl Iterator<Item = &'static Code> {
    TABLES.iter().flat_map(|table| table.iter().copied())
}

fn document() -> String {
    let mut stories: BTreeMap<&str, BTreeMap<&str, &Code>> = BTreeMap::new();
    for code in codes() {
        let (story, _) = code.code.split_once('.').unwrap();
        stories.entry(story).or_default().insert(code.code, code);
    }
    let mut text = INTRODUCTION.to_owned();
    for (story, codes) in stories {
        write!(text, "\n## {story}\n\n| Code | Fault | What happened | What to look at |\n| --- | --- | --- | --- |\n")
            .unwrap();
        for Code { code, fault, meaning, remedy } in codes.into_values() {
            let row =
                [format!("`{code}`"), fault_name(*fault).to_owned(), cell(meaning), cell(remedy)];
            writeln!(text, "| {} |", row.join(" | ")).unwrap();
        }
    }
    text
}

fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::Person => "person",
        Fault::Provider => "provider",
        Fault::Network => "network",
        Fault::Setup => "setup",
        Fault::Bug => "bug",
    }
}

/// Text that a table of Markdown can hold.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}

const FILE: &str = "docs/errors.md";

const INTRODUCTION: &str = "\
# Error codes

Made from the code by `cargo xtask docs --write`; changes here get lost.

A code is stable and the same everywhere: in logs, on error pages, in JSON answers, at the command line. Its fault
decides what the answer is.

| Fault | Browser | API | Exit code | Log |
| --- | --- | --- | --- | --- |
| person | the login starts again once, then a page with status 400 | 401 or 403 with a challenge | 2 | info |
| provider | a page with status 502 | 502 | 3 | warn |
| network | a page with status 503 and `Retry-After` | 503 | 4 | warn |
| setup | a page with status 500 | 500 | 5 | error, names the setting |
| bug | a page with status 500 | 500 | 70 | error |
";
