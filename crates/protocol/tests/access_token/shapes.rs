//! Access tokens as the large providers write them, with their odd habits.

use countersign_protocol::access_token::AccessToken;
use countersign_protocol::bearer::{Requirement, Roles};
use countersign_protocol::value::issuer::IssuerIdentity;
use countersign_protocol::{Issuer, Verified};
use serde_json::{Value, json};
use std::time::Duration;

use super::scene::{Judged, Scene, T, code};
use crate::support::NOW;

fn judged(issuer: &str, audience: &str, typ: Option<&str>, mut claims: Value) -> Judged {
    for (name, value) in [("iss", json!(issuer)), ("iat", json!(T)), ("exp", json!(T + 300))] {
        claims[name] = value;
    }
    let identity = IssuerIdentity::One(Issuer::parse(issuer).unwrap());
    let scene = Scene { identity, ..Scene::new() }.audiences(&[audience]);
    match typ {
        Some(typ) => scene.typ(typ).of(claims),
        None => scene.of(claims),
    }
}

fn meets(token: &Verified<AccessToken>, roles: &Roles, requirement: &Requirement) -> bool {
    requirement.met_by(token, roles, Duration::ZERO, NOW).is_ok()
}

mod keycloak {
    use super::*;

    const ISSUER: &str = "https://login.example/realms/notes";

    fn claims(typ: &str) -> Value {
        json!({
            "jti": "onrtac:3f1c", "aud": ["notes-api", "account"], "sub": "f:1:alice", "typ": typ,
            "azp": "notes-web", "sid": "5a", "acr": "1", "allowed-origins": ["https://notes.example"],
            "realm_access": {"roles": ["offline_access", "editor"]},
            "resource_access": {
                "notes-api": {"roles": ["notes-admin"]}, "account": {"roles": ["view-profile"]},
            },
            "scope": "openid email profile", "email_verified": true,
        })
    }

    #[test]
    fn an_access_token_has_realm_and_client_roles() {
        let token = judged(ISSUER, "notes-api", Some("JWT"), claims("Bearer")).unwrap();
        assert_eq!(token.client_id(), Some("notes-web"));
        let realm = Roles::keycloak_realm();
        assert!(meets(&token, &realm, &Requirement::new().role("editor").scope("email")));
        assert!(!meets(&token, &realm, &Requirement::new().role("notes-admin")));
        let client = Roles::keycloak_client("notes-api");
        assert!(meets(&token, &client, &Requirement::new().role("notes-admin")));
        assert!(!meets(&token, &client, &Requirement::new().role("view-profile")));
        assert!(meets(&token, &Roles::default(), &Requirement::new().role("editor")));
    }

    #[test]
    fn an_older_access_token_carries_the_nonce_of_the_login() {
        let mut claims = claims("Bearer");
        claims["nonce"] = json!("n");
        assert_eq!(code(judged(ISSUER, "notes-api", Some("JWT"), claims)), "");
    }

    #[test]
    fn id_refresh_and_offline_tokens_are_refused() {
        for typ in ["ID", "Refresh", "Offline"] {
            let judged = judged(ISSUER, "notes-api", Some("JWT"), claims(typ));
            assert_eq!(code(judged), "access_token.kind", "{typ}");
        }
    }

    #[test]
    fn a_dpop_bound_token_says_so() {
        let mut claims = claims("DPoP");
        claims["cnf"] = json!({"jkt": "thumb"});
        let token = judged(ISSUER, "notes-api", Some("JWT"), claims).unwrap();
        assert!(token.confirmation().is_some());
    }

    /// As a fresh realm writes it, without an audience mapper.
    #[test]
    fn a_token_for_the_account_console_alone_is_refused() {
        let mut claims = claims("Bearer");
        claims["aud"] = json!("account");
        let judged = judged(ISSUER, "notes-api", Some("JWT"), claims);
        assert_eq!(code(judged), "access_token.audience");
    }
}

mod entra {
    use super::*;

    const TENANT: &str = "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad";

    #[test]
    fn a_token_of_version_2_names_the_client_id_and_its_permissions_in_scp() {
        let claims = json!({
            "aud": "6e74172b-be56-4843-9ff4-e66a39bb12e3", "nbf": T, "azp": "72f988bf", "azpacr": "0",
            "name": "Alice", "oid": "690222be", "rh": "I", "scp": "Notes.Read Notes.Write",
            "sub": "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ", "roles": ["Editor"],
            "tid": "9188040d-6c67-4c5b-b112-36a304b66dad", "uti": "fqiBqXLP", "ver": "2.0",
        });
        let audience = "6e74172b-be56-4843-9ff4-e66a39bb12e3";
        let token = judged(&format!("{TENANT}/v2.0"), audience, Some("JWT"), claims).unwrap();
        assert!(token.has_scope("Notes.Read") && token.has_scope("Notes.Write"));
        assert!(meets(&token, &Roles::entra(), &Requirement::new().role("Editor")));
        assert!(!meets(&token, &Roles::entra(), &Requirement::new().role("Notes.Read")));
    }

    #[test]
    fn a_token_of_version_1_has_the_address_of_the_api_as_audience() {
        let claims = json!({
            "aud": "api://notes", "nbf": T, "acr": "1", "aio": "A", "amr": ["pwd"],
            "appid": "72f988bf", "appidacr": "0", "scp": "Notes.Read", "sub": "s", "ver": "1.0",
        });
        let issuer = "https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/";
        let token = judged(issuer, "api://notes", Some("JWT"), claims).unwrap();
        assert!(token.has_scope("Notes.Read"));
        assert_eq!(token.acr(), Some("1"));
    }

    #[test]
    fn a_program_has_roles_and_no_scopes() {
        let claims = json!({"aud": "api://notes", "idtyp": "app", "roles": ["Notes.All"]});
        let token = judged(&format!("{TENANT}/v2.0"), "api://notes", None, claims).unwrap();
        assert_eq!(token.scopes().next(), None);
        assert!(meets(&token, &Roles::entra(), &Requirement::new().role("Notes.All")));
    }
}

mod auth0 {
    use super::*;

    const ISSUER: &str = "https://notes.eu.auth0.com/";

    fn claims() -> Value {
        json!({
            "sub": "auth0|5f7c8ec7", "aud": ["https://api.example", "https://notes.eu.auth0.com/userinfo"],
            "azp": "my_client_id", "scope": "openid profile read:notes",
            "permissions": ["read:notes", "write:notes"], "gty": "password",
        })
    }

    #[test]
    fn permissions_are_roles() {
        let token = judged(ISSUER, "https://api.example", Some("JWT"), claims()).unwrap();
        let roles = Roles::auth0_permissions();
        assert!(meets(&token, &roles, &Requirement::new().role("write:notes")));
        assert!(!meets(&token, &roles, &Requirement::new().scope("write:notes")));
    }

    #[test]
    fn a_token_for_user_info_alone_is_refused() {
        let mut claims = claims();
        claims["aud"] = json!("https://notes.eu.auth0.com/userinfo");
        let judged = judged(ISSUER, "https://api.example", Some("JWT"), claims);
        assert_eq!(code(judged), "access_token.audience");
    }

    #[test]
    fn the_profile_of_rfc_9068_is_kept_where_it_is_chosen() {
        let mut claims = claims();
        claims["client_id"] = json!("my_client_id");
        claims["jti"] = json!("j");
        let token = judged(ISSUER, "https://api.example", Some("at+jwt"), claims).unwrap();
        assert_eq!(token.client_id(), Some("my_client_id"));
    }

    #[test]
    fn a_claim_under_an_address_is_found_by_pointer() {
        let mut claims = claims();
        claims["https://notes.example/roles"] = json!(["editor"]);
        let token = judged(ISSUER, "https://api.example", Some("JWT"), claims).unwrap();
        let roles = Roles::at("/https:~1~1notes.example~1roles");
        assert!(meets(&token, &roles, &Requirement::new().role("editor")));
    }
}

mod cognito {
    use super::*;

    const ISSUER: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_example";

    fn claims() -> Value {
        json!({
            "sub": "aaaaaaaa-bbbb", "cognito:groups": ["editors"], "client_id": "xxxexample",
            "origin_jti": "o", "event_id": "e", "token_use": "access", "auth_time": T,
            "scope": "notes/read aws.cognito.signin.user.admin", "jti": "j", "username": "alice",
        })
    }

    /// There is no audience in it.
    #[test]
    fn a_token_is_taken_by_its_client_and_groups_are_roles() {
        let of = |clients: &[&str]| {
            let mut claims = claims();
            for (name, value) in [("iss", json!(ISSUER)), ("iat", json!(T)), ("exp", json!(T + 9))]
            {
                claims[name] = value;
            }
            let identity = IssuerIdentity::One(Issuer::parse(ISSUER).unwrap());
            let clients = clients.iter().map(|one| (*one).to_owned()).collect();
            Scene { identity, clients, ..Scene::new() }.of(claims)
        };
        let token = of(&["xxxexample"]).unwrap();
        let roles = Roles::cognito_groups();
        assert!(meets(&token, &roles, &Requirement::new().role("editors").scope("notes/read")));
        assert!(!meets(&token, &roles, &Requirement::new().role("admins")));
        assert_eq!(code(of(&["another"])), "access_token.audience");
    }

    #[test]
    fn an_id_token_is_refused() {
        let mut claims = claims();
        claims["aud"] = json!("xxxexample");
        claims["token_use"] = json!("id");
        assert_eq!(code(judged(ISSUER, "xxxexample", None, claims)), "access_token.kind");
    }
}
