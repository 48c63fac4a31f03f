//! Threads that wait for one another's answers.

use std::future::poll_fn;
use std::task::Poll;
use std::thread;

use countersign::blocking::block_on;

#[test]
fn a_wake_is_not_lost_when_the_poll_itself_parks() {
    let mut polls = 0;
    let polled = block_on(poll_fn(|context| {
        polls += 1;
        if polls == 2 {
            return Poll::Ready(polls);
        }
        // Somebody else has the answer while this thread is busy with something that parks: a
        // blocking client that resolves a name, say.
        let waker = context.waker().clone();
        thread::spawn(move || waker.wake()).join().unwrap();
        thread::park();
        Poll::Pending
    }));
    assert_eq!(polled, 2);
}
