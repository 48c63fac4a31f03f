//! Sealed text: what a browser keeps for us without being able to read or change it.

use countersign_jose::base64url;
use zeroize::Zeroizing;

use crate::key_ring::{KeyRing, Purpose, SALT};

/// Seals bytes for one purpose under one cookie name.
///
/// `also` is shown in clear beside the value (the number of chunks) and authenticated with it.
pub(crate) fn seal(
    ring: &KeyRing,
    purpose: Purpose,
    name: &str,
    also: &str,
    salt: [u8; SALT],
    plain: &[u8],
) -> String {
    base64url::encode(&ring.seal(purpose, salt, &associated(purpose, name, also), plain))
}

/// Opens what [`seal`] made; nothing for anything else.
pub(crate) fn open(
    ring: &KeyRing,
    purpose: Purpose,
    name: &str,
    also: &str,
    text: &str,
) -> Option<Zeroizing<Vec<u8>>> {
    let sealed = base64url::decode(text).ok()?;
    ring.open(purpose, &associated(purpose, name, also), &sealed)
}

/// The parts cannot run into each other: none of them holds a line end.
fn associated(purpose: Purpose, name: &str, also: &str) -> Vec<u8> {
    format!("{VERSION}\n{}\n{name}\n{also}", purpose.name()).into_bytes()
}

/// The layout of what is sealed; a newer one opens no older value.
const VERSION: &str = "1";
