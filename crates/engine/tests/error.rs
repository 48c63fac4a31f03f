use std::collections::HashSet;

use countersign::protocol::value::endpoint::Endpoint;
use countersign::{Error, ErrorKind, Fault};

use crate::support::down;

#[test]
fn every_code_says_whose_fault_it_is_once() {
    let codes: HashSet<_> = countersign::codes().iter().map(|entry| entry.code).collect();
    assert_eq!(codes.len(), countersign::codes().len());
}

#[test]
fn an_error_begins_with_its_code() {
    for error in [
        Error::setup("the answer is 42"),
        Error::from(ErrorKind::NoKeys),
        Error::from(ErrorKind::NoAlgorithm),
        Error::from(ErrorKind::NoRefreshToken),
        Error::from(ErrorKind::RedirectUri { got: "x".into() }),
        Error::from(ErrorKind::Network { endpoint: Endpoint::Token, failure: down() }),
    ] {
        assert!(error.to_string().starts_with(&format!("{}: ", error.code())), "{error}");
        assert_eq!(format!("{error:?}"), error.to_string());
        assert_eq!(error.meaning(), error.entry().meaning);
        assert_eq!(error.retry_after().is_some(), error.fault() == Fault::Network);
        assert!(countersign::codes().contains(&error.entry()));
        assert!(error.provider_says().is_none());
    }
}
