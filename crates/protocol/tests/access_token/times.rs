use std::time::Duration;

use countersign_protocol::UnixTime;
use countersign_protocol::access_token::AccessTokenError;
use serde_json::{Value, json};

use super::scene::{Scene, T, code};
use crate::support::NOW;

const TIMES: [&str; 4] = ["exp", "iat", "nbf", "auth_time"];

#[test]
fn a_time_of_a_wrong_form_is_refused_and_never_taken_as_absent() {
    for claim in TIMES {
        for wrong in [
            json!(format!("{}", T + 300)),
            json!(""),
            json!(null),
            json!([]),
            json!([T + 300]),
            json!({}),
            json!({"$numberLong": "1"}),
            json!(true),
            json!(false),
            json!(1e300),
            json!(-1e300),
            json!(u64::MAX),
            json!(i64::MAX),
            json!(i64::MIN),
            json!(253_402_300_800_i64),
            json!(-62_135_596_801_i64),
        ] {
            let judged = Scene::new().with(json!({ claim: wrong }));
            assert_eq!(code(judged), "access_token.claim", "{claim} {wrong}");
            let said = json!({"iss": "https://op.example", "aud": "api", claim: wrong});
            let judged = Scene::new().said(said, false);
            assert_eq!(code(judged), "access_token.claim", "introspected {claim} {wrong}");
        }
    }
}

#[test]
fn a_number_that_json_does_not_know_is_refused() {
    for claim in TIMES {
        for text in ["1e400", "-1e400", "NaN", "0x1", "01", "+1", "1_0", "Infinity", "1.", ".5"] {
            let claims = Value::Object(Scene::claims()).to_string();
            let claims = claims.replace(&format!("\"{claim}\":"), "\"was\":");
            let claims = claims.replacen('{', &format!("{{\"{claim}\":{text},"), 1);
            assert_eq!(code(Scene::new().claiming(&claims)), "access_token.malformed", "{text}");
        }
    }
}

#[test]
fn a_token_without_end_is_refused() {
    assert_eq!(code(Scene::new().without("exp")), "access_token.claim");
}

#[test]
fn other_times_may_be_absent() {
    let token = Scene::new().without("iat").unwrap();
    assert_eq!((token.issued_at(), token.not_before(), token.auth_time()), (None, None, None));
    assert!(token.expires_at().is_some());
}

#[test]
fn every_time_is_read_with_its_fraction() {
    let claims = json!({
        "exp": 1_700_000_300.5, "iat": 1_699_999_999.25, "nbf": 1.7e9, "auth_time": 0.125,
    });
    let token = Scene::new().with(claims).unwrap();
    let millis = |time: Option<UnixTime>| time.unwrap().as_millis();
    assert_eq!(millis(token.expires_at()), 1_700_000_300_500);
    assert_eq!(millis(token.issued_at()), 1_699_999_999_250);
    assert_eq!(millis(token.not_before()), 1_700_000_000_000);
    assert_eq!(millis(token.auth_time()), 125);
}

#[test]
fn times_before_1970_are_in_the_past() {
    for exp in [json!(-1), json!(0), json!(-0.5), json!(-62_135_596_800_i64)] {
        assert_eq!(code(Scene::new().with(json!({"exp": exp}))), "access_token.expired", "{exp}");
    }
    let past = json!({"nbf": -1, "iat": -1, "auth_time": -1});
    assert_eq!(code(Scene::new().with(past)), "");
}

#[test]
fn the_last_moment_of_the_calendar_is_a_time() {
    assert_eq!(code(Scene::new().with(json!({"exp": 253_402_300_799_i64}))), "");
}

#[test]
fn the_skew_is_held_to_the_millisecond() {
    for (claims, expected) in [
        (json!({"exp": T - 59}), ""),
        (json!({"exp": T as f64 - 59.999}), ""),
        (json!({"exp": T - 60}), "access_token.expired"),
        (json!({"exp": T as f64 - 60.001}), "access_token.expired"),
        (json!({"iat": T + 60}), ""),
        (json!({"iat": T as f64 + 60.001}), "access_token.issued_at"),
        (json!({"nbf": T + 60}), ""),
        (json!({"nbf": T as f64 + 60.001}), "access_token.not_before"),
    ] {
        assert_eq!(code(Scene::new().with(claims.clone())), expected, "{claims}");
        let mut said = claims.clone();
        said["aud"] = json!("api");
        assert_eq!(code(Scene::new().said(said, false)), expected, "introspected {claims}");
    }
}

#[test]
fn the_milliseconds_of_the_clock_count() {
    let exp = json!({ "exp": T });
    for (millis, expected) in [(59_999, ""), (60_000, "access_token.expired")] {
        let now = NOW + Duration::from_millis(millis);
        let scene = Scene { now, ..Scene::new() };
        assert_eq!(code(scene.with(exp.clone())), expected, "{millis}");
    }
}

#[test]
fn without_skew_the_second_counts() {
    let strict = || Scene { skew: Duration::ZERO, ..Scene::new() };
    assert_eq!(code(strict().with(json!({}))), "");
    assert_eq!(code(strict().with(json!({"exp": T}))), "access_token.expired");
    assert_eq!(code(strict().with(json!({"iat": T + 1}))), "access_token.issued_at");
    assert_eq!(code(strict().with(json!({"nbf": T + 1}))), "access_token.not_before");
}

#[test]
fn a_skew_or_a_clock_without_end_overflows_nothing() {
    for now in [NOW, UnixTime::from_millis(i64::MAX), UnixTime::from_millis(i64::MIN)] {
        for skew in [Duration::ZERO, Duration::MAX] {
            for exp in [json!(253_402_300_799_i64), json!(-62_135_596_800_i64)] {
                let wide = Scene { skew, now, ..Scene::new() };
                let _ = wide.with(json!({"exp": exp, "nbf": exp, "iat": exp}));
            }
        }
    }
}

#[test]
fn the_message_says_by_how_much_and_on_whose_word() {
    let error = Scene::new().with(json!({"exp": T - 100})).unwrap_err();
    assert_eq!(error, AccessTokenError::Expired { by: Duration::from_secs(40), signed: false });
    assert!(error.to_string().contains("its signature unchecked, that it expired 40 s ago"));
    // Not seen at sight, as it is no integer.
    let error = Scene::new().with(json!({"exp": T as f64 - 100.5})).unwrap_err();
    let by = Duration::from_millis(40_500);
    assert_eq!(error, AccessTokenError::Expired { by, signed: true });
    assert!(!error.to_string().contains("unchecked"), "{error}");
    let error = Scene::new().with(json!({"nbf": T + 100})).unwrap_err();
    assert_eq!(error, AccessTokenError::NotBefore { by: Duration::from_secs(40) });
    let error = Scene::new().with(json!({"iat": T + 100})).unwrap_err();
    assert_eq!(error, AccessTokenError::IssuedAt { by: Duration::from_secs(40) });
}

#[test]
fn an_introspected_token_may_have_no_end() {
    let token = Scene::new().said(json!({"aud": "api"}), false).unwrap();
    assert_eq!(token.expires_at(), None);
}
