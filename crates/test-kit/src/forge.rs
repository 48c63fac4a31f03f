//! Signs, and everything that goes wrong while or after signing.

use countersign_jose::{Algorithm, Object, SigningKey};
use serde_json::{Value, json};

use crate::broken::Broken;
use crate::compact::{self, signing_input, with_signature};

/// The token under this key, broken in whatever its text or signature can be broken.
pub(crate) fn token(
    key: &SigningKey,
    mut header: Object,
    claims: &Object,
    broken: Option<Broken>,
) -> String {
    let hand = hand(key, &mut header, broken);
    let (header, claims) = texts(&header, claims, broken);
    let mut input = signing_input(&header, &claims);
    if broken == Some(Broken::BadBase64) {
        input.push('+');
    }
    let mut signature = hand.map_or_else(Vec::new, |hand| hand.sign_bytes(input.as_bytes()));
    match broken {
        Some(Broken::EmptySignature) => signature.clear(),
        Some(Broken::WrongSignature) => {
            if let Some(last) = signature.last_mut() {
                *last ^= 0x01;
            }
        }
        Some(Broken::ChangedClaims) => {
            let mut changed = claims;
            compact::append(&mut changed, ",\"admin\":true");
            input = signing_input(&header, &changed);
        }
        _ => {}
    }
    let mut token = with_signature(&input, &signature);
    match broken {
        Some(Broken::Truncated) => token = input,
        Some(Broken::FourParts) => token.push_str(".AAAA"),
        Some(Broken::LooksEncrypted) => token.push_str(".AAAA.AAAA"),
        _ => {}
    }
    token
}

/// Who signs; nobody, where `alg` is `none`.
fn hand(key: &SigningKey, header: &mut Object, broken: Option<Broken>) -> Option<SigningKey> {
    match broken {
        Some(Broken::Unsigned) => {
            header.insert("alg".to_owned(), json!("none"));
            None
        }
        Some(Broken::HmacWithPublicKey) => {
            let mac = Algorithm::Hs256;
            header.insert("alg".to_owned(), json!(mac.name()));
            let public = Value::Object(key.public_jwk()).to_string();
            let forged = SigningKey::from_secret(public.as_bytes(), mac);
            Some(forged.expect("a JWK is never an empty text"))
        }
        Some(Broken::WrongKey) => Some(compact::stranger(key)),
        Some(Broken::UnknownKid) => {
            let stranger = compact::stranger(key);
            let kid = stranger.kid().unwrap_or("nobody's");
            header.insert("kid".to_owned(), json!(kid));
            Some(stranger)
        }
        Some(Broken::EmbeddedKey) => {
            let stranger = compact::stranger(key);
            header.insert("jwk".to_owned(), Value::Object(stranger.public_jwk()));
            Some(stranger)
        }
        _ => Some(key.clone()),
    }
}

fn texts(header: &Object, claims: &Object, broken: Option<Broken>) -> (Vec<u8>, Vec<u8>) {
    let (mut header, mut claims) = (compact::text(header), compact::text(claims));
    match broken {
        Some(Broken::DuplicateClaim) => compact::append(&mut claims, ",\"sub\":\"mallory\""),
        Some(Broken::DuplicateHeader) => compact::append(&mut header, ",\"alg\":\"none\""),
        Some(Broken::NotJson) => claims = b"these are not the claims".to_vec(),
        Some(Broken::ClaimsAsList) => claims = [b"[", claims.as_slice(), b"]"].concat(),
        Some(Broken::DeepNesting) => {
            let deep = format!(",\"deep\":{}{}", "[".repeat(DEEP), "]".repeat(DEEP));
            compact::append(&mut claims, &deep);
        }
        _ => {}
    }
    (header, claims)
}

const DEEP: usize = 10_000;
