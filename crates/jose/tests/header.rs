use countersign_jose::{JsonError, Jws, Problem, SignatureError, base64url};

fn parse(header: impl AsRef<[u8]>) -> Result<(), SignatureError> {
    let token = format!("{}.e30.AA", base64url::encode(header.as_ref()));
    Jws::parse(&token).map(|_| ())
}

fn json_fault(header: impl AsRef<[u8]>) -> JsonError {
    match parse(header).unwrap_err() {
        SignatureError::Malformed { part: "header", problem: Problem::Json(fault) } => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn alg_none_is_refused_in_any_case() {
    for alg in ["none", "None", "NONE", "nOnE", "nonE"] {
        let error = parse(format!(r#"{{"alg":"{alg}"}}"#)).unwrap_err();
        assert_eq!(error, SignatureError::UnknownAlgorithm { alg: alg.to_owned() });
        assert_eq!(error.code(), "jws.algorithm");
        assert!(error.to_string().contains(alg));
    }
}

#[test]
fn alg_none_is_refused_however_it_is_escaped() {
    assert!(parse(r#"{"\u0061lg":"n\u006fne"}"#).is_err());
    assert!(parse(r#"{"\u0061lg":"RS\u003256"}"#).is_ok());
}

#[test]
fn an_unknown_algorithm_is_named_and_cut() {
    let error = parse(format!(r#"{{"alg":"{}"}}"#, "X".repeat(1000))).unwrap_err();
    assert_eq!(error, SignatureError::UnknownAlgorithm { alg: "X".repeat(32) });
    for alg in ["RSA-OAEP", "dir", "A256GCMKW", "ES256K", "HS1", "", "ML-DSA-44"] {
        let error = parse(format!(r#"{{"alg":"{alg}"}}"#)).unwrap_err();
        assert_eq!(error, SignatureError::UnknownAlgorithm { alg: alg.to_owned() });
    }
}

#[test]
fn a_missing_algorithm_is_refused() {
    let error = parse(r#"{"typ":"JWT"}"#).unwrap_err();
    let problem = Problem::Missing { member: "alg" };
    assert_eq!(error, SignatureError::Malformed { part: "header", problem });
}

#[test]
fn members_of_another_type_are_refused() {
    for (header, member, got) in [
        (r#"{"alg":null}"#, "alg", "null"),
        (r#"{"alg":["RS256"]}"#, "alg", "an array"),
        (r#"{"alg":256}"#, "alg", "a number"),
        (r#"{"alg":"RS256","kid":7}"#, "kid", "a number"),
        (r#"{"alg":"RS256","kid":null}"#, "kid", "null"),
        (r#"{"alg":"RS256","kid":{"a":"b"}}"#, "kid", "an object"),
        (r#"{"alg":"RS256","typ":["JWT"]}"#, "typ", "an array"),
    ] {
        let error = parse(header).unwrap_err();
        let problem = Problem::NotAString { member, got };
        assert_eq!(error, SignatureError::Malformed { part: "header", problem }, "{header}");
    }
}

#[test]
fn an_unknown_crit_is_refused() {
    for header in [
        r#"{"alg":"RS256","crit":["exp"],"exp":1}"#,
        r#"{"crit":["b64"],"b64":true,"alg":"RS256"}"#,
        r#"{"alg":"RS256","\u0063rit":["x"]}"#,
    ] {
        let error = parse(header).unwrap_err();
        assert_eq!(error, SignatureError::Critical { member: "crit" }, "{header}");
        assert_eq!(error.code(), "jws.critical");
    }
}

#[test]
fn an_empty_or_malformed_crit_is_refused() {
    for crit in ["[]", "null", "\"exp\"", "{}", "[1]", "[\"alg\"]", "false"] {
        let error = parse(format!(r#"{{"alg":"RS256","crit":{crit}}}"#)).unwrap_err();
        assert_eq!(error, SignatureError::Critical { member: "crit" }, "{crit}");
    }
}

#[test]
fn unencoded_and_compressed_payloads_are_refused() {
    let b64 = parse(r#"{"alg":"RS256","b64":false}"#).unwrap_err();
    assert_eq!(b64, SignatureError::Critical { member: "b64" });
    let zip = parse(r#"{"alg":"RS256","zip":"DEF"}"#).unwrap_err();
    assert_eq!(zip, SignatureError::Critical { member: "zip" });
}

#[test]
fn duplicate_members_are_refused() {
    for (header, name) in [
        (r#"{"alg":"RS256","alg":"RS256"}"#, "alg"),
        (r#"{"alg":"HS256","\u0061lg":"RS256"}"#, "alg"),
        (r#"{"alg":"RS256","kid":"a","kid":"a"}"#, "kid"),
        (r#"{"alg":"RS256","typ":"a","typ":"b"}"#, "typ"),
        (r#"{"alg":"RS256","x5t":"a","x5t":"b"}"#, "x5t"),
        (r#"{"alg":"RS256","mine":1,"mine":2}"#, "mine"),
        (r#"{"alg":"RS256","jwk":{"kty":"oct","kty":"RSA"}}"#, "kty"),
    ] {
        let error = parse(header).unwrap_err();
        assert_eq!(error, SignatureError::DuplicateMember { name: name.to_owned() }, "{header}");
        assert_eq!(error.code(), "jws.duplicate_member");
    }
}

#[test]
fn other_members_are_passed_over() {
    let header =
        r#"{"alg":"RS256","cty":"JWT","x5t":"AA","nonce":"n","jwk":{"kty":"RSA"},"x":[1]}"#;
    assert_eq!(parse(header), Ok(()));
}

#[test]
fn what_is_no_object_is_refused() {
    for header in ["", "{", r#"{"alg":"RS256"}x"#, r#"{"alg":"RS256"}{}"#] {
        assert!(matches!(json_fault(header), JsonError::Syntax { .. }), "{header}");
    }
    for (header, got) in [("null", "null"), ("[]", "an array"), ("\"alg\"", "a string")] {
        assert_eq!(json_fault(header), JsonError::NotAnObject { got });
    }
    assert_eq!(json_fault(b"{\"alg\":\"RS256\",\"kid\":\"\xff\"}"), JsonError::NotUtf8);
}

#[test]
fn deep_nesting_in_the_header_is_refused() {
    let deep =
        |levels| format!(r#"{{"alg":"RS256","x":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    assert_eq!(parse(deep(31)), Ok(()));
    assert_eq!(json_fault(deep(32)), JsonError::TooDeep { limit: 32 });
    assert_eq!(json_fault(deep(4000)), JsonError::TooDeep { limit: 32 });
}

#[test]
fn a_header_beyond_eight_kibibytes_is_refused() {
    let sized = |bytes: usize| format!(r#"{{"alg":"RS256","x5u":"{}"}}"#, "u".repeat(bytes - 24));
    assert_eq!(sized(8192).len(), 8192);
    assert_eq!(parse(sized(8192)), Ok(()));
    let error = parse(sized(8193)).unwrap_err();
    assert_eq!(error, SignatureError::TooLarge { part: "header", bytes: 8193, limit: 8192 });
}

#[test]
fn a_header_of_very_many_members_is_refused() {
    let many = |count: usize| {
        let members: String = (0..count).map(|n| format!(r#","m{n}":0"#)).collect();
        format!(r#"{{"alg":"RS256"{members}}}"#)
    };
    assert_eq!(parse(many(32)), Ok(()));
    let problem = Problem::TooManyMembers { limit: 32 };
    assert_eq!(parse(many(33)), Err(SignatureError::Malformed { part: "header", problem }));
}
