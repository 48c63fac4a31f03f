//! Sealed values: only what we sealed opens, only for what it was sealed. The first byte chooses
//! key and name, the rest are changes to a good value; and the whole is tried as it is.

use std::sync::LazyLock;

use countersign_jose::SealingKey;

use crate::Outcome;
use crate::support::edits;

pub(crate) fn run(data: &[u8]) -> Outcome {
    for key in KEYS.iter() {
        assert_eq!(key.open(NAME, data), None, "something that was never sealed has opened");
    }
    let Some((&choice, changes)) = data.split_first() else { return Outcome::Refused };
    let changed = edits::applied(&SEALED, changes);
    let [session, login] = &*KEYS;
    let (key, name) = match choice % 4 {
        0 => (session, NAME),
        1 => (login, NAME),
        2 => (session, OTHER_NAME),
        _ => (session, NAME.get(..NAME.len() / 2).unwrap_or_default()),
    };
    let opened = key.open(name, &changed);
    let untouched = choice % 4 == 0 && changed == *SEALED;
    assert_eq!(opened.is_some(), untouched, "opened although changed, or not although untouched");
    assert!(opened.as_deref().is_none_or(|plain| plain == PLAIN));
    Outcome::of(opened.is_some())
}

static KEYS: LazyLock<[SealingKey; 2]> =
    LazyLock::new(|| ["session", "login"].map(|purpose| SealingKey::derive(&[7; 32], purpose)));

static SEALED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let [session, _] = &*KEYS;
    session.seal([9; 24], NAME, PLAIN)
});

const NAME: &[u8] = b"1\nsession\n__Host-app_session\n1";
const OTHER_NAME: &[u8] = b"1\nsession\n__Host-app_session\n2";
const PLAIN: &[u8] = b"{\"sub\":\"alice\",\"expires\":1800000000}";
