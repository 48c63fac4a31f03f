//! Tokens of token libraries that nobody here wrote, and ours in front of them.

use countersign_jose::{Algorithm, Allowed, Jws, KeySet, Object, SigningKey, base64url};
use serde_json::{Value, json};

use crate::support::minter::{Library, Minted, Question};

#[test]
fn tokens_of_npm_jose_pass_in_every_algorithm_and_the_bad_ones_are_refused() {
    judge(Library::Jose);
}

#[test]
fn tokens_of_pypi_joserfc_pass_in_every_algorithm_and_the_bad_ones_are_refused() {
    judge(Library::Joserfc);
}

#[test]
fn our_tokens_pass_at_npm_jose_and_bent_ones_do_not() {
    be_judged(Library::Jose);
}

#[test]
fn our_tokens_pass_at_pypi_joserfc_and_bent_ones_do_not() {
    be_judged(Library::Joserfc);
}

fn judge(library: Library) {
    let minted = library.mint();
    for one in &minted {
        let told = told(one);
        match &one.refused {
            None => assert_eq!(told.as_ref(), Ok(&one.payload), "{library:?}: {}", one.name),
            Some(code) => assert_eq!(told.unwrap_err(), *code, "{library:?}: {}", one.name),
        }
        // Whatever a public key says, it is no secret, also where HMACs are what is expected.
        if one.secret().is_none() {
            let keys = KeySet::from_object(&one.jwks).unwrap();
            let read = Jws::parse(&one.token).and_then(|jws| jws.verify(&keys, &macs()));
            assert!(read.is_err(), "{library:?}: {} as an HMAC", one.name);
        }
    }
    for name in ALGORITHMS {
        let good = minted.iter().any(|one| one.alg == *name && one.refused.is_none());
        assert!(good, "{library:?} made no good {name}");
    }
}

/// What the token says, or the code of its refusal.
fn told(one: &Minted) -> Result<Value, String> {
    let (keys, allowed) = match one.secret() {
        Some(secret) => (KeySet::from_secret(&secret).unwrap(), macs()),
        None => (KeySet::from_object(&one.jwks).unwrap(), Allowed::asymmetric()),
    };
    let payload = Jws::parse(&one.token).and_then(|jws| jws.verify(&keys, &allowed));
    let payload = payload.map_err(|error| error.code().to_owned())?;
    // A signed text that is no object is no token either.
    payload.object().map(Value::Object).map_err(|_| "jws.malformed".to_owned())
}

fn be_judged(library: Library) {
    let mut questions = Vec::new();
    let mut expected = Vec::new();
    let claims = json!({ "iss": "https://issuer.example.test", "sub": "ada", "name": "Käse 𝄞" });
    let mut header = Object::new();
    header.insert("typ".to_owned(), "at+jwt".into());
    for algorithm in Algorithm::ASYMMETRIC.iter().chain(Algorithm::MAC) {
        let secret = [7; 64];
        let key = match algorithm.is_mac() {
            true => SigningKey::from_secret(&secret, *algorithm),
            false => SigningKey::generate(*algorithm),
        };
        let key = key.unwrap().with_kid("ours");
        let token = key.sign(&header, claims.to_string().as_bytes()).unwrap();
        let (head, rest) = token.split_once('.').unwrap();
        let (_, signature) = rest.split_once('.').unwrap();
        let bent = format!("{head}.{}.{signature}", base64url::encode(br#"{"sub":"eve"}"#));
        for (token, good) in [(token.clone(), true), (bent, false)] {
            questions.push(Question {
                token,
                jwk: (!algorithm.is_mac()).then(|| key.public_jwk()),
                secret: algorithm.is_mac().then(|| base64url::encode(&secret)),
            });
            expected.push((*algorithm, good));
        }
    }
    for (verdict, (algorithm, good)) in library.verify(&questions).into_iter().zip(expected) {
        let read = good.then_some(&claims);
        assert_eq!(verdict.payload.as_ref(), read, "{library:?}, {algorithm}: {verdict:?}");
        assert_eq!(verdict.error.is_none(), good, "{library:?}, {algorithm}: {verdict:?}");
    }
}

fn macs() -> Allowed {
    Allowed::new(Algorithm::MAC.iter().copied()).unwrap()
}

/// As they are spelled, both ways for Ed25519.
const ALGORITHMS: &[&str] = &[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    "Ed25519", "HS256", "HS384", "HS512",
];
