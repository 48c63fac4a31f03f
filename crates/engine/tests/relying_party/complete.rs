use countersign::protocol::discovery::Metadata;
use countersign::protocol::jose::{Algorithm, SigningKey};
use countersign::protocol::value::endpoint::Endpoint;
use countersign::{
    Callback, Client, ClientAuthentication, Fault, LoginOptions, Provider, RegistrationRequest,
    RelyingParty, Secret, Session,
};
use serde_json::{Value, json};

use crate::support::{
    CLIENT_SECRET, START, World, answer, client, discovered, key, ready, redirect_uri,
};

fn written(world: &World) -> Provider {
    let document = Value::Object(world.op().document.clone()).to_string();
    Provider::written(Metadata::from_json(document.as_bytes()).unwrap()).unwrap()
}

fn refused(world: &World) -> &'static str {
    world.log_in(&world.rp()).unwrap_err().code()
}

#[test]
fn a_login_is_completed_with_either_provider_and_either_client() {
    for is_written in [false, true] {
        for registers in [false, true] {
            let world = World::new();
            let provider = if is_written { written(&world) } else { discovered() };
            let builder = if registers {
                let request = RegistrationRequest::new([redirect_uri()]);
                RelyingParty::registering(provider, request, redirect_uri())
            } else {
                RelyingParty::builder(provider, client(), redirect_uri())
            };
            let session = world.log_in(&builder.build(world.outside()).unwrap()).unwrap();
            assert_eq!(session.subject(), "alice");
            assert_eq!(session.claim("email"), Some(&json!("alice@hush.example")));
            assert_eq!(session.started_at(), START);
            assert_eq!(world.asked(Endpoint::Discovery), usize::from(!is_written));
            assert_eq!(world.asked(Endpoint::Registration), usize::from(registers));
            assert_eq!(world.asked(Endpoint::Token), 1);
            assert_eq!(world.asked(Endpoint::UserInfo), 1);
        }
    }
}

#[test]
fn every_way_to_authenticate_works() {
    let world = World::new();
    world.op().clients.insert("public".into(), None);
    let post = ClientAuthentication::SecretPost(Secret::from(CLIENT_SECRET));
    for client in [client(), Client::new("web", post), Client::public("public")] {
        let rp = RelyingParty::builder(discovered(), client, redirect_uri());
        assert!(world.log_in(&rp.build(world.outside()).unwrap()).is_ok());
    }
}

#[test]
fn a_refusal_at_the_provider_asks_for_no_token() {
    let world = World::new();
    let rp = world.rp();
    let (_, pending) = world.begin(&rp).unwrap();
    let callback = format!("error=access_denied&state={}", pending.state());
    let error = ready(rp.complete(pending, Callback::parse(&callback).unwrap())).unwrap_err();
    assert_eq!((error.code(), error.fault()), ("login.refused", Fault::Person));
    assert_eq!(error.provider_says().unwrap().error, "access_denied");
    assert_eq!(world.asked(Endpoint::Token), 0);
}

#[test]
fn a_foreign_state_asks_for_no_token() {
    let world = World::new();
    let rp = world.rp();
    let (url, _) = world.begin(&rp).unwrap();
    let (_, mine) = world.begin(&rp).unwrap();
    let error = ready(rp.complete(mine, world.authorize(&url))).unwrap_err();
    assert_eq!(error.code(), "login.state_mismatch");
    assert_eq!(world.asked(Endpoint::Token), 0);
}

#[test]
fn a_code_of_another_login_is_useless() {
    let world = World::new();
    let rp = world.rp();
    let (theirs, _) = world.begin(&rp).unwrap();
    let (_, mine) = world.begin(&rp).unwrap();
    let query = world.op().authorize(&theirs);
    let code = query.split('&').find(|part| part.starts_with("code=")).unwrap().to_owned();
    let callback = Callback::parse(&format!("{code}&state={}", mine.state())).unwrap();
    let error = ready(rp.complete(mine, callback)).unwrap_err();
    assert_eq!(error.code(), "token.refused", "the verifier is another one");
}

#[test]
fn an_id_token_of_another_login_is_refused() {
    let world = World::new();
    world.op().change_id_token = Box::new(|claims| {
        claims.insert("nonce".into(), json!("replayed"));
    });
    assert_eq!(refused(&world), "id_token.nonce");
}

#[test]
fn an_id_token_that_breaks_a_rule_makes_no_session() {
    for (member, value, code) in [
        ("iss", json!("https://evil.example"), "id_token.issuer"),
        ("aud", json!("other"), "id_token.audience"),
        ("aud", json!(["web", "api"]), "id_token.audience"),
        ("azp", json!("other"), "id_token.azp"),
        ("exp", json!(START.as_secs() - 60), "id_token.expired"),
        ("exp", json!("1700000300"), "id_token.claim"),
        ("iat", json!(START.as_secs() + 61), "id_token.issued_at"),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"), "id_token.hash"),
        ("sub", json!(""), "id_token.claim"),
    ] {
        let world = World::new();
        world.op().change_id_token = Box::new(move |claims| {
            claims.insert(member.to_owned(), value.clone());
        });
        assert_eq!(refused(&world), code, "{member}");
        assert_eq!(world.asked(Endpoint::UserInfo), 0, "{member}");
    }
}

#[test]
fn a_trusted_audience_may_stand_beside_us() {
    let world = World::new();
    world.op().change_id_token = Box::new(|claims| {
        claims.insert("aud".into(), json!(["web", "api"]));
        claims.insert("azp".into(), json!("web"));
    });
    let rp = world.builder().trusted_audiences(["api"]).build(world.outside()).unwrap();
    assert!(world.log_in(&rp).is_ok());
    assert_eq!(refused(&world), "id_token.audience");
}

#[test]
fn a_token_answer_without_id_token_makes_no_session() {
    let world = World::new();
    world.op().change_tokens = Box::new(|answer| {
        answer.remove("id_token");
    });
    assert_eq!(refused(&world), "token.member");
}

#[test]
fn a_failing_token_endpoint_is_a_failure_that_passes() {
    let world = World::new();
    world.op().instead.insert(Endpoint::Token, answer(503, &json!({"error": "invalid_grant"})));
    let error = world.log_in(&world.rp()).unwrap_err();
    assert_eq!(error.fault(), Fault::Network);
    assert_eq!(world.asked(Endpoint::Token), 1, "a code is redeemed once");
}

#[test]
fn the_profile_of_somebody_else_makes_no_session() {
    let world = World::new();
    world.op().change_user_info = Box::new(|claims| {
        claims.insert("sub".into(), json!("bob"));
    });
    let error = world.log_in(&world.rp()).unwrap_err();
    assert_eq!((error.code(), error.fault()), ("user_info.subject", Fault::Provider));
}

#[test]
fn a_profile_that_can_not_be_had_makes_no_session() {
    let world = World::new();
    world.op().instead.insert(Endpoint::UserInfo, answer(401, &json!({})));
    assert_eq!(refused(&world), "user_info.refused");
}

#[test]
fn the_profile_is_left_out_when_it_is_switched_off_or_not_offered() {
    let world = World::new();
    let off = world.builder().user_info(false).build(world.outside()).unwrap();
    assert!(world.log_in(&off).unwrap().user_info().is_none());
    world.op().document.remove("userinfo_endpoint").unwrap();
    assert!(world.log_in(&world.rp()).unwrap().user_info().is_none());
    assert_eq!(world.asked(Endpoint::UserInfo), 0);
}

fn with_client(world: &World, client: Client) -> RelyingParty {
    RelyingParty::builder(discovered(), client, redirect_uri()).build(world.outside()).unwrap()
}

#[test]
fn a_signed_profile_is_checked_with_the_providers_keys() {
    let world = World::new();
    let signer = world.op().signer.clone();
    world.op().user_info_signer = Some(signer);
    let signed = with_client(&world, client().user_info_alg(Algorithm::Es256));
    assert!(world.log_in(&signed).is_ok());
    assert!(world.log_in(&world.rp()).is_ok());

    world.op().user_info_signer = Some(key(Algorithm::Es256));
    assert_eq!(world.log_in(&signed).unwrap_err().code(), "keys.unknown");
    world.op().user_info_signer = None;
    assert_eq!(world.log_in(&signed).unwrap_err().code(), "user_info.member");
}

#[test]
fn a_rotation_between_token_and_profile_is_followed() {
    let world = World::new();
    let rp = world.rp();
    world.log_in(&rp).unwrap();
    let (old, new) = (world.op().signer.clone(), key(Algorithm::Es256));
    world.op().keys = vec![old, new.clone()];
    world.op().user_info_signer = Some(new);
    assert!(world.log_in(&rp).is_ok());
    assert_eq!(world.asked(Endpoint::Keys), 2);
}

fn mac() -> SigningKey {
    SigningKey::from_secret(CLIENT_SECRET.as_bytes(), Algorithm::Hs256).unwrap()
}

#[test]
fn a_secret_signs_id_tokens_only_where_the_client_is_registered_for_it() {
    let world = World::new();
    world.op().signer = mac();
    assert_eq!(refused(&world), "jws.algorithm_not_allowed");
    let registered = with_client(&world, client().id_token_alg(Algorithm::Hs256));
    assert!(world.log_in(&registered).is_ok());
    assert_eq!(world.asked(Endpoint::Keys), 1, "by the first relying party alone");
    world.op().rotate();
    assert_eq!(world.log_in(&registered).unwrap_err().code(), "jws.algorithm_not_allowed");
}

#[test]
fn the_profile_may_be_signed_with_another_kind_of_key_than_the_id_token() {
    let world = World::new();
    let public = world.op().signer.clone();
    world.op().signer = mac();
    world.op().user_info_signer = Some(public.clone());
    let client = client().id_token_alg(Algorithm::Hs256).user_info_alg(Algorithm::Es256);
    assert!(world.log_in(&with_client(&world, client)).is_ok());

    world.op().signer = public;
    world.op().user_info_signer = Some(mac());
    let client = crate::support::client().user_info_alg(Algorithm::Hs256);
    assert!(world.log_in(&with_client(&world, client)).is_ok());
}

#[test]
fn an_unannounced_algorithm_is_refused() {
    let world = World::new();
    let announced = json!(["RS256", "HS256"]);
    world.op().document.insert("id_token_signing_alg_values_supported".into(), announced);
    assert_eq!(refused(&world), "jws.algorithm_not_allowed");
    let announced = json!(["HS256", "none"]);
    world.op().document.insert("id_token_signing_alg_values_supported".into(), announced);
    assert_eq!(refused(&world), "setup.id_token_alg");
}

#[test]
fn a_silent_login_that_finds_somebody_else_makes_no_session() {
    let world = World::new();
    let rp = world.rp();
    let session = world.log_in(&rp).unwrap();
    let options = session.silent_login(LoginOptions::new());
    let again = world.log_in_with(&rp, options.clone()).unwrap();
    assert_eq!(again.subject(), "alice");
    world.op().subject = "bob".to_owned();
    assert_eq!(world.log_in_with(&rp, options).unwrap_err().code(), "id_token.subject");
}

#[test]
fn a_login_that_took_over_an_hour_is_expired() {
    let world = World::new();
    let rp = world.rp();
    let (url, pending) = world.begin(&rp).unwrap();
    world.forward(crate::support::secs(3600));
    let error = ready(rp.complete(pending, world.authorize(&url))).unwrap_err();
    assert_eq!((error.code(), error.fault()), ("login.expired", Fault::Person));
}

#[test]
fn a_tenant_signs_in_only_if_it_is_listed() {
    let tenants = |tenants: [&str; 1]| {
        let world = World::new();
        let template = "https://op.example/{tenantid}";
        world.op().document.insert("issuer".into(), json!(template));
        world.op().issuer = "https://op.example/contoso".to_owned();
        world.op().change_id_token = Box::new(|claims| {
            claims.insert("tid".into(), json!("contoso"));
        });
        let template = countersign::IssuerTemplate::new(template, "tid", tenants).unwrap();
        let common = countersign::Issuer::parse("https://op.example").unwrap();
        let provider = Provider::tenants(template, &common);
        let rp = RelyingParty::builder(provider, client(), redirect_uri());
        world.log_in(&rp.build(world.outside()).unwrap()).map_err(|error| error.code())
    };
    let subject = |session: Session| session.issuer().to_owned();
    assert_eq!(tenants(["contoso"]).map(subject), Ok("https://op.example/contoso".to_owned()));
    // RFC 9207 refuses it already at the callback.
    assert_eq!(tenants(["fabrikam"]).map(subject), Err("login.issuer"));
}
