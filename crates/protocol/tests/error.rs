use std::collections::HashSet;

use countersign_protocol::error::CODES;
use countersign_protocol::{Fault, ProviderSays};

#[test]
fn every_code_is_there_once_with_words() {
    let mut seen = HashSet::new();
    for entry in CODES {
        assert!(seen.insert(entry.code), "{} is there twice", entry.code);
        let (story, name) = entry.code.split_once('.').unwrap();
        assert!([story, name].iter().all(|part| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        }));
        assert!(
            entry.meaning.ends_with('.') && entry.remedy.ends_with(['.', '?']),
            "{}",
            entry.code
        );
    }
}

#[test]
fn setup_codes_are_faults_of_the_setup() {
    for entry in CODES.iter().filter(|entry| entry.code.starts_with("setup.")) {
        assert_eq!(entry.fault, Fault::Setup, "{}", entry.code);
    }
}

#[test]
fn the_providers_words_are_cut_to_what_the_rfc_allows() {
    let script = "<script>alert('1')</script>\"\\\u{0}\r\n\u{202e}ü";
    let says = ProviderSays::new("access_denied\r\n\"", Some(script));
    assert_eq!(says.error, "access_denied");
    assert_eq!(says.description.as_deref(), Some("<script>alert('1')</script>"));
}

#[test]
fn the_providers_words_are_short() {
    let says = ProviderSays::new(&"e".repeat(100_000), Some(&"d".repeat(100_000)));
    assert_eq!(says.error.len(), 64);
    assert_eq!(says.description.unwrap().len(), 512);
}

#[test]
fn kept_words_are_cut_again_when_they_are_read() {
    let says: ProviderSays =
        serde_json::from_str(r#"{"error":"a\u0000\n","description":"\"x\""}"#).unwrap();
    assert_eq!(says.to_string(), "a: x");
    let again: ProviderSays = serde_json::from_str(&serde_json::to_string(&says).unwrap()).unwrap();
    assert_eq!(again, says);
}
