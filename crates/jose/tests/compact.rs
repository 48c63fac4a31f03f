use countersign_jose::{Algorithm, Jws, Object, Problem, SignatureError, SigningKey, base64url};

use crate::support::raw;

fn key() -> SigningKey {
    SigningKey::from_secret(b"a shared secret", Algorithm::Hs256).unwrap()
}

fn problem(token: &str) -> (&'static str, Problem) {
    match Jws::parse(token).unwrap_err() {
        SignatureError::Malformed { part, problem } => (part, problem),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_token_shows_its_header_and_nothing_else() {
    let token = raw(&key(), r#"{"alg":"HS256","kid":"k1","typ":"JWT"}"#, br#"{"sub":"alice"}"#);
    let jws = Jws::parse(&token).unwrap();
    assert_eq!(jws.algorithm(), Algorithm::Hs256);
    assert_eq!(jws.kid(), Some("k1"));
    assert_eq!(jws.typ(), Some("JWT"));
    let shown = format!("{jws:?}");
    assert!(shown.contains("k1"));
    assert!(!shown.contains("alice") && !shown.contains(&token[token.len() - 20..]), "{shown}");
}

#[test]
fn another_number_of_dots_is_refused() {
    let token = key().sign(&Object::new(), b"{}").unwrap();
    for (text, dots) in [
        (String::new(), 0),
        ("opaque".to_owned(), 0),
        (token.replace('.', ""), 0),
        (token.replacen('.', "", 1), 1),
        (format!("{token}."), 3),
        (format!(".{token}"), 3),
        (".".repeat(5), 5),
    ] {
        assert_eq!(problem(&text), ("shape", Problem::Dots { dots }), "{text}");
    }
}

#[test]
fn an_encrypted_token_is_named_as_such() {
    let token = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.AA.AA.AA.AA";
    assert_eq!(Jws::parse(token).unwrap_err(), SignatureError::Encrypted);
    assert_eq!(Jws::parse("....").unwrap_err().code(), "jws.encrypted");
}

#[test]
fn an_empty_header_is_refused() {
    assert_eq!(problem("..").0, "header");
    assert_eq!(problem(".e30.AA").0, "header");
}

#[test]
fn bad_base64_is_refused_in_every_part() {
    let token = key().sign(&Object::new(), b"{\"a\":\"??>>\"}").unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    for (place, part) in [(0, "header"), (2, "signature")] {
        for bad in ["=", "==", " ", "\n", "+", "/", "%3D", "é"] {
            let mut parts = parts.clone();
            let spoiled = format!("{}{bad}", parts[place]);
            parts[place] = &spoiled;
            let (named, problem) = problem(&parts.join("."));
            assert_eq!(named, part);
            assert!(matches!(problem, Problem::Base64(_)), "{bad}");
        }
    }
}

#[test]
fn trailing_bits_in_the_signature_are_refused() {
    // 32 bytes end in a character whose last two bits carry nothing.
    let token = key().sign(&Object::new(), b"{}").unwrap();
    let last = token.chars().last().unwrap();
    let alphabet: Vec<char> =
        ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']).collect();
    let place = alphabet.iter().position(|c| *c == last).unwrap();
    let twin = format!("{}{}", &token[..token.len() - 1], alphabet[place | 1]);
    assert_ne!(twin, token);
    assert_eq!(problem(&twin).0, "signature");
}

#[test]
fn a_token_of_megabytes_is_refused() {
    let head = base64url::encode(br#"{"alg":"HS256"}"#);
    let fits = format!("{head}.{}.AA", "A".repeat(256 * 1024 - head.len() - 4));
    assert_eq!(fits.len(), 256 * 1024);
    assert!(Jws::parse(&fits).is_ok());
    for bytes in [256 * 1024 + 1, 8 << 20] {
        let error = Jws::parse(&".".repeat(bytes)).map(|_| ()).unwrap_err();
        assert_eq!(error, SignatureError::TooLarge { part: "text", bytes, limit: 256 * 1024 });
        assert_eq!(error.code(), "jws.too_large");
    }
}

#[test]
fn type_is_compared_as_a_media_type() {
    let typed = |typ: &str| raw(&key(), &format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#), b"{}");
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        let token = typed(typ);
        let jws = Jws::parse(&token).unwrap();
        assert!(jws.typ_is("at+jwt") && jws.typ_is("application/at+jwt"), "{typ}");
        assert!(!jws.typ_is("JWT") && !jws.typ_is("logout+jwt"));
    }
    for typ in ["", "at+jwt ", "x/at+jwt", "application/application/at+jwt", "aapplication/at+jwt"]
    {
        assert!(!Jws::parse(&typed(typ)).unwrap().typ_is("at+jwt"), "{typ}");
    }
    let untyped = raw(&key(), r#"{"alg":"HS256"}"#, b"{}");
    assert!(!Jws::parse(&untyped).unwrap().typ_is("at+jwt"));
    assert!(!Jws::parse(&untyped).unwrap().typ_is(""));
}
