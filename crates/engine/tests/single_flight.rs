use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::outside::{BoxFuture, Failure, Limits, Outside, Transport};
use countersign::protocol::value::endpoint::Endpoint;
use countersign::protocol::{Request, Response};
use countersign::{LoginOptions, RelyingParty, Session};

use crate::support::{Task, World, client, discovered, ready, redirect_uri, secs};

/// Panics the first time it is asked.
struct Panicking {
    world: World,
    asked: AtomicUsize,
}

impl Transport for Panicking {
    fn send(&self, request: Request, limits: Limits) -> BoxFuture<'_, Result<Response, Failure>> {
        Box::pin(async move {
            if self.asked.fetch_add(1, Ordering::SeqCst) == 0 {
                panic!("a transport of the application's own");
            }
            self.world.send(request, limits).await
        })
    }
}

#[test]
fn a_transport_that_panics_once_does_not_block_its_question_for_ever() {
    let world = World::new();
    let outside = Outside::new(Panicking { world: world.clone(), asked: AtomicUsize::new(0) })
        .clock(world.clone())
        .entropy(world.clone());
    let rp = RelyingParty::builder(discovered(), client(), redirect_uri()).build(outside).unwrap();
    let crashed = catch_unwind(AssertUnwindSafe(|| ready(rp.begin(LoginOptions::new()))));
    assert!(crashed.is_err());
    assert!(ready(rp.begin(LoginOptions::new())).is_ok());
}

/// The same session with another refresh token, of five digits, which the provider knows too.
fn another(world: &World, session: &Session, number: usize) -> Session {
    let token = session.refresh_token().unwrap().expose().to_owned();
    let other = format!("{}{number}", &token[..token.len() - 5]);
    world.op().accept_too(&token, &other);
    let mut record = session.to_record();
    let at = record.windows(token.len()).position(|part| part == token.as_bytes()).unwrap();
    record[at..at + token.len()].copy_from_slice(other.as_bytes());
    Session::from_authenticated_record(&record).unwrap()
}

#[test]
fn however_many_are_renewed_none_is_asked_for_twice_while_it_is_under_way() {
    let world = World::new();
    world.op().count = 10_000;
    world.op().id_token_on_refresh = false;
    let rp = world.builder().user_info(false).build(world.outside()).unwrap();
    let watched = world.log_in(&rp).unwrap();
    let others: Vec<_> = (20_000..30_001).map(|number| another(&world, &watched, number)).collect();

    world.close(Endpoint::Token);
    let mut first = Task::new(rp.refresh(&watched));
    assert!(first.poll().is_none());
    // Its answer is there, and nobody has come for it yet when the others land.
    world.open();
    world.forward(secs(1));
    for other in &others {
        ready(rp.refresh(other)).unwrap();
    }
    let again = ready(rp.refresh(&watched)).unwrap();
    assert_eq!(again.access_token(), first.poll().unwrap().unwrap().access_token());
    assert_eq!(world.asked(Endpoint::Token), 2 + others.len());
}
