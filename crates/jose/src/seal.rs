//! Sealed values: what a browser may carry but neither read nor change.

use std::fmt;

use crate::backend::Sealer;

/// A key that seals values for one purpose, with AES-256-GCM.
///
/// Every message has its own key, derived from its salt (HKDF-SHA256, RFC 5869), so there
/// is no counter to keep and a salt of 24 random bytes never repeats in practice.
///
/// ```
/// use countersign_jose::SealingKey;
///
/// let sessions = SealingKey::derive(b"a long secret of the application", "session");
/// let salt = [7; 24]; // drawn at random, each time
/// let sealed = sessions.seal(salt, b"cookie-name", b"alice");
/// assert_eq!(sessions.open(b"cookie-name", &sealed).as_deref(), Some(&b"alice"[..]));
///
/// let logins = SealingKey::derive(b"a long secret of the application", "login");
/// assert_eq!(logins.open(b"cookie-name", &sealed), None);
/// ```
#[derive(Clone)]
pub struct SealingKey {
    sealer: Sealer,
}

impl SealingKey {
    /// The key for one purpose. Keys of different secrets or purposes never open each other's
    /// values. The secret needs 32 random bytes or more; it is not stretched like a password.
    #[must_use]
    pub fn derive(secret: &[u8], purpose: &str) -> Self {
        Self { sealer: Sealer::derive(secret, CONTEXT, purpose.as_bytes()) }
    }

    /// A public name of this key, so that a ring of keys finds the right one without trying all.
    #[must_use]
    pub const fn id(&self) -> [u8; 4] {
        self.sealer.id()
    }

    /// Encrypts and authenticates. Both the salt, which must be drawn at random for every value,
    /// and `associated`, which the opener must know, are bound to the result.
    ///
    /// The result is salt, ciphertext and tag: 40 bytes longer than `plain`.
    #[must_use]
    pub fn seal(&self, salt: [u8; 24], associated: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(SALT_LEN + plain.len() + TAG_LEN);
        sealed.extend_from_slice(&salt);
        sealed.extend_from_slice(plain);
        self.sealer.seal(&salt, associated, &mut sealed);
        sealed
    }

    /// What was sealed with this key and this associated data; `None` for anything else.
    #[must_use]
    pub fn open(&self, associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (salt, message) = sealed.split_at_checked(SALT_LEN)?;
        self.sealer.open(salt, associated, message.to_vec())
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingKey").field("id", &self.id()).finish_non_exhaustive()
    }
}

const SALT_LEN: usize = 24;
const TAG_LEN: usize = 16;
/// Separates these keys from whatever else an application derives from the same secret.
const CONTEXT: &[u8] = b"countersign sealed value, version 1";
