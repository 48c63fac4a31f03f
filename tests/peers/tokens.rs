//! Tokens of token libraries that nobody here wrote, and ours in front of them.

use countersign::{Issuer, Provider, ResourceServer, Roles, Secret, TrustedIssuer};
use countersign_jose::{Algorithm, Allowed, Jws, KeySet, Object, SigningKey, base64url};
use serde_json::{Value, json};

use crate::support::api::{AUDIENCE, Api};
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
        let at_an_api = at_an_api(one);
        let same = at_an_api.as_ref().err() == one.refused.as_ref();
        assert!(
            same || is_told_sooner(one, &at_an_api),
            "{library:?}: {}: {at_an_api:?}",
            one.name
        );
        // Whatever a public key says, it is no secret, also where HMACs are what is expected.
        if one.secret.is_none() {
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
    let (keys, allowed) = match &one.secret {
        Some(secret) => (KeySet::from_secret(secret.as_bytes()).unwrap(), macs()),
        None => (KeySet::from_object(&one.jwks).unwrap(), Allowed::asymmetric()),
    };
    let payload = Jws::parse(&one.token).and_then(|jws| jws.verify(&keys, &allowed));
    let payload = payload.map_err(|error| error.code().to_owned())?;
    // A signed text that is no object is no token either.
    payload.object().map(Value::Object).map_err(|_| "jws.malformed".to_owned())
}

/// The code of the refusal at an API that accepts this issuer's tokens.
fn at_an_api(one: &Minted) -> Result<(), String> {
    let issuer = Issuer::parse("https://issuer.example.test").unwrap();
    let trusted = match &one.secret {
        Some(secret) => {
            let algorithm = one.alg.parse().unwrap();
            let provider = Provider::with_keys(issuer, KeySet::empty());
            TrustedIssuer::new(provider).shared_secret(Secret::from(secret.as_str()), algorithm)
        }
        None => {
            let keys = KeySet::from_object(&one.jwks).unwrap();
            TrustedIssuer::new(Provider::with_keys(issuer, keys))
        }
    };
    let roles = Roles::keycloak_realm().and(Roles::keycloak_client("notes"));
    let api =
        Api::without_network(ResourceServer::builder([AUDIENCE]).issuer(trusted).roles(roles));
    match api.bearer(&one.token) {
        Ok(token) => {
            assert_eq!(Value::Object(token.claims().clone()), one.payload, "{}", one.name);
            assert!(token.has_scope("notes:write") && token.has_role("editor"), "{}", one.name);
            Ok(())
        }
        Err(error) => Err(error.code().to_owned()),
    }
}

/// Some of what is no token can't even stand in a header, and what was signed may be no claims.
fn is_told_sooner(one: &Minted, at_an_api: &Result<(), String>) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
    match at_an_api.as_ref().err().map(String::as_str) {
        Some("bearer.request" | "bearer.missing") => !one.token.chars().all(plain),
        Some("access_token.malformed") => one.refused.as_deref() == Some("jws.malformed"),
        _ => false,
    }
}

fn be_judged(library: Library) {
    let mut questions = Vec::new();
    let mut expected = Vec::new();
    let claims = json!({ "iss": "https://issuer.example.test", "sub": "ada", "name": "Käse 𝄞" });
    let mut header = Object::new();
    header.insert("typ".to_owned(), "at+jwt".into());
    for algorithm in Algorithm::ASYMMETRIC.iter().chain(Algorithm::MAC) {
        let secret = "a secret that both of us know".repeat(3);
        let key = match algorithm.is_mac() {
            true => SigningKey::from_secret(secret.as_bytes(), *algorithm),
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
                secret: algorithm.is_mac().then(|| secret.clone()),
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
