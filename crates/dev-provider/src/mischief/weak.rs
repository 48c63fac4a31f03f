//! RSA with 1024 bits. The crypto library rightly refuses to sign with such a key, so this does the
//! arithmetic itself; nothing else may use it.

use countersign_jose::json::Object;
use countersign_jose::{base64url, digest};
use num_bigint::BigUint;
use serde_json::json;

/// The public half as the key set shows it.
pub(crate) fn weak_jwk() -> Object {
    let n = base64url::encode(&number(MODULUS).to_bytes_be());
    let jwk = json!({"kty": "RSA", "use": "sig", "kid": WEAK_KID, "n": n, "e": "AQAB"});
    jwk.as_object().cloned().unwrap_or_default()
}

/// RS256 (RFC 8017 section 8.2.1) under the weak key.
pub(super) fn sign(input: &[u8]) -> Vec<u8> {
    let mut tail = DIGEST_INFO.to_vec();
    tail.extend_from_slice(&digest::sha256(input));
    let mut block = vec![0x00, 0x01];
    block.resize(LENGTH.saturating_sub(tail.len() + 1), 0xff);
    block.push(0x00);
    block.append(&mut tail);
    let signed = BigUint::from_bytes_be(&block).modpow(&number(EXPONENT), &number(MODULUS));
    let mut bytes = signed.to_bytes_be();
    while bytes.len() < LENGTH {
        bytes.insert(0, 0);
    }
    bytes
}

fn number(hex: &str) -> BigUint {
    BigUint::parse_bytes(hex.as_bytes(), 16).unwrap_or_default()
}

pub(super) const WEAK_KID: &str = "weak-1024";
/// Bytes of a signature.
const LENGTH: usize = 128;
/// `DigestInfo` of SHA-256 (RFC 8017 section 9.2, note 1).
const DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];
/// A modulus of 1024 bits that protects nothing: its other half is right below.
const MODULUS: &str = concat!(
    "d7d9fb46ea0b6b89483b723bb1086f689a19304cf8b8d96fa06386e528f9bd6c",
    "4402f2839002f7b3efaa383137abea5fcb0a72c6119aee382ae958f7a4517de9",
    "55876fe373923a1179a85a9f14888a1596457e14408defdd18ffa9f1b8d1a5fd",
    "108607cf661f404c239816b5490f4379497bb7070eafe10cb9d4e0cbe8034089",
);
/// Its private exponent.
const EXPONENT: &str = concat!(
    "2051e65b0eee58d2bc7b1236b7e250743426b361c318428e815085c1486a649f",
    "926b728e9a80a7404d118aca6bd0950e74e3829dffc2d80a96fa4bb500e8a6d6",
    "83cdaf27e35b89f73eece6bc23c7635deff16c03acf8653bac69dcfc7007ab51",
    "ef19761dd57646c66d73b31c234fd8618dc4c70ad12d2944c707eeb9baa6c511",
);
