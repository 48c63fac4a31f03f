use countersign_protocol::access_token::{AccessTokenError, Profile};
use serde_json::json;

use super::scene::{Scene, T, code};

fn strict() -> Scene {
    Scene { profile: Profile::Rfc9068, ..Scene::new() }.typ("at+jwt")
}

#[test]
fn a_token_of_the_profile_passes() {
    assert_eq!(code(strict().with(json!({}))), "");
    let all = json!({"auth_time": T - 5, "acr": "1", "amr": ["pwd"], "scope": "a b", "nonce": "n",
        "groups": ["a"], "roles": ["b"], "entitlements": []});
    assert_eq!(code(strict().with(all)), "");
}

#[test]
fn every_claim_that_rfc_9068_requires_is_required() {
    for claim in ["sub", "client_id", "iat", "jti"] {
        let error = strict().without(claim).unwrap_err();
        assert!(matches!(error, AccessTokenError::Profile { .. }), "{claim}: {error}");
        assert_eq!(error.entry().code, "access_token.profile");
        assert!(error.to_string().contains(&format!("{claim} is missing")), "{error}");
    }
    for claim in ["iss", "exp"] {
        assert_eq!(code(strict().without(claim)), "access_token.claim", "{claim}");
    }
    assert_eq!(code(strict().without("aud")), "access_token.audience");
}

/// `azp` is what others write instead; the profile knows only `client_id`.
#[test]
fn azp_is_no_client_id_in_the_profile() {
    let mut claims = Scene::claims();
    claims.remove("client_id");
    claims.insert("azp".to_owned(), json!("web"));
    assert_eq!(code(strict().of(claims.clone().into())), "access_token.profile");
    assert_eq!(Scene::new().of(claims.into()).unwrap().client_id(), Some("web"));
}

#[test]
fn the_profile_demands_its_type() {
    for typ in [None, Some("JWT"), Some("application/jwt")] {
        let scene = Scene { profile: Profile::Rfc9068, ..Scene::new() };
        let scene = match typ {
            Some(typ) => scene.typ(typ),
            None => scene,
        };
        let error = scene.with(json!({})).unwrap_err();
        assert!(error.to_string().contains("typ should be at+jwt"), "{typ:?}: {error}");
    }
    let scene = Scene { profile: Profile::Rfc9068, ..Scene::new() };
    assert_eq!(code(scene.typ("application/at+jwt").with(json!({}))), "");
}

#[test]
fn without_the_switch_a_plain_token_passes() {
    let bare = json!({"iss": "https://op.example", "aud": "api", "exp": T + 1});
    assert_eq!(code(Scene::new().of(bare)), "");
}
