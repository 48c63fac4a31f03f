use std::time::Duration;

use countersign::{ServerNonces, UnixTime};

const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);
const RANDOM: [u8; 24] = [9; 24];

fn after(secs: u64) -> UnixTime {
    NOW + Duration::from_secs(secs)
}

#[test]
fn a_nonce_is_good_for_five_minutes() {
    let nonces = ServerNonces::new(&[1; 32]);
    let nonce = nonces.issue(NOW, RANDOM);
    assert!(nonces.accepts(&nonce, NOW));
    assert!(nonces.accepts(&nonce, after(300)));
    assert!(!nonces.accepts(&nonce, UnixTime::from_millis(after(300).as_millis() + 1)));
}

#[test]
fn the_lifetime_can_be_set_but_not_to_nothing() {
    let nonces = ServerNonces::new(&[1; 32]).lifetime(Duration::from_secs(10));
    let nonce = nonces.issue(NOW, RANDOM);
    assert!(nonces.accepts(&nonce, after(10)));
    assert!(!nonces.accepts(&nonce, after(11)));
    let hasty = nonces.lifetime(Duration::ZERO);
    assert!(hasty.accepts(&hasty.issue(NOW, RANDOM), after(1)));
}

#[test]
fn a_nonce_of_another_key_is_refused() {
    let nonce = ServerNonces::new(&[1; 32]).issue(NOW, RANDOM);
    assert!(!ServerNonces::new(&[2; 32]).accepts(&nonce, NOW));
}

#[test]
fn processes_that_share_the_secret_know_each_others_nonces() {
    let nonce = ServerNonces::new(&[1; 32]).issue(NOW, RANDOM);
    assert!(ServerNonces::new(&[1; 32]).accepts(&nonce, NOW));
}

#[test]
fn a_changed_nonce_is_refused() {
    let nonces = ServerNonces::new(&[1; 32]);
    let nonce = nonces.issue(NOW, RANDOM);
    for at in 0..nonce.len() {
        let mut changed = nonce.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(!nonces.accepts(&changed, NOW), "changed at {at}");
    }
}

#[test]
fn what_is_no_nonce_is_refused() {
    let nonces = ServerNonces::new(&[1; 32]);
    let long = "A".repeat(1_000_000);
    for text in ["", "A", "ü", &"A".repeat(64), &"=".repeat(64), &"ü".repeat(32), &long] {
        assert!(!nonces.accepts(text, NOW));
        assert!(nonces.is_aging(text, NOW), "and another is due");
    }
}

#[test]
fn a_nonce_from_far_ahead_is_refused() {
    let nonces = ServerNonces::new(&[1; 32]);
    assert!(nonces.accepts(&nonces.issue(after(300), RANDOM), NOW), "a clock set back");
    assert!(!nonces.accepts(&nonces.issue(after(301), RANDOM), NOW));
}

#[test]
fn a_new_nonce_is_due_when_half_of_the_time_is_over() {
    let nonces = ServerNonces::new(&[1; 32]);
    let nonce = nonces.issue(NOW, RANDOM);
    assert!(!nonces.is_aging(&nonce, after(150)));
    assert!(nonces.is_aging(&nonce, after(151)));
}

#[test]
fn a_nonce_fits_into_a_header_and_differs_each_time() {
    let nonces = ServerNonces::new(&[1; 32]);
    let nonce = nonces.issue(NOW, RANDOM);
    assert_eq!(nonce.len(), 64);
    assert!(nonce.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    assert_ne!(nonce, nonces.issue(NOW, [8; 24]));
}

#[test]
fn the_key_is_not_shown() {
    assert_eq!(format!("{:?}", ServerNonces::new(&[1; 32])), "ServerNonces { lifetime: 300s, .. }");
}
