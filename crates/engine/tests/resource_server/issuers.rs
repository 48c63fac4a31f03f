//! Several issuers in one API: the token says whose it is, and that issuer's rules prove it.

use countersign::protocol::jose::{Algorithm, KeySet};
use countersign::{
    Issuer, IssuerTemplate, Provider, Requirement, ResourceServer, Roles, Secret, TrustedIssuer,
};
use countersign_test_kit::TestIssuer;

use super::api::{AUDIENCE, api, at_once, code, issuer};

fn trusted(issuer: &TestIssuer) -> TrustedIssuer {
    TrustedIssuer::new(Provider::with_keys(issuer.issuer(), issuer.keys()))
}

#[test]
fn tokens_of_both_issuers_pass_and_each_puts_roles_elsewhere() {
    let (one, two) = (issuer("https://one.example"), issuer("https://two.example"));
    let builder = ResourceServer::builder([AUDIENCE])
        .issuer(trusted(&one).roles(Roles::keycloak_realm()))
        .issuer(trusted(&two).roles(Roles::auth0_permissions()).audiences(["other-name"]));
    let (api, _) = api(builder);
    let editor = Requirement::new().role("editor");
    let first = one.token("alice").audience(AUDIENCE).role("editor").sign();
    assert_eq!(at_once(&api, &first, &editor).unwrap().issuer(), "https://one.example");
    let second =
        two.token("bob").audience("other-name").claim("permissions", vec!["editor"]).sign();
    assert_eq!(at_once(&api, &second, &editor).unwrap().issuer(), "https://two.example");
    let third = two.token("bob").audience(AUDIENCE).sign();
    assert_eq!(code(at_once(&api, &third, &Requirement::new())), "access_token.audience");
}

#[test]
fn a_token_that_names_one_issuer_and_is_signed_by_the_other_is_refused() {
    let (one, two) = (issuer("https://one.example"), issuer("https://two.example"));
    let (api, _) =
        api(ResourceServer::builder([AUDIENCE]).issuer(trusted(&one)).issuer(trusted(&two)));
    let mixed = two.token("eve").audience(AUDIENCE).claim("iss", "https://one.example").sign();
    let refused =
        crate::support::ready(api.check(&super::api::presented(&mixed), &Requirement::new()));
    assert!(["keys.unknown", "jws.signature"].contains(&code(refused)));
}

#[test]
fn a_token_of_an_issuer_that_nobody_trusts_is_refused_without_asking_anybody() {
    let (one, two, three) = (
        issuer("https://one.example"),
        issuer("https://two.example"),
        issuer("https://three.example"),
    );
    let (api, world) =
        api(ResourceServer::builder([AUDIENCE]).issuer(trusted(&one)).issuer(trusted(&two)));
    for raw in [
        three.token("eve").audience(AUDIENCE).sign(),
        one.token("eve").audience(AUDIENCE).without("iss").sign(),
        one.token("eve").audience(AUDIENCE).claim("iss", 7).sign(),
    ] {
        assert_eq!(code(at_once(&api, &raw, &Requirement::new())), "access_token.issuer");
    }
    assert!(world.requests().is_empty());
}

#[test]
fn a_tenant_passes_only_under_its_own_issuer_and_only_if_it_is_listed() {
    let template =
        IssuerTemplate::new("https://login.example/{tid}", "tid", ["contoso", "fabrikam"]).unwrap();
    let common = Issuer::parse("https://login.example/common").unwrap();
    let world = crate::support::World::new();
    world.op().document.insert("issuer".into(), "https://login.example/{tid}".into());
    let builder = ResourceServer::builder([AUDIENCE])
        .issuer(TrustedIssuer::new(Provider::tenants(template, &common)));
    let api = builder.build(world.outside()).unwrap();
    let signer = world.op().signer.clone();
    let of = |issuer: &str, tid: &str| {
        let issuer = TestIssuer::new(issuer).with_key(signer.clone()).at(crate::support::START);
        issuer.token("alice").audience(AUDIENCE).claim("tid", tid).sign()
    };
    let check = |raw: &str| super::api::check(&api, raw);
    assert!(check(&of("https://login.example/contoso", "contoso")).is_ok());
    assert!(check(&of("https://login.example/fabrikam", "fabrikam")).is_ok());
    for (issuer, tid) in [
        ("https://login.example/contoso", "fabrikam"),
        ("https://login.example/evil", "evil"),
        ("https://login.example/{tid}", "contoso"),
        ("https://login.example/contoso", ""),
    ] {
        assert_eq!(code(check(&of(issuer, tid))), "access_token.issuer", "{issuer} {tid}");
    }
}

#[test]
fn a_shared_secret_checks_its_one_algorithm_and_nothing_else_does() {
    let secret = "a secret of at least thirty-two bytes!";
    let own = issuer("https://one.example").with_secret(secret);
    let provider = Provider::with_keys(own.issuer(), KeySet::empty());
    let builder = ResourceServer::builder([AUDIENCE])
        .issuer(TrustedIssuer::new(provider).shared_secret(Secret::from(secret), Algorithm::Hs256));
    let (api, _) = api(builder);
    let good = own.token("alice").audience(AUDIENCE).sign();
    assert!(at_once(&api, &good, &Requirement::new()).is_ok());
    let other =
        issuer("https://one.example").with_secret("another secret of thirty-two bytes, too");
    let raw = other.token("alice").audience(AUDIENCE).sign();
    assert_eq!(code(super::api::check(&api, &raw)), "jws.signature");
    let asymmetric = issuer("https://one.example").token("alice").audience(AUDIENCE).sign();
    assert_eq!(code(super::api::check(&api, &asymmetric)), "jws.algorithm_not_allowed");
}

#[test]
fn settings_that_can_not_work_are_named() {
    let one = issuer("https://one.example");
    let world = crate::support::World::new();
    let build = |builder: countersign::ResourceServerBuilder| {
        builder.build(world.outside()).unwrap_err().to_string()
    };
    let none: [&str; 0] = [];
    for (builder, word) in [
        (ResourceServer::builder([AUDIENCE]), "at least one issuer"),
        (ResourceServer::builder(none).issuer(trusted(&one)), "audience"),
        (ResourceServer::builder([""]).issuer(trusted(&one)), "audience"),
        (ResourceServer::builder([AUDIENCE]).issuer(trusted(&one)).issuer(trusted(&one)), "twice"),
        (
            ResourceServer::builder([AUDIENCE])
                .issuer(trusted(&one).shared_secret(Secret::from(""), Algorithm::Hs256)),
            "shared secret",
        ),
        (
            ResourceServer::builder([AUDIENCE])
                .issuer(trusted(&one).shared_secret(Secret::from("s"), Algorithm::Rs256)),
            "shared secret",
        ),
    ] {
        let said = build(builder);
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn a_token_without_audience_passes_by_its_client_only_where_that_is_set() {
    let issuer = issuer("https://op.example");
    let (clients, audiences) = (["app"], [AUDIENCE]);
    let trusted = || TrustedIssuer::new(Provider::with_keys(issuer.issuer(), issuer.keys()));
    let raw = |client: &str| issuer.token("alice").client(client).without("aud").sign();
    let judge = |trusted, raw: &str| {
        let (api, _world) = api(ResourceServer::builder(audiences).issuer(trusted));
        at_once(&api, raw, &Requirement::new())
    };
    assert!(judge(trusted().clients(clients), &raw("app")).is_ok());
    assert_eq!(code(judge(trusted().clients(clients), &raw("other"))), "access_token.audience");
    assert_eq!(code(judge(trusted(), &raw("app"))), "access_token.audience");
}

#[test]
fn a_header_that_one_issuer_may_write_opens_nothing_at_another() {
    let secret = "a secret of at least thirty-two bytes!";
    let one = issuer("https://one.example").with_secret(secret);
    let two = issuer("https://two.example");
    let of_one = TrustedIssuer::new(Provider::with_keys(one.issuer(), KeySet::empty()));
    let builder = ResourceServer::builder([AUDIENCE])
        .issuer(of_one.shared_secret(Secret::from(secret), Algorithm::Hs256))
        .issuer(trusted(&two));
    let (api, _) = api(builder);
    let good = one.token("alice").audience(AUDIENCE).sign();
    at_once(&api, &good, &Requirement::new()).unwrap();
    let header = good.split('.').next().unwrap();
    let published = serde_json::to_string(&two.jwks()).unwrap();
    for known in [secret, &published] {
        let forger = issuer("https://two.example").with_secret(known);
        let forged = forger.token("eve").audience(AUDIENCE).sign();
        assert_eq!(forged.split('.').next(), Some(header), "the very header that is remembered");
        assert_eq!(code(super::api::check(&api, &forged)), "jws.algorithm_not_allowed");
    }
}

#[test]
fn a_key_that_one_issuer_takes_away_ends_its_own_tokens_and_no_others() {
    let world = crate::support::World::new();
    let mut own = super::api::of(&world);
    let other = issuer("https://two.example").with_key(world.op().signer.clone());
    let builder = ResourceServer::builder([AUDIENCE])
        .issuer(TrustedIssuer::new(crate::support::discovered()))
        .issuer(trusted(&other));
    let api = builder.build(world.outside()).unwrap();
    let lives = crate::support::secs(48 * 3600);
    own = own.at(super::api::now(&world));
    let first = own.token("alice").audience(AUDIENCE).lives(lives).sign();
    let second = other.token("bob").audience(AUDIENCE).lives(lives).sign();
    let check = |raw: &str| super::api::check(&api, raw);
    check(&first).unwrap();
    check(&second).unwrap();
    world.op().rotate();
    world.forward(crate::support::secs(24 * 3600));
    assert_eq!(code(check(&first)), "keys.unknown");
    assert_eq!(check(&second).unwrap().subject(), Some("bob"));
}
