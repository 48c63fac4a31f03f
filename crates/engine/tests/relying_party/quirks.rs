//! Departures for other people's providers and applications: each does what it says and no more.

use countersign::protocol::value::endpoint::Endpoint;
use countersign::{Issuer, LoginOptions, Provider, RelyingParty, Session, danger, quirks};
use serde_json::json;

use crate::support::{ISSUER, World, client, discovered, ready, redirect_uri};

fn slashed() -> Provider {
    Provider::discover(Issuer::parse("https://op.example/").unwrap())
}

fn rp(world: &World, provider: Provider) -> RelyingParty {
    RelyingParty::builder(provider, client(), redirect_uri()).build(world.outside()).unwrap()
}

fn login(world: &World, provider: Provider) -> Result<Session, &'static str> {
    world.log_in(&rp(world, provider)).map_err(|error| error.code())
}

#[test]
fn a_slash_too_many_is_forgiven_only_where_that_is_set() {
    let world = World::new();
    assert_eq!(login(&world, slashed()).unwrap_err(), "discovery.issuer");
    let session = login(&world, quirks::forgiving_slash(slashed())).unwrap();
    assert_eq!(session.issuer(), ISSUER, "as the provider writes it");
}

#[test]
fn a_forgiven_slash_is_settled_by_the_metadata() {
    let world = World::new();
    world.op().change_id_token = Box::new(|claims| {
        claims.insert("iss".into(), json!("https://op.example/"));
    });
    let login = login(&world, quirks::forgiving_slash(slashed()));
    assert_eq!(login.unwrap_err(), "id_token.issuer");
}

#[test]
fn a_forgiven_slash_forgives_no_other_issuer() {
    for other in ["https://op.example//", "https://op.example/realm", "https://other.example"] {
        let world = World::new();
        world.op().document.insert("issuer".into(), json!(other));
        let login = login(&world, quirks::forgiving_slash(slashed()));
        assert_eq!(login.unwrap_err(), "discovery.issuer", "{other}");
    }
}

#[test]
fn a_login_begun_before_the_slash_was_settled_is_completed_by_another_process() {
    let world = World::new();
    let one = rp(&world, quirks::forgiving_slash(slashed()));
    let two = rp(&world, quirks::forgiving_slash(slashed()));
    let (url, pending) = world.begin(&one).unwrap();
    assert!(ready(two.complete(pending, world.authorize(&url))).is_ok());
}

#[test]
fn sparse_metadata_are_enough_until_an_endpoint_is_needed() {
    let world = World::new();
    world.op().document.remove("token_endpoint");
    assert_eq!(login(&world, discovered()).unwrap_err(), "discovery.member");
    assert_eq!(world.asked(Endpoint::Token), 0);
    let rp = rp(&world, quirks::sparse_metadata(discovered()));
    let (url, pending) = world.begin(&rp).unwrap();
    let error = ready(rp.complete(pending, world.authorize(&url))).unwrap_err();
    assert_eq!(error.code(), "setup.endpoint");
}

#[test]
fn metadata_from_elsewhere_must_still_name_the_issuer() {
    let world = World::new();
    let elsewhere = || discovered().metadata_at("https://config.example/op.json".parse().unwrap());
    assert!(login(&world, elsewhere()).is_ok());
    let asked = world.requests();
    let asked = asked.iter().find(|asked| asked.endpoint() == Endpoint::Discovery).unwrap();
    assert_eq!(asked.url().as_str(), "https://config.example/op.json");
    world.op().document.insert("issuer".into(), json!("https://evil.example"));
    assert_eq!(login(&world, elsewhere()).unwrap_err(), "discovery.issuer");
}

#[test]
fn pkce_stays_away_only_where_nothing_announces_it() {
    for (announced, sent) in
        [(json!(null), false), (json!(["plain"]), false), (json!(["S256"]), true)]
    {
        let world = World::new();
        world.op().document.insert("code_challenge_methods_supported".into(), announced);
        let builder = quirks::pkce_where_announced(world.builder());
        let rp = builder.build(world.outside()).unwrap();
        let (url, pending) = world.begin(&rp).unwrap();
        assert_eq!(url.as_str().contains("code_challenge="), sent);
        assert_eq!(pending.verifier().is_some(), sent);
        assert!(ready(rp.complete(pending, world.authorize(&url))).is_ok());
        let (plain, _) = world.begin(&world.rp()).unwrap();
        assert!(plain.as_str().contains("code_challenge="), "always, unless set otherwise");
    }
}

#[test]
fn user_info_is_asked_by_post_where_that_is_set() {
    let world = World::new();
    let rp = quirks::user_info_by_post(world.builder()).build(world.outside()).unwrap();
    world.log_in(&rp).unwrap();
    let asked = world.requests().into_iter().find(|asked| asked.endpoint() == Endpoint::UserInfo);
    let asked = asked.unwrap();
    assert_eq!(asked.method(), "POST");
    assert!(asked.headers()["authorization"].to_str().unwrap().starts_with("Bearer "));
}

#[test]
fn user_info_about_somebody_else_is_refused() {
    let world = World::new();
    let rp = world.rp();
    let session = world.log_in(&rp).unwrap();
    let token = session.access_token();
    assert_eq!(ready(rp.user_info(token, Some("alice"))).unwrap()["sub"], "alice");
    assert_eq!(ready(rp.user_info(token, None)).unwrap()["sub"], "alice");
    assert_eq!(ready(rp.user_info(token, Some("bob"))).unwrap_err().code(), "user_info.subject");
}

#[test]
fn a_plain_redirect_uri_needs_a_word() {
    let world = World::new();
    let plain =
        || RelyingParty::builder(discovered(), client(), "http://app.example/cb".parse().unwrap());
    assert_eq!(plain().build(world.outside()).unwrap_err().code(), "setup.redirect_uri");
    assert!(danger::plain_http_redirect(plain()).build(world.outside()).is_ok());
}

#[test]
fn what_an_application_draws_itself_is_sent_and_compared() {
    let world = World::new();
    let rp = world.rp();
    let (state, nonce) = ("a-state-of-its-own", "a-nonce-of-its-own");
    let drawn = || danger::drawn_by_hand(LoginOptions::new(), state, nonce);
    let (url, pending) = ready(rp.begin(drawn())).unwrap();
    assert_eq!((pending.state(), pending.nonce()), (state, Some(nonce)));
    assert!(ready(rp.complete(pending, world.authorize(&url))).is_ok());
    for (state, nonce) in [("short", nonce), (state, "short"), ("", nonce)] {
        let drawn = danger::drawn_by_hand(LoginOptions::new(), state, nonce);
        assert_eq!(ready(rp.begin(drawn)).unwrap_err().code(), "setup.option");
    }
}

#[test]
fn the_other_members_of_the_token_answer_are_at_hand() {
    let world = World::new();
    world.op().change_tokens = Box::new(|answer| {
        answer.insert("not-before-policy".into(), json!(0));
    });
    let session = world.log_in(&world.rp()).unwrap();
    let answer = session.token_answer();
    assert_eq!(
        (&answer["token_type"], &answer["not-before-policy"]),
        (&json!("Bearer"), &json!(0))
    );
    for secret in ["access_token", "refresh_token", "id_token"] {
        assert!(!answer.contains_key(secret), "{secret} has a place of its own");
    }
}
