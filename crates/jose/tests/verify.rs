use countersign_jose::{
    Algorithm, Allowed, JsonError, Jws, KeySet, Object, Payload, Problem, SignatureError,
    SigningKey, base64url, json,
};
use serde_json::Value;

use crate::support::{macs, object, public, raw, set, signer, text, verify, with, without};

fn with_signature(token: &str, signature: &[u8]) -> String {
    let (input, _) = token.rsplit_once('.').unwrap();
    format!("{input}.{}", base64url::encode(signature))
}

fn token(key: &SigningKey) -> String {
    key.sign(&Object::new(), br#"{"sub":"alice"}"#).unwrap()
}

fn assert_bad_signature(result: Result<Payload, SignatureError>, what: &str) {
    let error = result.map(|_| ()).unwrap_err();
    assert!(matches!(error, SignatureError::BadSignature { .. }), "{what}: {error:?}");
    assert_eq!(error.code(), "jws.signature");
}

/// Every form in which somebody could take the public RSA key for a secret.
fn public_key_forms() -> Vec<Vec<u8>> {
    let pem = text("rsa_public.pem");
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = {
        let url = body.replace('+', "-").replace('/', "_");
        base64url::decode(url.trim_end_matches('=')).unwrap()
    };
    let jwk = public("rsa");
    let n = jwk["n"].as_str().unwrap();
    vec![
        pem.clone().into_bytes(),
        pem.trim_end().as_bytes().to_vec(),
        pem.replace('\n', "\r\n").into_bytes(),
        body.into_bytes(),
        der,
        Value::Object(jwk.clone()).to_string().into_bytes(),
        n.as_bytes().to_vec(),
        base64url::decode(n).unwrap(),
        b"rsa".to_vec(),
        b"AQAB".to_vec(),
    ]
}

#[test]
fn a_public_key_is_never_taken_for_a_secret() {
    let keys = set([public("rsa")]);
    for form in public_key_forms() {
        for algorithm in Algorithm::MAC {
            let key = SigningKey::from_secret(&form, *algorithm).unwrap().with_kid("rsa");
            let error = verify(&token(&key), &keys).unwrap_err();
            assert!(matches!(error, SignatureError::AlgorithmNotAllowed { .. }), "{error:?}");
            // Even where MACs are what is allowed, the key is none.
            let error = Jws::parse(&token(&key)).unwrap().verify(&keys, &macs()).unwrap_err();
            assert!(matches!(error, SignatureError::UnknownKey { .. }), "{error:?}");
        }
    }
}

#[test]
fn an_algorithm_that_is_not_allowed_is_refused() {
    let keys = set([public("rsa")]);
    let allowed = Allowed::new([Algorithm::Es256, Algorithm::Ps256]).unwrap();
    let error = Jws::parse(&token(&signer("rsa"))).unwrap().verify(&keys, &allowed).unwrap_err();
    assert_eq!(error, SignatureError::AlgorithmNotAllowed { got: Algorithm::Rs256, allowed });
    assert_eq!(error.to_string(), "the token is signed with RS256; allowed: PS256, ES256");
    assert_eq!(error.code(), "jws.algorithm_not_allowed");
}

#[test]
fn another_algorithm_of_the_same_key_is_refused() {
    // The token says RS256 and the signature is PS256, RS384, …
    let keys = set([public("rsa")]);
    for algorithm in Algorithm::ASYMMETRIC.iter().filter(|alg| "RP".contains(&alg.name()[..1])) {
        let key = signer("rsa").with_algorithm(*algorithm).unwrap();
        let result = verify(&raw(&key, r#"{"alg":"RS256","kid":"rsa"}"#, b"{}"), &keys);
        assert_eq!(result.is_ok(), *algorithm == Algorithm::Rs256, "{algorithm}");
    }
}

#[test]
fn every_changed_bit_of_a_signature_is_refused() {
    for kid in ["rsa", "p256", "p384", "p521", "ed25519"] {
        let keys = set([public(kid)]);
        let token = token(&signer(kid));
        let signature = base64url::decode(token.rsplit_once('.').unwrap().1).unwrap();
        for place in (0..signature.len()).step_by(7) {
            let mut spoiled = signature.clone();
            spoiled[place] ^= 0x10;
            assert_bad_signature(verify(&with_signature(&token, &spoiled), &keys), kid);
        }
    }
}

#[test]
fn an_empty_cut_or_lengthened_signature_is_refused() {
    for kid in ["rsa", "p256", "p384", "p521", "ed25519"] {
        let keys = set([public(kid)]);
        let token = token(&signer(kid));
        let signature = base64url::decode(token.rsplit_once('.').unwrap().1).unwrap();
        let last = signature.len() - 1;
        for spoiled in [
            &[][..],
            &[0],
            &signature[..last],
            &signature[1..],
            &[&signature[..], &[0]].concat(),
            &[&[0], &signature[..]].concat(),
            &[&signature[..], &signature[..]].concat(),
            &vec![0; 100_000],
        ] {
            assert_bad_signature(verify(&with_signature(&token, spoiled), &keys), kid);
        }
    }
}

#[test]
fn a_signature_of_zeros_is_refused() {
    for (kid, bytes) in [("p256", 64), ("p384", 96), ("p521", 132), ("ed25519", 64), ("rsa", 256)] {
        let token = with_signature(&token(&signer(kid)), &vec![0; bytes]);
        assert_bad_signature(verify(&token, &set([public(kid)])), kid);
    }
}

#[test]
fn ecdsa_numbers_out_of_range_are_refused() {
    // The order of P-256 (FIPS 186-4 §D.1.2.3).
    let order = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
        0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let keys = set([public("p256")]);
    let token = token(&signer("p256"));
    let honest = base64url::decode(token.rsplit_once('.').unwrap().1).unwrap();
    let (r, s) = honest.split_at(32);
    let (zero, one, most) = ([0; 32], [&[0; 31][..], &[1]].concat(), [0xff; 32]);
    for (r, s) in [
        (&zero[..], s),
        (r, &zero[..]),
        (&order, s),
        (r, &order),
        (&most, s),
        (r, &most),
        (&one, &one),
        (&order, &order),
        (&zero, &one),
        (s, r),
    ] {
        assert_bad_signature(verify(&with_signature(&token, &[r, s].concat()), &keys), "p256");
    }
}

#[test]
fn a_changed_payload_or_header_is_refused() {
    let keys = set([public("p256"), with(public("p256"), "kid", "twin")]);
    let token = token(&signer("p256"));
    let mut parts: Vec<&str> = token.split('.').collect();
    let (header, payload) = (parts[0], base64url::encode(br#"{"sub":"root"}"#));
    parts[1] = &payload;
    assert_bad_signature(verify(&parts.join("."), &keys), "payload");
    let twin = base64url::encode(br#"{"alg":"ES256","kid":"twin"}"#);
    assert_bad_signature(verify(&token.replacen(header, &twin, 1), &keys), "header");
}

#[test]
fn another_key_of_the_same_name_is_refused() {
    let other = SigningKey::generate(Algorithm::Rs256).unwrap().with_kid("rsa");
    assert_bad_signature(verify(&token(&other), &set([public("rsa")])), "rsa");
}

#[test]
fn an_unknown_key_is_named() {
    let stranger = signer("p256").with_kid("2031-\u{1b}[2J");
    let error = verify(&token(&stranger), &set([public("p256")])).unwrap_err();
    let kid = Some("2031-?[2J".to_owned());
    assert_eq!(error, SignatureError::UnknownKey { kid, alg: Algorithm::Es256 });
    assert_eq!(error.code(), "keys.unknown");
    assert!(error.is_unknown_key());
    assert!(error.to_string().contains("2031-?[2J"));
}

#[test]
fn a_key_that_the_token_brings_along_is_never_used() {
    let forger = SigningKey::generate(Algorithm::Rs256).unwrap();
    let jwk = Value::Object(forger.public_jwk());
    for (header, unknown) in [
        (format!(r#"{{"alg":"RS256","jwk":{jwk}}}"#), false),
        (format!(r#"{{"alg":"RS256","kid":"rsa","jwk":{jwk}}}"#), false),
        (format!(r#"{{"alg":"RS256","kid":{},"jwk":{jwk}}}"#, jwk["kid"]), true),
        (r#"{"alg":"RS256","kid":"rsa","jku":"https://evil.example/keys"}"#.to_owned(), false),
        (r#"{"alg":"RS256","kid":"rsa","x5u":"https://evil.example/cert"}"#.to_owned(), false),
        (r#"{"alg":"RS256","kid":"rsa","x5c":["MIIB"]}"#.to_owned(), false),
    ] {
        let error = verify(&raw(&forger, &header, b"{}"), &set([public("rsa")])).unwrap_err();
        if unknown {
            assert!(matches!(error, SignatureError::UnknownKey { .. }), "{header}");
        } else {
            assert!(matches!(error, SignatureError::BadSignature { .. }), "{header}");
        }
    }
}

#[test]
fn an_honest_token_may_carry_such_members() {
    let header = r#"{"alg":"ES256","kid":"p256","jku":"https://id.example/keys","x5t":"AA"}"#;
    assert!(verify(&raw(&signer("p256"), header, b"{}"), &set([public("p256")])).is_ok());
}

#[test]
fn keys_of_one_name_are_all_tried() {
    let stranger =
        |kid: &str| SigningKey::generate(Algorithm::Es256).unwrap().with_kid(kid).public_jwk();
    let keys = set([stranger("p256"), stranger("x"), stranger("p256"), public("p256")]);
    assert!(verify(&token(&signer("p256")), &keys).is_ok());
}

#[test]
fn a_token_without_a_name_is_tried_with_fitting_keys() {
    let keys = set(["rsa", "p384", "ed25519", "p256"].map(public));
    for kid in ["rsa", "p256", "ed25519"] {
        let payload = verify(&token(&signer(kid).without_kid()), &keys).unwrap();
        assert_eq!(payload.kid(), None);
    }
}

#[test]
fn no_more_than_four_keys_are_tried() {
    let strangers = |count: usize| {
        std::iter::repeat_with(|| SigningKey::generate(Algorithm::EdDsa).unwrap().public_jwk())
            .take(count)
    };
    let token = token(&signer("ed25519").without_kid());
    assert!(verify(&token, &set(strangers(3).chain([public("ed25519")]))).is_ok());
    let error = verify(&token, &set(strangers(4).chain([public("ed25519")]))).unwrap_err();
    assert_eq!(error, SignatureError::TooManyCandidates { kid: None, limit: 4 });
    assert_eq!(error.code(), "keys.too_many_candidates");
    assert_bad_signature(verify(&token, &set(strangers(4))), "four strangers");
}

#[test]
fn a_newer_set_may_help_where_no_name_decided() {
    let keys = set([without(public("p256"), "kid")]);
    let stranger = SigningKey::generate(Algorithm::Es256).unwrap();
    assert!(verify(&token(&stranger.clone().without_kid()), &keys).unwrap_err().is_unknown_key());
    let error = verify(&token(&stranger.clone().with_kid("new")), &keys).unwrap_err();
    assert!(error.is_unknown_key(), "whether it is there, its name does not tell: {error}");
    let named = set([with(public("p256"), "kid", "k")]);
    assert!(!verify(&token(&stranger.with_kid("k")), &named).unwrap_err().is_unknown_key());
    let secret = KeySet::from_secret(b"secret").unwrap();
    let wrong = SigningKey::from_secret(b"other", Algorithm::Hs256).unwrap();
    let error = Jws::parse(&token(&wrong)).unwrap().verify(&secret, &macs()).unwrap_err();
    assert!(!error.is_unknown_key(), "a secret is not fetched");
    let error = Jws::parse(&token(&wrong.with_kid("k"))).unwrap().verify(&secret, &macs());
    assert!(!error.unwrap_err().is_unknown_key(), "whatever it is called");
}

#[test]
fn an_empty_set_accepts_nothing() {
    let error = verify(&token(&signer("rsa")), &KeySet::empty()).unwrap_err();
    assert!(error.is_unknown_key());
}

#[test]
fn a_wrong_secret_is_refused() {
    let key = SigningKey::from_secret(b"secret", Algorithm::Hs256).unwrap();
    for secret in [&b"Secret"[..], b"secret ", b"secre", b"secret\n"] {
        let keys = KeySet::from_secret(secret).unwrap();
        assert_bad_signature(Jws::parse(&token(&key)).unwrap().verify(&keys, &macs()), "secret");
    }
}

#[test]
fn a_payload_that_is_not_strict_json_is_refused() {
    let keys = set([public("ed25519")]);
    for (payload, fault) in [
        (&br#"{"sub":"alice","sub":"root"}"#[..], "json.duplicate_member"),
        (br#"{"a":{"b":1,"b":2}}"#, "json.duplicate_member"),
        (b"{\"sub\":\"\xff\"}", "json.encoding"),
        (b"[]", "json.not_an_object"),
        (b"", "json.syntax"),
        (b"{} ", ""),
    ] {
        let token = signer("ed25519").sign(&Object::new(), payload).unwrap();
        let payload = verify(&token, &keys).unwrap();
        assert_eq!(payload.object().map_or_else(|error| error.code(), |_| ""), fault);
    }
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(500), "]".repeat(500));
    let token = signer("ed25519").sign(&Object::new(), deep.as_bytes()).unwrap();
    let deep = verify(&token, &keys).unwrap().object();
    assert_eq!(deep, Err(JsonError::TooDeep { limit: 32 }));
}

#[test]
fn a_signed_payload_in_bad_base64_is_refused() {
    let key = signer("ed25519");
    let keys = set([public("ed25519")]);
    let header = base64url::encode(br#"{"alg":"EdDSA","kid":"ed25519"}"#);
    for payload in ["e30=", "e3 0", "e31", "e", "e30\n", "e3+/"] {
        let input = format!("{header}.{payload}");
        let token = format!("{input}.{}", base64url::encode(&key.sign_bytes(input.as_bytes())));
        let error = verify(&token, &keys).unwrap_err();
        let SignatureError::Malformed { part: "payload", problem } = error else {
            panic!("{payload}: {error:?}");
        };
        assert!(matches!(problem, Problem::Base64(_)));
    }
}

#[test]
fn the_signed_bytes_come_out_as_they_were() {
    let bytes: Vec<u8> = (0..=255).cycle().take(3000).collect();
    let token = signer("p384").sign(&Object::new(), &bytes).unwrap();
    let payload = verify(&token, &set([public("p384")])).unwrap();
    assert_eq!(payload.bytes(), bytes);
}

#[test]
fn the_payload_keeps_the_type_of_its_token() {
    let header = object(r#"{"typ":"logout+jwt"}"#);
    let token = signer("p256").sign(&header, b"{}").unwrap();
    let payload = verify(&token, &set([public("p256")])).unwrap();
    assert_eq!(payload.typ(), Some("logout+jwt"));
    assert!(payload.typ_is("application/logout+jwt") && !payload.typ_is("at+jwt"));
}

#[test]
fn debug_and_display_show_no_payload_or_signature() {
    let token = token(&signer("p256"));
    let payload = verify(&token, &set([public("p256")])).unwrap();
    assert!(!format!("{payload:?}").contains("alice"));
    let error = verify(&token, &set([with(public("p384"), "kid", "p256")])).unwrap_err();
    let signature = token.rsplit_once('.').unwrap().1;
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(!shown.contains(signature) && !shown.contains("alice"));
    }
}

#[test]
fn one_set_serves_many_threads() {
    let keys = set(["rsa", "p256"].map(public));
    let tokens = ["rsa", "p256"].map(|kid| token(&signer(kid)));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (keys, tokens) = (keys.clone(), &tokens);
            scope.spawn(move || {
                for token in tokens.iter().cycle().take(50) {
                    assert!(verify(token, &keys).is_ok());
                }
            });
        }
    });
}

#[test]
fn reading_and_writing_agree_about_json() {
    let claims = br#"{"exp":18446744073709551615,"neg":-1,"pi":3.5,"text":"\u0000\ud83d\ude00"}"#;
    let token = signer("ed25519").sign(&Object::new(), claims).unwrap();
    let read = verify(&token, &set([public("ed25519")])).unwrap().object().unwrap();
    assert_eq!(read, json::object(claims).unwrap());
}
