use countersign_protocol::ReturnTo;
use url::Url;

use crate::support::Numbers;

const CORPUS: &str = include_str!("../../../../tests/vectors/open_redirects.txt");

#[test]
fn no_hostile_target_of_the_corpus_leaves_the_application() {
    let lines = CORPUS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let hostile: Vec<String> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(hostile.len() > 200);
    for target in hostile {
        assert!(ReturnTo::parse(&target).is_err(), "{target:?}");
    }
}

#[test]
fn shapes_that_browsers_turn_into_hosts_are_refused() {
    for target in [
        "",
        "evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "?next=/",
        "#/",
        ".",
        "./a",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r/evil.example",
        "\u{0}/a",
        " /a",
        "/ /evil.example",
        "/.//evil.example",
        "/..//evil.example",
        "/a/..//evil.example",
        "/a/b/../..//evil.example",
        "/%2e//evil.example",
        "/%2e%2e//evil.example",
        "/a/%2E./%2fevil.example",
        "/%2fevil.example",
        "/%5cevil.example",
        "/%252fevil.example",
        "/%25252fevil.example",
        "/%255cevil.example",
        "/%09/evil.example",
        "/%0d%0aLocation:%20//evil.example",
        "/%00/evil.example",
        "/ä",
        "/\u{ff0f}evil.example",
        "/\u{2215}evil.example",
        "/\u{200b}/evil.example",
    ] {
        assert!(ReturnTo::parse(target).is_err(), "{target:?}");
    }
}

#[test]
fn paths_of_our_own_pass_as_they_are() {
    for target in [
        "/",
        "/profile",
        "/notes?page=2&sort=-date",
        "/search?q=https://other.example//x",
        "/search?q=%2F%2Fother",
        "/a//b",
        "/a/%2F/b",
        "/a/../b",
        "/.well-known/x",
        "/a.b/..c/d..",
        "/~user/@me/:id;v=1,2!$'()*+",
        "/a#//fragment",
        "/%C3%A4",
        "/100%",
        "/%zz",
    ] {
        assert_eq!(ReturnTo::parse(target).unwrap().as_str(), target);
    }
}

#[test]
fn a_target_has_at_most_2048_bytes() {
    assert!(ReturnTo::parse(&format!("/{}", "a".repeat(2047))).is_ok());
    assert!(ReturnTo::parse(&format!("/{}", "a".repeat(2048))).is_err());
}

#[test]
fn a_stored_target_is_read_as_strictly() {
    assert!(serde_json::from_str::<ReturnTo>("\"/a\"").is_ok());
    assert!(serde_json::from_str::<ReturnTo>("\"//evil.example\"").is_err());
}

/// What a browser would do: resolve against the address of the callback.
fn resolved(target: &str) -> Url {
    Url::parse("https://app.example/auth/callback").unwrap().join(target).unwrap()
}

#[test]
fn whatever_is_accepted_stays_on_the_host_as_a_browser_reads_it() {
    let pieces = [
        "/",
        "/",
        "\\",
        "..",
        ".",
        "%2f",
        "%2F",
        "%5c",
        "%2e",
        "%252f",
        "%25",
        "%",
        "a",
        "evil.example",
        "?",
        "#",
        "@",
        ":",
        "https:",
        "\t",
        "\n",
        " ",
        "\u{0}",
        "ä",
        "%09",
        "%00",
        ";",
        "[",
        "%c0%af",
    ];
    let mut numbers = Numbers(0x5eed);
    let mut accepted = 0;
    for _ in 0..200_000 {
        let mut target = String::from("/");
        for _ in 0..numbers.below(7) {
            target.push_str(pieces[numbers.below(pieces.len())]);
        }
        let Ok(parsed) = ReturnTo::parse(&target) else { continue };
        accepted += 1;
        let url = resolved(parsed.as_str());
        assert_eq!(url.origin().ascii_serialization(), "https://app.example", "{target:?}");
        assert!(!url.path().starts_with("//"), "{target:?} leads to {url}");
    }
    assert!(accepted > 10_000, "only {accepted} of the generated targets were accepted");
}
