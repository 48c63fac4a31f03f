//! Derived keys and authenticated encryption.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use zeroize::Zeroizing;

/// A secret for one purpose, from which each message gets a key of its own.
#[derive(Clone)]
pub(crate) struct Sealer {
    secret: Prk,
    id: [u8; 4],
}

impl Sealer {
    /// HKDF (RFC 5869). The two things that follow from one purpose differ in their first byte.
    pub(crate) fn derive(secret: &[u8], context: &[u8], purpose: &[u8]) -> Self {
        let root = Salt::new(HKDF_SHA256, context).extract(secret);
        let (mut own, mut id) = (Zeroizing::new([0; 32]), [0; 4]);
        expand(&root, &[b"k", purpose], own.as_mut_slice());
        expand(&root, &[b"i", purpose], &mut id);
        Self { secret: Prk::new_less_safe(HKDF_SHA256, own.as_slice()), id }
    }

    pub(crate) const fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Encrypts in place what follows the salt and appends the tag.
    pub(crate) fn seal(&self, salt: &[u8], associated: &[u8], message: &mut Vec<u8>) {
        let (key, nonce) = self.message_key(salt);
        let (_, plain) = message.split_at_mut(salt.len());
        let tag = key
            .seal_in_place_separate_tag(nonce, Aad::from(associated), plain)
            .expect("AES-GCM seals up to 64 GiB");
        message.extend_from_slice(tag.as_ref());
    }

    /// Decrypts in place; `None` for anything that was not sealed with this salt and data.
    pub(crate) fn open(
        &self,
        salt: &[u8],
        associated: &[u8],
        mut sealed: Vec<u8>,
    ) -> Option<Vec<u8>> {
        let (key, nonce) = self.message_key(salt);
        let length = key.open_in_place(nonce, Aad::from(associated), &mut sealed).ok()?.len();
        sealed.truncate(length);
        Some(sealed)
    }

    fn message_key(&self, salt: &[u8]) -> (LessSafeKey, Nonce) {
        let mut key = Zeroizing::new([0; KEY_LEN]);
        expand(&self.secret, &[salt], key.as_mut_slice());
        let key = UnboundKey::new(&AES_256_GCM, key.as_slice()).expect("the key has 32 bytes");
        // The key is used for this one message, so any nonce is unique for it.
        (LessSafeKey::new(key), Nonce::assume_unique_for_key([0; NONCE_LEN]))
    }
}

fn expand(secret: &Prk, info: &[&[u8]], out: &mut [u8]) {
    secret
        .expand(info, Length(out.len()))
        .and_then(|okm| okm.fill(out))
        .expect("HKDF gives up to 8160 bytes");
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

const KEY_LEN: usize = 32;
