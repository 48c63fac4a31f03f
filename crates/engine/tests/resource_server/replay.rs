use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use countersign::protocol::Fault;
use countersign::protocol::bearer::dpop::DpopError;
use countersign::{ReplayMemory, UnixTime};

const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);
const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn a_proof_passes_once() {
    let memory = ReplayMemory::new(8);
    assert_eq!(memory.first_time("key", "1", NOW + MINUTE, NOW), Ok(()));
    let again = memory.first_time("key", "1", NOW + MINUTE, NOW);
    assert_eq!(again, Err(DpopError::Replayed));
    assert_eq!(again.unwrap_err().entry().code, "dpop.replay");
    assert_eq!(memory.len(), 1);
}

#[test]
fn a_jti_is_refused_in_a_later_proof_while_the_first_could_still_pass() {
    let memory = ReplayMemory::new(8);
    memory.first_time("key", "1", NOW + MINUTE, NOW).unwrap();
    let later = NOW + Duration::from_secs(30);
    let again = memory.first_time("key", "1", later + MINUTE, later);
    assert_eq!(again, Err(DpopError::Replayed));
}

#[test]
fn the_same_jti_of_another_key_is_another_proof() {
    let memory = ReplayMemory::new(8);
    memory.first_time("key", "1", NOW + MINUTE, NOW).unwrap();
    assert_eq!(memory.first_time("key of another", "1", NOW + MINUTE, NOW), Ok(()));
}

#[test]
fn key_and_jti_are_kept_apart() {
    let memory = ReplayMemory::new(8);
    memory.first_time("key", "12", NOW + MINUTE, NOW).unwrap();
    assert_eq!(memory.first_time("key1", "2", NOW + MINUTE, NOW), Ok(()));
}

#[test]
fn a_proof_is_remembered_to_the_last_moment_of_its_time_and_then_forgotten() {
    let memory = ReplayMemory::new(8);
    let until = UnixTime::from_millis(NOW.as_millis() + 60_400);
    memory.first_time("key", "1", until, NOW).unwrap();
    assert_eq!(memory.first_time("key", "1", until, until), Err(DpopError::Replayed));
    memory.first_time("key", "2", until + MINUTE, until + Duration::from_secs(1)).unwrap();
    assert_eq!(memory.len(), 1, "the first one is gone");
}

#[test]
fn a_full_memory_refuses_new_proofs_and_forgets_no_live_one() {
    let memory = ReplayMemory::new(4);
    for key in ["a", "b", "c", "d"] {
        memory.first_time(key, "1", NOW + MINUTE, NOW).unwrap();
    }
    let fifth = memory.first_time("e", "1", NOW + MINUTE, NOW);
    assert_eq!(fifth, Err(DpopError::Busy { held: 4, of_one_key: false }));
    for key in ["a", "b", "c", "d"] {
        let again = memory.first_time(key, "1", NOW + MINUTE, NOW);
        assert_eq!(again, Err(DpopError::Replayed), "{key}");
    }
}

#[test]
fn a_full_memory_says_try_again_and_takes_proofs_when_the_old_ones_end() {
    let memory = ReplayMemory::new(1);
    memory.first_time("a", "1", NOW + MINUTE, NOW).unwrap();
    let refused = memory.first_time("b", "1", NOW + MINUTE, NOW).unwrap_err();
    assert_eq!((refused.entry().code, refused.entry().fault), ("dpop.busy", Fault::Network));
    let later = NOW + MINUTE + Duration::from_secs(1);
    assert_eq!(memory.first_time("b", "1", later + MINUTE, later), Ok(()));
}

#[test]
fn one_key_can_not_take_the_places_of_all() {
    let memory = ReplayMemory::new(8);
    memory.first_time("flood", "1", NOW + MINUTE, NOW).unwrap();
    memory.first_time("flood", "2", NOW + MINUTE, NOW).unwrap();
    let third = memory.first_time("flood", "3", NOW + MINUTE, NOW);
    assert_eq!(third, Err(DpopError::Busy { held: 2, of_one_key: true }));
    assert_eq!(third.unwrap_err().entry().code, "dpop.busy");
    assert_eq!(memory.first_time("honest", "1", NOW + MINUTE, NOW), Ok(()));
}

#[test]
fn a_key_gets_its_places_back() {
    let memory = ReplayMemory::new(4);
    for round in 0..5 {
        let now = NOW + (MINUTE + Duration::from_secs(1)) * round;
        assert_eq!(memory.first_time("key", "1", now + MINUTE, now), Ok(()), "round {round}");
        let second = memory.first_time("key", "2", now + MINUTE, now);
        assert_eq!(second, Err(DpopError::Busy { held: 1, of_one_key: true }), "round {round}");
    }
}

#[test]
fn a_flood_does_not_make_the_memory_grow() {
    let memory = ReplayMemory::new(100);
    for number in 0..10_000 {
        let _ = memory.first_time(
            &format!("key {}", number % 7),
            &number.to_string(),
            NOW + MINUTE,
            NOW,
        );
    }
    assert_eq!(memory.len(), 100);
    let later = NOW + MINUTE + Duration::from_secs(1);
    memory.first_time("key", "1", later + MINUTE, later).unwrap();
    assert_eq!(memory.len(), 1);
}

#[test]
fn of_many_threads_with_one_proof_one_passes() {
    let memory = ReplayMemory::default();
    assert!(memory.is_empty());
    let (passed, together) = (AtomicUsize::new(0), Barrier::new(8));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                together.wait();
                if memory.first_time("key", "1", NOW + MINUTE, NOW).is_ok() {
                    passed.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(passed.into_inner(), 1);
}

#[test]
fn what_is_remembered_is_not_shown() {
    let memory = ReplayMemory::new(8);
    memory.first_time("key", "a-jti", NOW + MINUTE, NOW).unwrap();
    assert_eq!(format!("{memory:?}"), "ReplayMemory { most: 8, .. }");
}
