use std::time::Duration;

use countersign_protocol::login::{
    Callback, Grant, LoginError, LoginOptions, PENDING_LIFETIME, PendingLogin,
};
use countersign_protocol::value::issuer::IssuerIdentity;
use countersign_protocol::{Issuer, UnixTime};
use serde_json::json;

use crate::support::{ISSUER, NOW, begin, begin_with, document, issuer, metadata_of};

const STATE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

fn accept(form: &str) -> Result<Grant, LoginError> {
    accept_at(form, NOW)
}

fn accept_at(form: &str, now: UnixTime) -> Result<Grant, LoginError> {
    begin(LoginOptions::new()).1.accept(Callback::parse(form).unwrap(), &issuer(), now)
}

fn announcing() -> PendingLogin {
    let mut announced = document();
    announced.insert("authorization_response_iss_parameter_supported".into(), json!(true));
    begin_with(&metadata_of(announced), &issuer(), LoginOptions::new()).1
}

#[test]
fn a_callback_with_our_state_is_accepted() {
    assert!(accept(&format!("code=c&state={STATE}")).is_ok());
    assert!(accept(&format!("code=c&state={STATE}&iss=https%3A%2F%2Fop.example")).is_ok());
}

#[test]
fn a_callback_without_state_is_refused() {
    for form in ["code=c", "error=access_denied"] {
        assert_eq!(accept(form).unwrap_err(), LoginError::NoState);
    }
}

#[test]
fn the_state_of_another_login_is_refused() {
    let longer = format!("{STATE}A");
    let attempt = format!("{STATE}.1");
    for state in ["", "x", &STATE[1..], &longer, &attempt, &STATE.to_lowercase()] {
        for form in [format!("code=c&state={state}"), format!("error=access_denied&state={state}")]
        {
            let error = accept(&form).unwrap_err();
            assert_eq!(error, LoginError::StateMismatch, "{form}");
            assert_eq!(error.entry().code, "login.state_mismatch");
        }
    }
}

#[test]
fn a_callback_of_another_issuer_is_refused() {
    for iss in ["https://evil.example", "https://op.example/", "HTTPS://op.example", ""] {
        for start in ["code=c", "error=access_denied"] {
            let error = accept(&format!("{start}&state={STATE}&iss={iss}")).unwrap_err();
            assert!(matches!(error, LoginError::Issuer { .. }), "{iss}: {error}");
            assert_eq!(error.entry().code, "login.issuer");
        }
    }
}

#[test]
fn a_missing_issuer_is_refused_where_it_is_announced() {
    for start in ["code=c", "error=access_denied"] {
        let callback = Callback::parse(&format!("{start}&state={STATE}")).unwrap();
        let error = announcing().accept(callback, &issuer(), NOW).unwrap_err();
        assert_eq!(error, LoginError::NoIssuer);
    }
    let callback = Callback::parse(&format!("code=c&state={STATE}&iss={ISSUER}")).unwrap();
    assert!(announcing().accept(callback, &issuer(), NOW).is_ok());
}

#[test]
fn a_login_begun_with_another_provider_is_refused() {
    let other = IssuerIdentity::One(Issuer::parse("https://other.example").unwrap());
    let callback = Callback::parse(&format!("code=c&state={STATE}")).unwrap();
    let error = begin(LoginOptions::new()).1.accept(callback, &other, NOW).unwrap_err();
    assert!(matches!(error, LoginError::OtherProvider { .. }), "{error}");
}

#[test]
fn a_login_lasts_an_hour_to_the_second() {
    let form = format!("code=c&state={STATE}");
    let last = NOW + PENDING_LIFETIME - Duration::from_millis(1);
    assert!(accept_at(&form, last).is_ok());
    assert!(accept_at(&form, NOW - Duration::from_secs(5)).is_ok());
    let error = accept_at(&form, NOW + PENDING_LIFETIME).unwrap_err();
    assert_eq!(error, LoginError::Expired { by: Duration::ZERO });
    let error = accept_at(&form, NOW + Duration::from_secs(9 * 3600)).unwrap_err();
    assert_eq!(error.entry().code, "login.expired");
}

#[test]
fn a_refusal_of_the_provider_is_one_here() {
    let error =
        accept(&format!("error=access_denied&error_description=no&state={STATE}")).unwrap_err();
    assert_eq!(error.entry().code, "login.refused");
    assert_eq!(error.says().unwrap().error, "access_denied");
}

#[test]
fn a_kept_login_is_the_same_when_it_comes_back() {
    let options = LoginOptions::new().max_age(5).acr_values("a b").silent("alice", None);
    let (_, pending) = begin(options);
    let record = serde_json::to_string(&pending).unwrap();
    let read: PendingLogin = serde_json::from_str(&record).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), record);
    assert_eq!(read.expires_at(), NOW + PENDING_LIFETIME);
    assert_eq!((read.issuer(), read.client_id()), (ISSUER, "web"));
}

#[test]
fn a_kept_login_with_a_hostile_return_target_is_not_read() {
    let (_, pending) = begin(LoginOptions::new());
    let mut record = serde_json::to_value(&pending).unwrap();
    record["return_to"] = json!("//evil.example");
    assert!(serde_json::from_value::<PendingLogin>(record).is_err());
}

#[test]
fn a_waiting_login_and_its_grant_show_no_secret() {
    let (_, pending) = begin(LoginOptions::new());
    let record = serde_json::to_value(&pending).unwrap();
    let shown =
        format!("{pending:?} {pending:#?} {:?}", accept(&format!("code=hush&state={STATE}")));
    let secrets =
        [&record["state"], &record["verifier"], &record["expected"]["nonce"], &json!("hush")];
    for secret in secrets {
        assert!(!shown.contains(secret.as_str().unwrap()), "{shown}");
    }
}
