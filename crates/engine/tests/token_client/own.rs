use countersign::protocol::value::endpoint::Endpoint;
use countersign::{AccessGrant, Error, Fault, TokenAsk, TokenClient};
use serde_json::{Value, json};

use super::{form, tokens};
use crate::support::{START, Task, World, answer, down, ready, secs};

fn fetched(tokens: &TokenClient, scope: &str) -> Result<AccessGrant, Error> {
    ready(tokens.client_credentials(&TokenAsk::new().scope(scope)))
}

fn token(tokens: &TokenClient) -> String {
    fetched(tokens, "a").unwrap().token.expose().to_owned()
}

fn changed(world: &World, member: &'static str, value: Value) {
    world.op().change_tokens = Box::new(move |body| {
        body.insert(member.to_owned(), value.clone());
    });
}

#[test]
fn a_token_is_asked_for_once_and_kept() {
    let world = World::new();
    let tokens = tokens(&world);
    let grant = fetched(&tokens, "a b").unwrap();
    assert_eq!(grant.scope, "a b");
    assert_eq!(grant.expires_at, Some(START + secs(300)));
    assert_eq!(form(&world)["grant_type"], "client_credentials");
    assert_eq!(form(&world)["scope"], "a b");
    for _ in 0..5 {
        let again = fetched(&tokens.clone(), "a b").unwrap();
        assert_eq!(again.token, grant.token);
    }
    assert_eq!(world.asked(Endpoint::Token), 1);
    assert!(!format!("{grant:?}").contains("hush"));
}

#[test]
fn another_question_gets_another_token() {
    let world = World::new();
    let tokens = tokens(&world);
    let api = |name: &str| TokenAsk::new().scope("a").audience(name);
    let asks =
        [TokenAsk::new(), TokenAsk::new().scope("a"), api("x"), api("y"), api("x").extra("o", "1")];
    let all: Vec<_> = asks
        .iter()
        .chain(&asks)
        .map(|ask| ready(tokens.client_credentials(ask)).unwrap().token.expose().to_owned())
        .collect();
    let (first, second) = all.split_at(asks.len());
    assert_eq!(first, second);
    assert_eq!(std::collections::HashSet::<_>::from_iter(first).len(), asks.len());
    assert_eq!(world.asked(Endpoint::Token), asks.len());
}

#[test]
fn a_token_is_renewed_before_it_ends() {
    for (lifetime, kept) in [(300, 270), (3600, 3570), (100, 90), (10, 9)] {
        let world = World::new();
        world.op().access_token_lifetime = lifetime;
        let tokens = tokens(&world);
        let first = token(&tokens);
        world.forward(secs(kept) - secs(1));
        assert_eq!(token(&tokens), first, "{lifetime}");
        world.forward(secs(1));
        assert_ne!(token(&tokens), first, "{lifetime}");
        assert_eq!(world.asked(Endpoint::Token), 2);
    }
}

#[test]
fn a_token_without_end_is_kept_for_a_minute() {
    let world = World::new();
    changed(&world, "expires_in", json!(null));
    let tokens = tokens(&world);
    let grant = fetched(&tokens, "a").unwrap();
    assert_eq!(grant.expires_at, None);
    world.forward(secs(53));
    assert_eq!(token(&tokens), grant.token.expose());
    world.forward(secs(1));
    assert_ne!(token(&tokens), grant.token.expose());
}

#[test]
fn an_old_token_is_good_until_its_end_while_no_newer_can_be_had_and_not_longer() {
    let world = World::new();
    let tokens = tokens(&world);
    let first = token(&tokens);
    world.forward(secs(270));
    world.op().down = Some(down());
    for _ in 0..5 {
        assert_eq!(token(&tokens), first);
    }
    assert_eq!(world.asked(Endpoint::Token), 2, "asked again although it had just failed");
    world.forward(secs(1));
    assert_eq!(token(&tokens), first);
    assert_eq!(world.asked(Endpoint::Token), 3);
    world.forward(secs(29));
    let error = fetched(&tokens, "a").unwrap_err();
    assert_eq!(error.code(), "network.unreachable");
    world.op().down = None;
    world.forward(secs(60));
    assert_ne!(token(&tokens), first);
}

#[test]
fn a_provider_that_refuses_is_asked_after_1_2_4_and_at_most_60_seconds() {
    let world = World::new();
    world.op().instead.insert(Endpoint::Token, answer(400, &json!({"error": "invalid_scope"})));
    let tokens = tokens(&world);
    assert!(fetched(&tokens, "a").is_err());
    let mut asked = 1;
    for wait in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
        let error = fetched(&tokens, "a").unwrap_err();
        assert_eq!(error.code(), "token.not_granted");
        assert_eq!(error.provider_says().unwrap().error, "invalid_scope");
        assert_eq!(error.retry_after(), Some(secs(wait)));
        assert_eq!(world.asked(Endpoint::Token), asked, "asked before {wait} s were over");
        world.forward(secs(wait));
        assert!(fetched(&tokens, "a").is_err());
        asked += 1;
        assert_eq!(world.asked(Endpoint::Token), asked, "not asked after {wait} s");
    }
    // Another question does not wait for this one.
    world.op().instead.clear();
    assert!(fetched(&tokens, "b").is_ok());
}

#[test]
fn fifty_who_ask_at_once_cause_one_question() {
    let world = World::new();
    let tokens = tokens(&world);
    let ask = TokenAsk::new().scope("a");
    world.close(Endpoint::Token);
    let mut tasks: Vec<_> = (0..50).map(|_| Task::new(tokens.client_credentials(&ask))).collect();
    for task in &mut tasks {
        assert!(task.poll().is_none());
    }
    // Whoever asked first goes away.
    drop(tasks.remove(0));
    world.open();
    for task in &mut tasks {
        assert!(task.poll_if_woken().unwrap().is_ok());
    }
    assert_eq!(world.asked(Endpoint::Token), 1);
}

#[test]
fn while_one_renews_the_others_go_on_with_the_old_token() {
    let world = World::new();
    let tokens = tokens(&world);
    let first = token(&tokens);
    world.forward(secs(280));
    world.close(Endpoint::Token);
    let ask = TokenAsk::new().scope("a");
    let mut renewing = Task::new(tokens.client_credentials(&ask));
    assert!(renewing.poll().is_none());
    for _ in 0..5 {
        assert_eq!(token(&tokens), first);
    }
    world.open();
    let second = renewing.poll_if_woken().unwrap().unwrap();
    assert_ne!(second.token.expose(), first);
    assert_eq!(token(&tokens), second.token.expose());
    assert_eq!(world.asked(Endpoint::Token), 2);
}

#[test]
fn a_token_that_ended_on_its_way_is_not_handed_out() {
    for lifetime in [json!(0), json!("0"), json!(0.0)] {
        let world = World::new();
        changed(&world, "expires_in", lifetime.clone());
        let error = fetched(&tokens(&world), "a").unwrap_err();
        assert_eq!(error.code(), "token.member", "{lifetime}");
    }
    let world = World::new();
    let tokens = tokens(&world);
    let ask = TokenAsk::new();
    world.op().access_token_lifetime = 5;
    world.close(Endpoint::Token);
    let mut slow = Task::new(tokens.client_credentials(&ask));
    assert!(slow.poll().is_none());
    world.forward(secs(5));
    world.open();
    assert_eq!(slow.poll_if_woken().unwrap().unwrap_err().code(), "token.member");
}

#[test]
fn a_bad_answer_is_not_kept_as_a_token() {
    for (member, value) in [
        ("expires_in", json!(-5)),
        ("expires_in", json!("soon")),
        ("access_token", json!("")),
        ("token_type", json!("N_A")),
        ("error", json!("server_error")),
    ] {
        let world = World::new();
        changed(&world, member, value.clone());
        let tokens = tokens(&world);
        assert!(fetched(&tokens, "a").is_err(), "{member}: {value}");
        world.op().change_tokens = Box::new(|_| {});
        world.forward(secs(1));
        assert!(fetched(&tokens, "a").is_ok());
    }
}

#[test]
fn a_narrower_and_an_empty_scope_are_told_as_granted() {
    for scope in ["a", ""] {
        let world = World::new();
        changed(&world, "scope", json!(scope));
        assert_eq!(fetched(&tokens(&world), "a b").unwrap().scope, scope);
    }
}

#[test]
fn a_clock_that_is_set_back_prolongs_no_token() {
    let world = World::new();
    let tokens = tokens(&world);
    let first = token(&tokens);
    world.back(secs(3600));
    assert_ne!(token(&tokens), first);
}

#[test]
fn a_provider_that_is_down_at_the_start_is_found_later() {
    let world = World::new();
    world.op().down = Some(down());
    let tokens = tokens(&world);
    assert_eq!(fetched(&tokens, "a").unwrap_err().fault(), Fault::Network);
    world.op().down = None;
    world.forward(secs(1));
    assert!(fetched(&tokens, "a").is_ok());
}
