use countersign::protocol::value::endpoint::Endpoint;
use countersign::{AccessGrant, Error, Secret, TokenAsk, TokenClient, TokenExchange, TokenType};
use serde_json::json;

use super::{form, tokens};
use crate::support::{START, Task, World, answer, client, discovered, down, ready, secs};

fn exchanged(tokens: &TokenClient, subject: &Secret) -> Result<AccessGrant, Error> {
    ready(tokens.exchange(subject, &TokenAsk::new().audience("billing").scope("a")))
}

fn subject(world: &World) -> Secret {
    Secret::from(world.op().access_token_of("alice"))
}

#[test]
fn the_token_that_came_is_handed_in_and_the_new_one_kept() {
    let world = World::new();
    let (tokens, subject) = (tokens(&world), subject(&world));
    let grant = exchanged(&tokens, &subject).unwrap();
    let form = form(&world);
    assert_eq!(form["subject_token"], subject.expose());
    assert_eq!(form["audience"], "billing");
    assert_eq!((grant.kind.clone(), &*grant.scope), (TokenType::AccessToken, "a"));
    assert_eq!(grant.expires_at, Some(START + secs(300)));
    for _ in 0..5 {
        assert_eq!(exchanged(&tokens, &subject).unwrap().token, grant.token);
    }
    assert_eq!(world.asked(Endpoint::Token), 1);
    assert!(!format!("{grant:?}").contains("hush"));
}

#[test]
fn nobody_gets_what_was_given_for_another_token_or_another_question() {
    let world = World::new();
    let tokens = tokens(&world);
    let (one, two) = (subject(&world), subject(&world));
    let mut seen = Vec::new();
    for subject in [&one, &two] {
        for ask in [
            TokenAsk::new(),
            TokenAsk::new().scope("a"),
            TokenAsk::new().audience("a"),
            TokenAsk::new().audience("b"),
        ] {
            seen.push(ready(tokens.exchange(subject, &ask)).unwrap().token.expose().to_owned());
        }
        let with_actor =
            TokenExchange::new(subject.clone()).actor(one.clone(), TokenType::AccessToken);
        let grant = ready(tokens.exchange_with(with_actor)).unwrap();
        seen.push(grant.token.expose().to_owned());
    }
    assert_eq!(std::collections::HashSet::<_>::from_iter(&seen).len(), seen.len());
}

#[test]
fn what_was_given_is_never_kept_past_its_end() {
    for (lifetime, kept) in [(300, 270), (20, 18)] {
        let world = World::new();
        world.op().access_token_lifetime = lifetime;
        let (tokens, subject) = (tokens(&world), subject(&world));
        let first = exchanged(&tokens, &subject).unwrap().token;
        world.forward(secs(kept) - secs(1));
        assert_eq!(exchanged(&tokens, &subject).unwrap().token, first);
        world.forward(secs(1));
        assert_ne!(exchanged(&tokens, &subject).unwrap().token, first);
        // And when the provider is down, it is not handed out either.
        world.forward(secs(lifetime));
        world.op().down = Some(down());
        assert_eq!(exchanged(&tokens, &subject).unwrap_err().code(), "network.unreachable");
    }
}

#[test]
fn a_subject_that_is_refused_is_refused_and_asked_about_anew() {
    let world = World::new();
    let tokens = tokens(&world);
    let stranger = Secret::from("stranger-hush");
    for asked in 1..=2 {
        let error = exchanged(&tokens, &stranger).unwrap_err();
        assert_eq!(error.code(), "token.not_granted");
        assert!(!format!("{error:?}").contains("hush"), "{error}");
        assert_eq!(world.asked(Endpoint::Token), asked);
    }
    assert!(exchanged(&tokens, &subject(&world)).is_ok(), "others are not made to wait");
}

#[test]
fn those_who_ask_the_same_at_once_cause_one_question() {
    let world = World::new();
    let (tokens, subject) = (tokens(&world), subject(&world));
    let ask = TokenAsk::new();
    world.close(Endpoint::Token);
    let mut tasks: Vec<_> = (0..20).map(|_| Task::new(tokens.exchange(&subject, &ask))).collect();
    for task in &mut tasks {
        assert!(task.poll().is_none());
    }
    world.open();
    for task in &mut tasks {
        assert!(task.poll_if_woken().unwrap().is_ok());
    }
    assert_eq!(world.asked(Endpoint::Token), 1);
}

#[test]
fn no_more_is_kept_than_was_set() {
    let world = World::new();
    let subject = subject(&world);
    let tokens = TokenClient::builder(discovered(), client()).keep_exchanged(4);
    let tokens = tokens.build(world.outside()).unwrap();
    for number in 0..10 {
        let ask = TokenAsk::new().audience(number.to_string());
        ready(tokens.exchange(&subject, &ask)).unwrap();
    }
    for number in 0..10 {
        let ask = TokenAsk::new().audience(number.to_string());
        ready(tokens.exchange(&subject, &ask)).unwrap();
    }
    assert!(world.asked(Endpoint::Token) >= 16, "{}", world.asked(Endpoint::Token));

    let none = TokenClient::builder(discovered(), client()).keep_exchanged(0);
    let none = none.build(world.outside()).unwrap();
    let before = world.asked(Endpoint::Token);
    for _ in 0..3 {
        exchanged(&none, &subject).unwrap();
    }
    assert_eq!(world.asked(Endpoint::Token), before + 3);
}

#[test]
fn an_answer_that_does_not_say_what_it_gives_is_refused() {
    let world = World::new();
    world.op().change_tokens = Box::new(|body| {
        body.insert("issued_token_type".to_owned(), json!(null));
    });
    let (tokens, subject) = (tokens(&world), subject(&world));
    assert_eq!(exchanged(&tokens, &subject).unwrap_err().code(), "token.member");
    world.op().change_tokens = Box::new(|_| {});
    assert!(exchanged(&tokens, &subject).is_ok(), "a bad answer is not kept");
}

#[test]
fn a_scope_that_the_answer_narrows_is_narrow_when_it_is_kept_too() {
    let world = World::new();
    world.op().change_tokens = Box::new(|body| {
        body.insert("scope".to_owned(), json!(""));
    });
    let (tokens, subject) = (tokens(&world), subject(&world));
    for _ in 0..2 {
        assert_eq!(exchanged(&tokens, &subject).unwrap().scope, "");
    }
}

#[test]
fn long_tokens_take_bounded_memory() {
    let world = World::new();
    let tokens = tokens(&world);
    let body = json!({
        "access_token": "x".repeat(1_000_000), "token_type": "Bearer", "expires_in": 300,
        "issued_token_type": TokenType::AccessToken.urn(),
    });
    world.op().instead.insert(Endpoint::Token, answer(200, &body));
    let subjects: Vec<_> = (0..72).map(|_| subject(&world)).collect();
    for subject in &subjects {
        exchanged(&tokens, subject).unwrap();
    }
    world.op().down = Some(down());
    let held = subjects.iter().filter(|subject| exchanged(&tokens, subject).is_ok()).count();
    assert!((1..=67).contains(&held), "{held} megabytes are held");
}
