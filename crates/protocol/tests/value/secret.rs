use countersign_protocol::Secret;
use countersign_protocol::value::secret;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    #[serde(with = "secret::sealed")]
    one: Secret,
    #[serde(with = "secret::sealed::optional")]
    other: Option<Secret>,
}

#[test]
fn a_secret_is_not_shown() {
    let record = Record { one: Secret::from("hush"), other: Some(Secret::from("hush")) };
    assert!(!format!("{record:?}{record:#?}").contains("hush"));
}

#[test]
fn a_sealed_record_gives_the_secret_back() {
    for other in [None, Some(Secret::from("ü\u{0}\""))] {
        let record = Record { one: Secret::from(""), other };
        let text = serde_json::to_string(&record).unwrap();
        let read: Record = serde_json::from_str(&text).unwrap();
        assert_eq!(read.one, record.one);
        assert_eq!(read.other, record.other);
    }
}

#[test]
fn secrets_are_equal_only_byte_for_byte() {
    assert_eq!(Secret::from("hush"), Secret::from("hush".to_owned()));
    for other in ["", "hus", "hush ", "Hush", "hush\u{0}"] {
        assert_ne!(Secret::from("hush"), Secret::from(other));
    }
}
