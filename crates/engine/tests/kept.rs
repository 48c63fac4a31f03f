//! What only the crate itself can name is compiled in from its source.

#[path = "../src/kept.rs"]
mod source;

use std::collections::HashSet;

use countersign::UnixTime;
use source::Kept;

use crate::support::secs;

const START: UnixTime = UnixTime::from_secs(1_700_000_000);

fn kept(most: usize) -> Kept<u32, &'static str> {
    Kept::new(most)
}

#[test]
fn a_value_is_kept_until_its_end_and_not_a_millisecond_longer() {
    let kept = kept(10);
    let until = START + secs(60);
    kept.put(1, "one", until, START);
    assert_eq!(kept.get(&1, START), Some("one"));
    assert_eq!(kept.get(&1, UnixTime::from_millis(until.as_millis() - 1)), Some("one"));
    assert_eq!(kept.get(&1, until), None);
    assert_eq!(kept.get(&2, START), None);
}

#[test]
fn a_value_whose_time_is_over_is_not_kept_and_takes_the_older_one_along() {
    let kept = kept(10);
    kept.put(1, "old", START + secs(60), START);
    kept.put(1, "late", START, START);
    assert_eq!(kept.get(&1, START), None);
}

#[test]
fn a_newer_value_replaces_the_older_one_in_either_generation() {
    let kept = kept(4);
    kept.put(1, "old", START + secs(60), START);
    for other in 2..=3 {
        kept.put(other, "other", START + secs(60), START);
    }
    kept.put(1, "new", START + secs(60), START);
    assert_eq!(kept.get(&1, START), Some("new"));
}

#[test]
fn no_more_is_held_than_was_set() {
    for most in [0, 1, 2, 3, 10, 100] {
        let kept = kept(most);
        for key in 0..1_000 {
            kept.put(key, "value", START + secs(60), START);
        }
        let held = HashSet::<u32>::from_iter((0..1_000).filter(|key| {
            let mut found = false;
            kept.retain(|known, _| {
                found |= known == key;
                true
            });
            found
        }));
        assert!(held.len() <= most, "{} of {most}", held.len());
        assert!(held.len() >= most / 2, "{} of {most}", held.len());
    }
}

#[test]
fn what_is_used_again_and_again_outlives_a_flood() {
    let kept = kept(100);
    kept.put(0, "hot", START + secs(60), START);
    for key in 1..10_000 {
        kept.put(key, "flood", START + secs(60), START);
        if key % 20 == 0 {
            assert_eq!(kept.get(&0, START), Some("hot"), "pushed out by {key}");
        }
    }
}

#[test]
fn a_clock_that_is_set_back_prolongs_nothing() {
    let kept = kept(10);
    kept.put(1, "one", START + secs(60), START);
    assert_eq!(kept.get(&1, START - secs(1)), Some("one"), "two threads may differ a little");
    kept.put(1, "one", START + secs(60), START);
    assert_eq!(kept.get(&1, START - secs(3600)), None);
}

#[test]
fn what_is_over_does_not_wait_to_be_pushed_out() {
    let kept = kept(10);
    kept.put(1, "short", START + secs(1), START);
    kept.put(2, "long", START + secs(3600), START + secs(120));
    let mut left = Vec::new();
    kept.retain(|key, _| {
        left.push(*key);
        true
    });
    assert_eq!(left, [2]);
}

#[test]
fn what_is_not_worth_keeping_is_forgotten_in_both_generations() {
    let kept = kept(4);
    for key in 0..4 {
        let value = if key % 2 == 0 { "even" } else { "odd" };
        kept.put(key, value, START + secs(60), START);
    }
    kept.retain(|_, value| *value == "even");
    let held: Vec<_> = (0..4).filter(|key| kept.get(key, START).is_some()).collect();
    assert_eq!(held, [0, 2]);
}

/// A value of as many bytes as its text has.
fn weighing(most: usize, bytes: usize) -> Kept<u32, String> {
    Kept::new(most).at_most_bytes(bytes, String::len)
}

fn held(kept: &Kept<u32, String>) -> usize {
    let mut bytes = 0;
    kept.retain(|_, value| {
        bytes += value.len();
        true
    });
    bytes
}

#[test]
fn no_more_bytes_are_held_than_was_set() {
    for size in [1, 10, 33, 50] {
        let kept = weighing(1_000_000, 100);
        for key in 0..1_000 {
            kept.put(key, "x".repeat(size), START + secs(60), START);
            assert!(kept.get(&key, START).is_some(), "{size}: the newest is there");
            assert!(held(&kept) <= 100, "{size}: {}", held(&kept));
        }
        assert!(held(&kept) >= 33, "{size}: {}", held(&kept));
    }
}

#[test]
fn a_value_that_takes_more_than_half_of_the_bytes_is_not_kept_nor_pushes_others_out() {
    let kept = weighing(10, 100);
    kept.put(1, "small".to_owned(), START + secs(60), START);
    kept.put(2, "x".repeat(51), START + secs(60), START);
    assert_eq!(kept.get(&2, START), None);
    assert!(kept.get(&1, START).is_some());
    kept.put(1, "x".repeat(51), START + secs(60), START);
    assert_eq!(kept.get(&1, START), None, "the older one does not come back");
}

#[test]
fn bytes_that_are_freed_can_be_taken_again() {
    let kept = weighing(1_000, 100);
    for round in 0..100 {
        let now = START + secs(round * 120);
        kept.put(1, "x".repeat(40), now + secs(1), now);
        kept.put(1, "x".repeat(10), now + secs(60), now);
        kept.put(2, "x".repeat(40), now + secs(60), now);
        assert!(kept.get(&1, now).is_some() && kept.get(&2, now).is_some(), "{round}");
        kept.retain(|key, _| *key != 2);
        kept.put(3, "x".repeat(40), now + secs(60), now);
        assert!(kept.get(&1, now).is_some() && kept.get(&3, now).is_some(), "{round}");
    }
}
