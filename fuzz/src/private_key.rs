//! Private keys, PEM or JWK: what is taken signs what its public half checks, and the public half
//! is public.

use countersign_jose::{Allowed, Jws, KeySet, Object, SigningKey, json};

use crate::Outcome;

pub(crate) fn run(data: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(data) else { return Outcome::Refused };
    let key = match json::object(data) {
        Ok(jwk) => SigningKey::from_jwk(&jwk),
        Err(_) => SigningKey::from_pem(text),
    };
    let key = match key {
        Ok(key) => key,
        Err(refused) => {
            assert!(!refused.code().is_empty() && refused.to_string().len() < LONGEST_MESSAGE);
            return Outcome::Refused;
        }
    };
    let public = key.public_jwk();
    for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert!(!public.contains_key(private), "{private} is published");
    }
    let token = key.sign(&Object::new(), b"{}").expect("a key that was taken signs");
    let jws = Jws::parse(&token).expect("what we sign we read");
    assert_eq!(jws.algorithm(), key.algorithm());
    assert_eq!(jws.kid(), key.kid());
    if key.algorithm().is_mac() {
        return Outcome::Accepted;
    }
    let keys = KeySet::from_jwks([public]);
    let skipped = keys.skipped().first().map(|skipped| &skipped.reason);
    assert_eq!(skipped, None, "the public half of a key that was taken is refused");
    assert!(jws.verify(&keys, &Allowed::asymmetric()).is_ok(), "the halves don't belong together");
    Outcome::Accepted
}

const LONGEST_MESSAGE: usize = 400;
