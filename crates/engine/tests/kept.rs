//! What only the crate itself can name is compiled in from its source.

#[path = "../src/kept.rs"]
mod kept;

use std::collections::HashSet;

use countersign::UnixTime;
use kept::Kept;

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
