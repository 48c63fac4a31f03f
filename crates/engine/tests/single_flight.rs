use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::outside::{BoxFuture, Failure, Limits, Outside, Transport};
use countersign::protocol::value::endpoint::Endpoint;
use countersign::protocol::{Request, Response};
use countersign::{LoginOptions, RelyingParty};

use crate::support::{Task, World, client, discovered, ready, redirect_uri};

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

#[test]
fn ten_thousand_sessions_are_renewed_without_one_being_asked_for_twice_while_under_way() {
    let world = World::new();
    let rp = world.builder().user_info(false).build(world.outside()).unwrap();
    let watched = world.log_in(&rp).unwrap();
    let others: Vec<_> = (0..10_001).map(|_| world.log_in(&rp).unwrap()).collect();
    let asked = world.asked(Endpoint::Token);
    world.close(Endpoint::Token);
    let mut first = Task::new(rp.refresh(&watched));
    assert!(first.poll().is_none());
    // Its answer is there, and nobody has come for it yet when the others land.
    world.open();
    for other in &others {
        ready(rp.refresh(other)).unwrap();
    }
    let again = ready(rp.refresh(&watched)).unwrap();
    let first = first.poll().unwrap().unwrap();
    assert_eq!(first.access_token(), again.access_token());
    assert_eq!(world.asked(Endpoint::Token), asked + 1 + others.len());
}
