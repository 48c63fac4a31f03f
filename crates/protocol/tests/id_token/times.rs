use std::time::Duration;

use countersign_protocol::UnixTime;
use countersign_protocol::id_token::IdTokenError;
use countersign_protocol::login::LoginOptions;
use serde_json::{Value, json};

use crate::support::{NOW, Scene};

const T: i64 = NOW.as_secs();

fn code(scene: Scene, changes: Value) -> &'static str {
    match scene.with(changes) {
        Ok(_) => "",
        Err(error) => error.entry().code,
    }
}

#[test]
fn a_time_of_a_wrong_form_is_refused_and_never_taken_as_absent() {
    for claim in ["exp", "iat", "nbf", "auth_time"] {
        for wrong in [
            json!(format!("{T}")),
            json!(""),
            json!(null),
            json!([]),
            json!([T]),
            json!(true),
            json!(false),
            json!({}),
            json!(1e300),
            json!(-1e300),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(253_402_300_800_i64),
        ] {
            assert_eq!(
                code(Scene::new(), json!({ claim: wrong })),
                "id_token.claim",
                "{claim} {wrong}"
            );
        }
        for text in ["1e400", "-1e400", "NaN", "0x1", "01", "+1", "1_0"] {
            let claims = Value::Object(Scene::claims()).to_string();
            let claims = claims.replace(&format!("\"{claim}\":"), "\"was\":");
            let claims = claims.replacen('{', &format!("{{\"{claim}\":{text},"), 1);
            let error = Scene::new().claiming(&claims).unwrap_err();
            assert_eq!(error.entry().code, "id_token.malformed", "{claim} {text}");
        }
    }
}

#[test]
fn exp_and_iat_must_be_there() {
    for claim in ["exp", "iat"] {
        assert_eq!(Scene::new().without(claim).unwrap_err().entry().code, "id_token.claim");
    }
}

#[test]
fn fractions_of_seconds_are_times() {
    for claims in [
        json!({"exp": 1_700_000_300.5}),
        json!({"iat": 1_699_999_999.999}),
        json!({"nbf": 1_699_999_999.5}),
        json!({"auth_time": 0.25}),
        json!({"exp": 1.7e9}),
    ] {
        assert_eq!(code(Scene::new(), claims.clone()), "", "{claims}");
    }
}

#[test]
fn times_before_1970_are_in_the_past() {
    assert_eq!(code(Scene::new(), json!({"exp": -1})), "id_token.expired");
    assert_eq!(code(Scene::new(), json!({"exp": 0})), "id_token.expired");
    assert_eq!(code(Scene::new(), json!({"nbf": -1, "auth_time": -1})), "");
}

#[test]
fn a_token_from_before_the_login_is_refused() {
    for (iat, expected) in [
        (T - 59, ""),
        (T - 60, ""),
        (T - 61, "id_token.issued_at"),
        (0, "id_token.issued_at"),
        (-1, "id_token.issued_at"),
    ] {
        assert_eq!(code(Scene::new(), json!({ "iat": iat })), expected, "{iat}");
    }
}

#[test]
fn the_skew_is_held_to_the_millisecond() {
    for (claims, expected) in [
        (json!({"exp": T - 59}), ""),
        (json!({"exp": T as f64 - 59.999}), ""),
        (json!({"exp": T - 60}), "id_token.expired"),
        (json!({"exp": T - 61}), "id_token.expired"),
        (json!({"iat": T + 59}), ""),
        (json!({"iat": T + 60}), ""),
        (json!({"iat": T as f64 + 60.001}), "id_token.issued_at"),
        (json!({"iat": T + 61}), "id_token.issued_at"),
        (json!({"nbf": T + 60}), ""),
        (json!({"nbf": T + 61}), "id_token.not_before"),
    ] {
        assert_eq!(code(Scene::new(), claims.clone()), expected, "{claims}");
    }
}

#[test]
fn without_skew_the_second_counts() {
    let strict = || Scene { skew: Duration::ZERO, ..Scene::new() };
    assert_eq!(code(strict(), json!({})), "");
    assert_eq!(code(strict(), json!({"exp": T})), "id_token.expired");
    assert_eq!(code(strict(), json!({"iat": T + 1})), "id_token.issued_at");
}

#[test]
fn a_skew_without_end_overflows_nothing() {
    for now in [NOW, UnixTime::from_millis(i64::MAX), UnixTime::from_millis(i64::MIN)] {
        let wide = Scene { skew: Duration::MAX, now, ..Scene::new() };
        let _ = wide.with(json!({"exp": 253_402_300_799_i64, "auth_time": 1}));
    }
}

#[test]
fn the_message_says_by_how_much() {
    let error = Scene::new().with(json!({"exp": T - 100})).unwrap_err();
    assert_eq!(error, IdTokenError::Expired { by: Duration::from_secs(40) });
    assert_eq!(error.to_string(), "the ID token expired 40 s ago, clock_skew included");
}

fn recent(max_age: u64) -> Scene {
    Scene { options: LoginOptions::new().max_age(max_age), ..Scene::new() }
}

#[test]
fn max_age_needs_auth_time() {
    for max_age in [0, 300, u64::MAX] {
        assert_eq!(code(recent(max_age), json!({})), "id_token.auth_time");
    }
}

#[test]
fn an_old_authentication_is_refused() {
    for (max_age, auth_time, expected) in [
        (300, json!(T), ""),
        (300, json!(T - 300), ""),
        (300, json!(T - 360), ""),
        (300, json!(T - 361), "id_token.auth_time"),
        (300, json!(T as f64 - 360.001), "id_token.auth_time"),
        (300, json!(0), "id_token.auth_time"),
        (300, json!(-5), "id_token.auth_time"),
        (0, json!(T), ""),
        (0, json!(T as f64 - 0.5), ""),
        (0, json!(T - 60), ""),
        (0, json!(T - 61), "id_token.auth_time"),
        (0, json!(0), "id_token.auth_time"),
        (u64::MAX, json!(0), ""),
        (u64::MAX, json!(0.5), ""),
    ] {
        let claims = json!({ "auth_time": auth_time });
        assert_eq!(code(recent(max_age), claims), expected, "max_age {max_age}, {auth_time}");
    }
}

#[test]
fn an_authentication_in_the_future_is_no_recent_one() {
    assert_eq!(code(recent(300), json!({"auth_time": T + 60})), "");
    let error = recent(300).with(json!({"auth_time": T + 61})).unwrap_err();
    assert_eq!(error.entry().code, "id_token.auth_time");
    assert!(error.to_string().contains("1 s in the future"), "{error}");
    assert_eq!(code(recent(0), json!({"auth_time": 253_402_300_799_i64})), "id_token.auth_time");
}
