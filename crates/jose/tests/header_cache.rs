use std::sync::atomic::{AtomicUsize, Ordering};

use countersign_jose::{Algorithm, Allowed, HeaderCache, KeySet, SignatureError, SigningKey};

use crate::support::{macs, raw};

fn key() -> SigningKey {
    SigningKey::from_secret(b"a shared secret", Algorithm::Hs256).unwrap()
}

fn keys() -> KeySet {
    KeySet::from_secret(b"a shared secret").unwrap()
}

/// How many headers are kept, by what the cache shows of itself.
fn kept(cache: &HeaderCache) -> usize {
    format!("{cache:?}").matches("Header").count()
}

#[test]
fn the_header_of_a_good_token_is_remembered_once() {
    let cache = HeaderCache::default();
    for claims in ["{}", r#"{"sub":"alice"}"#, r#"{"sub":"bob"}"#] {
        let token = raw(&key(), r#"{"alg":"HS256","kid":"k","typ":"at+jwt"}"#, claims.as_bytes());
        let jws = cache.parse(&token).unwrap();
        assert_eq!(
            (jws.algorithm(), jws.kid(), jws.typ()),
            (Algorithm::Hs256, Some("k"), Some("at+jwt"))
        );
        let payload = jws.verify(&keys(), &macs()).unwrap();
        assert_eq!(payload.bytes(), claims.as_bytes());
        assert_eq!((payload.kid(), payload.typ()), (Some("k"), Some("at+jwt")));
        assert_eq!(kept(&cache), 1);
    }
}

#[test]
fn the_header_of_an_unverified_token_is_not_remembered() {
    let cache = HeaderCache::default();
    let other = SigningKey::from_secret(b"another secret", Algorithm::Hs256).unwrap();
    let token = raw(&other, r#"{"alg":"HS256"}"#, b"{}");
    let parsed = cache.parse(&token).unwrap();
    assert_eq!(kept(&cache), 0, "parsed only");
    assert!(matches!(parsed.verify(&keys(), &macs()), Err(SignatureError::BadSignature { .. })));
    assert_eq!(kept(&cache), 0, "signed by somebody else");
    let good = raw(&key(), r#"{"alg":"HS256"}"#, b"{}");
    assert!(cache.parse(&good).unwrap().verify(&keys(), &Allowed::asymmetric()).is_err());
    assert_eq!(kept(&cache), 0, "of an algorithm that is not allowed");
    assert!(cache.parse(&good).unwrap().verify(&KeySet::empty(), &macs()).is_err());
    assert_eq!(kept(&cache), 0, "of an unknown key");
}

#[test]
fn a_known_header_makes_no_signature_good() {
    let cache = HeaderCache::default();
    let header = r#"{"alg":"HS256","kid":"k"}"#;
    let good = raw(&key(), header, b"{}");
    cache.parse(&good).unwrap().verify(&keys(), &macs()).unwrap();
    let other = SigningKey::from_secret(b"another secret", Algorithm::Hs256).unwrap();
    let forged = raw(&other, header, b"{}");
    assert!(cache.parse(&forged).unwrap().verify(&keys(), &macs()).is_err());
    assert!(cache.parse(&good).unwrap().verify(&KeySet::empty(), &macs()).is_err());
    assert!(cache.parse(&good).unwrap().verify(&keys(), &Allowed::asymmetric()).is_err());
}

#[test]
fn a_token_of_a_bad_form_stays_one_with_a_known_header() {
    let cache = HeaderCache::default();
    let good = raw(&key(), r#"{"alg":"HS256"}"#, b"{}");
    cache.parse(&good).unwrap().verify(&keys(), &macs()).unwrap();
    let (header, _) = good.split_once('.').unwrap();
    for bad in [
        format!("{header}.e30"),
        format!("{header}.e30.A"),
        format!("{header}.e30.AA.."),
        format!("{good}="),
    ] {
        assert!(cache.parse(&bad).is_err(), "{bad}");
    }
    for bad in [
        format!("{header}A.e30.AA"),
        format!("{}.e30.AA", &header[1..]),
        format!("{header}=.e30.AA"),
    ] {
        assert!(cache.parse(&bad).is_err(), "{bad}");
    }
}

#[test]
fn the_cache_is_bounded_and_forgets_the_oldest() {
    let cache = HeaderCache::default();
    for n in 0..40 {
        let token = raw(&key(), &format!(r#"{{"alg":"HS256","kid":"k{n}"}}"#), b"{}");
        cache.parse(&token).unwrap().verify(&keys(), &macs()).unwrap();
        assert_eq!(kept(&cache), (n + 1).min(16));
    }
    let shown = format!("{cache:?}");
    assert!(shown.contains("k39") && shown.contains("k24") && !shown.contains("k23"), "{shown}");
}

#[test]
fn a_long_header_is_read_and_not_remembered() {
    let cache = HeaderCache::default();
    let header = format!(r#"{{"alg":"HS256","x5c":["{}"]}}"#, "A".repeat(2000));
    let token = raw(&key(), &header, b"{}");
    assert!(cache.parse(&token).unwrap().verify(&keys(), &macs()).is_ok());
    assert_eq!(kept(&cache), 0);
}

#[test]
fn many_threads_read_through_one_cache() {
    let cache = HeaderCache::default();
    let good = AtomicUsize::new(0);
    std::thread::scope(|threads| {
        for thread in 0..4 {
            let (cache, good) = (&cache, &good);
            threads.spawn(move || {
                for n in 0..100 {
                    let header = format!(r#"{{"alg":"HS256","kid":"k{}"}}"#, (n + thread * 7) % 30);
                    let token = raw(&key(), &header, b"{}");
                    let payload = cache.parse(&token).unwrap().verify(&keys(), &macs()).unwrap();
                    assert!(header.contains(payload.kid().unwrap()));
                    good.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!((good.into_inner(), kept(&cache)), (400, 16));
}
