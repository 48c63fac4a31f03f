use countersign_protocol::access_token::{AccessTokenError, NotAnAccessToken};
use serde_json::json;

use super::scene::{Scene, T, code};

const MARKERS: [&str; 5] = ["nonce", "at_hash", "c_hash", "s_hash", "events"];

#[test]
fn the_types_of_access_tokens_are_known_however_they_are_written() {
    for typ in [
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/AT+JWT",
        "JWT",
        "jwt",
        "application/jwt",
    ] {
        assert_eq!(code(Scene::new().typ(typ).with(json!({}))), "", "{typ}");
    }
    assert_eq!(code(Scene::new().with(json!({}))), "", "none at all");
}

#[test]
fn a_token_of_another_type_is_refused() {
    for typ in [
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "token-introspection+jwt",
        "id_token+jwt",
        "oauth-authz-req+jwt",
        "client-authentication+jwt",
        "JOSE",
        "at",
        "at+jwt ",
        "at+jwtx",
        "xat+jwt",
        "text/at+jwt",
        "application/",
        "application/application/at+jwt",
        "",
    ] {
        let error = Scene::new().typ(typ).with(json!({})).unwrap_err();
        let kind = NotAnAccessToken::Header(typ.to_owned());
        assert_eq!(error, AccessTokenError::Kind(kind), "{typ}");
    }
}

#[test]
fn a_type_that_is_no_text_is_refused() {
    for typ in [json!(null), json!(1), json!(["at+jwt"]), json!({})] {
        let mut scene = Scene::new();
        scene.header.insert("typ".to_owned(), typ.clone());
        assert!(scene.with(json!({})).is_err(), "{typ}");
    }
}

#[test]
fn a_long_type_is_shown_short() {
    let error = Scene::new().typ(&"ü".repeat(5000)).with(json!({})).unwrap_err();
    assert!(error.to_string().len() < 1000);
}

#[test]
fn an_id_token_is_refused_whatever_its_audience() {
    for marker in MARKERS {
        for typ in [None, Some("JWT")] {
            let scene = typ.map_or_else(Scene::new, |typ| Scene::new().typ(typ));
            let error = scene.with(json!({ marker: "x" })).unwrap_err();
            let kind = NotAnAccessToken::Claim(marker);
            assert_eq!(error, AccessTokenError::Kind(kind), "{marker}");
        }
    }
    let id_token = json!({
        "nonce": "n", "auth_time": T, "acr": "1", "amr": ["pwd"], "azp": "web", "sid": "s",
    });
    assert_eq!(code(Scene::new().with(id_token)), "access_token.kind");
}

/// Whatever stands there: a marker that is null is one all the same.
#[test]
fn a_marker_counts_whatever_its_value() {
    for value in [json!(null), json!(""), json!(1), json!({}), json!([])] {
        for marker in MARKERS {
            let judged = Scene::new().with(json!({ marker: value }));
            assert_eq!(code(judged), "access_token.kind", "{marker} {value}");
        }
    }
}

#[test]
fn a_token_that_calls_itself_an_access_token_may_carry_a_nonce() {
    assert_eq!(code(Scene::new().typ("at+jwt").with(json!({"nonce": "n"}))), "");
    for typ in ["Bearer", "DPoP"] {
        assert_eq!(code(Scene::new().with(json!({"typ": typ, "nonce": "n"}))), "", "{typ}");
    }
    for typ in [json!("bearer"), json!("x"), json!(1), json!(null), json!(["Bearer"])] {
        let judged = Scene::new().with(json!({"typ": typ, "nonce": "n"}));
        assert_eq!(code(judged), "access_token.kind", "{typ}");
    }
}

#[test]
fn what_keycloak_calls_otherwise_is_refused_under_any_header() {
    for typ in ["ID", "Refresh", "Offline", "Logout"] {
        for header in [None, Some("JWT"), Some("at+jwt")] {
            let scene = header.map_or_else(Scene::new, |typ| Scene::new().typ(typ));
            let error = scene.with(json!({ "typ": typ })).unwrap_err();
            let kind = NotAnAccessToken::Type(typ.to_owned());
            assert_eq!(error, AccessTokenError::Kind(kind), "{typ} {header:?}");
        }
    }
}

/// OpenID Connect Back-Channel Logout 1.0 section 2.4, as some write it without a type.
#[test]
fn a_logout_token_is_refused() {
    let events = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    let claims = json!({"events": events, "sid": "s"});
    assert_eq!(code(Scene::new().with(claims.clone())), "access_token.kind");
    assert_eq!(code(Scene::new().typ("logout+jwt").with(claims)), "access_token.kind");
}

#[test]
fn what_others_call_an_id_or_refresh_token_is_refused_under_any_header() {
    for (claim, kind) in [
        ("token_use", "id"),
        ("token_use", "id_token"),
        ("token_use", "refresh"),
        ("token_use", "refresh_token"),
        ("token_type", "id_token"),
        ("token_type", "refresh_token"),
    ] {
        for header in [None, Some("JWT"), Some("at+jwt")] {
            let scene = header.map_or_else(Scene::new, |typ| Scene::new().typ(typ));
            let error = scene.with(json!({ claim: kind })).unwrap_err();
            let kind = NotAnAccessToken::Type(kind.to_owned());
            assert_eq!(error, AccessTokenError::Kind(kind), "{claim}");
        }
    }
    for (claim, kind) in [
        ("token_use", json!("access")),
        ("token_use", json!("access_token")),
        ("token_type", json!("Bearer")),
        ("token_type", json!("DPoP")),
        ("token_type", json!("access_token")),
        ("token_type", json!(7)),
    ] {
        assert_eq!(code(Scene::new().with(json!({ claim: kind }))), "", "{claim} {kind}");
    }
}

/// An endpoint that is asked about a refresh token says that it is active.
#[test]
fn an_active_token_of_another_kind_is_refused() {
    for (claim, kind) in [
        ("typ", "Refresh"),
        ("typ", "Offline"),
        ("typ", "ID"),
        ("token_use", "refresh_token"),
        ("token_type", "refresh_token"),
    ] {
        let said = json!({"active": true, "aud": "api", claim: kind});
        assert_eq!(code(Scene::new().said(said, false)), "access_token.kind", "{claim} {kind}");
    }
    let said = json!({"active": true, "aud": "api", "typ": "Bearer", "token_type": "Bearer"});
    assert_eq!(code(Scene::new().said(said, false)), "");
}

#[test]
fn the_message_says_what_to_send_instead() {
    let error = Scene::new().with(json!({"at_hash": "x"})).unwrap_err();
    assert!(error.to_string().contains("\"at_hash\", as ID tokens have; send the access token"));
    let error = Scene::new().with(json!({"typ": "Refresh"})).unwrap_err();
    assert!(error.to_string().contains("calls itself \"Refresh\""));
}
