use std::sync::LazyLock;
use std::time::Duration;

use countersign_protocol::bearer::dpop::{DpopError, DpopProof, DpopRules, UncheckedProof};
use countersign_protocol::error::CODES;
use countersign_protocol::jose::json::Object;
use countersign_protocol::jose::{
    Algorithm, Allowed, SignatureError, SigningKey, base64url, digest, thumbprint,
};
use countersign_protocol::{Fault, UnixTime, Verified};
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use crate::support::{NOW, key, object, url};

static CLIENT: LazyLock<SigningKey> = LazyLock::new(|| key(Algorithm::Es256).without_kid());
static JKT: LazyLock<String> = LazyLock::new(|| thumbprint(&CLIENT.public_jwk()).unwrap());

const TOKEN: &str = "an-access-token";
const ADDRESS: &str = "https://api.example/notes";

fn header() -> Object {
    object(json!({ "typ": "dpop+jwt", "jwk": CLIENT.public_jwk() }))
}

fn claims() -> Object {
    object(json!({
        "jti": "id-1",
        "htm": "POST",
        "htu": ADDRESS,
        "iat": NOW.as_secs(),
        "ath": base64url::encode(&digest::sha256(TOKEN.as_bytes())),
    }))
}

fn sign(header: &Object, claims: &Object) -> String {
    CLIENT.sign(header, Value::Object(claims.clone()).to_string().as_bytes()).unwrap()
}

/// A good proof but for one claim.
fn with(claim: &str, value: impl Into<Value>) -> String {
    let mut claims = claims();
    claims.insert(claim.to_owned(), value.into());
    sign(&header(), &claims)
}

fn without(claim: &str) -> String {
    let mut claims = claims();
    claims.remove(claim).expect("it was there");
    sign(&header(), &claims)
}

/// A good proof but for one member of its header.
fn with_header(member: &str, value: impl Into<Value>) -> String {
    let mut header = header();
    header.insert(member.to_owned(), value.into());
    sign(&header, &claims())
}

/// A token with any header at all, signed by the client.
fn raw(header: &Value, claims: &[u8]) -> String {
    let text = format!(
        "{}.{}",
        base64url::encode(header.to_string().as_bytes()),
        base64url::encode(claims)
    );
    let signature = base64url::encode(&CLIENT.sign_bytes(text.as_bytes()));
    format!("{text}.{signature}")
}

fn check(proof: &str) -> Result<Verified<DpopProof>, DpopError> {
    check_at(proof, ADDRESS, NOW)
}

fn check_at(proof: &str, address: &str, now: UnixTime) -> Result<Verified<DpopProof>, DpopError> {
    let address = url(address);
    let rules = DpopRules::new("POST", &address, TOKEN, &JKT);
    UncheckedProof::from_bytes(proof.as_bytes())?.verify(&rules, now)
}

fn check_nonce(
    proof: &str,
    is_ours: &dyn Fn(&str) -> bool,
) -> Result<Verified<DpopProof>, DpopError> {
    let address = url(ADDRESS);
    let mut rules = DpopRules::new("POST", &address, TOKEN, &JKT);
    rules.nonce = Some(is_ours);
    UncheckedProof::from_bytes(proof.as_bytes())?.verify(&rules, NOW)
}

fn code(proof: &str) -> &'static str {
    check(proof).unwrap_err().entry().code
}

#[test]
fn a_good_proof_passes() {
    let proof = check(&sign(&header(), &claims())).unwrap();
    assert_eq!(proof.thumbprint(), *JKT);
    assert_eq!(proof.jti(), "id-1");
    assert_eq!(proof.nonce(), None);
    assert_eq!(proof.issued_at(), NOW);
    assert_eq!(proof.usable_until(), NOW + Duration::from_secs(60));
    assert_eq!(proof.verified_at(), NOW);
}

#[test]
fn the_example_of_the_specification_passes() {
    // RFC 9449 section 7.1, figure 12.
    let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
    let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    let address = url("https://resource.example.org/protectedresource");
    let jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    let rules = DpopRules::new("GET", &address, token, jkt);
    let proof = UncheckedProof::from_bytes(proof.as_bytes()).unwrap();
    let proof = proof.verify(&rules, UnixTime::from_secs(1_562_262_618)).unwrap();
    assert_eq!(proof.jti(), "e1j3V_bKic8-LAEB");
}

#[test]
fn every_kind_of_key_may_prove() {
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es384, Algorithm::EdDsa] {
        let natural = if algorithm == Algorithm::Ps256 { Algorithm::Rs256 } else { algorithm };
        let key = key(natural).with_algorithm(algorithm).unwrap().without_kid();
        let mut header = header();
        header.insert("jwk".to_owned(), Value::Object(key.public_jwk()));
        let proof = key.sign(&header, Value::Object(claims()).to_string().as_bytes()).unwrap();
        let address = url(ADDRESS);
        let jkt = thumbprint(&key.public_jwk()).unwrap();
        let rules = DpopRules::new("POST", &address, TOKEN, &jkt);
        let proof = UncheckedProof::from_bytes(proof.as_bytes()).unwrap();
        assert_eq!(proof.verify(&rules, NOW).map(|proof| proof.jti().len()), Ok(4), "{algorithm}");
    }
}

// The header of the request (items 1 and 2).

#[test]
fn a_request_without_proof_has_none() {
    assert!(UncheckedProof::read(&HeaderMap::new()).unwrap().is_none());
}

#[test]
fn one_header_is_read() {
    let mut headers = HeaderMap::new();
    let proof = format!(" {}\t", sign(&header(), &claims()));
    headers.insert("DPoP", HeaderValue::from_str(&proof).unwrap());
    let address = url(ADDRESS);
    let rules = DpopRules::new("POST", &address, TOKEN, &JKT);
    let proof = UncheckedProof::read(&headers).unwrap().unwrap();
    assert!(proof.verify(&rules, NOW).is_ok());
}

#[test]
fn two_proofs_are_refused_even_if_both_are_good() {
    let mut headers = HeaderMap::new();
    for jti in ["1", "2"] {
        headers.append("DPoP", HeaderValue::from_str(&with("jti", jti)).unwrap());
    }
    let error = UncheckedProof::read(&headers).unwrap_err();
    assert_eq!(error, DpopError::Several { got: 2 });
    assert_eq!(error.entry().code, "dpop.several");
}

#[test]
fn two_proofs_in_one_header_are_refused() {
    assert_eq!(code(&format!("{}, {}", with("jti", "1"), with("jti", "2"))), "dpop.malformed");
}

#[test]
fn a_proof_of_more_than_8_kib_is_refused_unread() {
    let long = "a".repeat(8 * 1024 + 1);
    let error = UncheckedProof::from_bytes(long.as_bytes()).unwrap_err();
    assert_eq!(error, DpopError::TooLarge { bytes: 8193, limit: 8192 });
}

#[test]
fn a_proof_that_is_no_jws_is_refused() {
    for text in ["", ".", "..", "a.b", "a.b.c", "a.b.c.d.e", "{}", "Bearer x"] {
        assert_eq!(code(text), "dpop.malformed", "{text}");
    }
}

#[test]
fn characters_outside_ascii_are_refused() {
    for bytes in ["ü".as_bytes(), b"\xff\xfe"] {
        assert_eq!(UncheckedProof::from_bytes(bytes).unwrap_err(), DpopError::NotAscii);
    }
}

// The proof's header (items 4 to 7).

#[test]
fn another_typ_is_refused() {
    for typ in ["JWT", "at+jwt", "dpop", "dpop+jwt2", ""] {
        let got = Some(typ.to_owned());
        assert_eq!(check(&with_header("typ", typ)).unwrap_err(), DpopError::Typ { got });
    }
    let mut header = header();
    header.remove("typ");
    assert_eq!(check(&sign(&header, &claims())).unwrap_err(), DpopError::Typ { got: None });
}

#[test]
fn a_secret_as_key_is_refused() {
    let secret = SigningKey::from_secret(&[7; 32], Algorithm::Hs256).unwrap();
    let oct = json!({ "kty": "oct", "k": base64url::encode(&[7; 32]) });
    for jwk in [oct, Value::Object(CLIENT.public_jwk())] {
        let mut header = header();
        header.insert("jwk".to_owned(), jwk);
        let proof = secret.sign(&header, Value::Object(claims()).to_string().as_bytes()).unwrap();
        let error = check(&proof).unwrap_err();
        assert!(matches!(error, DpopError::Signature(_)), "{error:?}");
    }
}

#[test]
fn the_public_key_as_a_secret_is_refused() {
    let x = CLIENT.public_jwk()["x"].as_str().unwrap().to_owned();
    let secret =
        SigningKey::from_secret(&base64url::decode(&x).unwrap(), Algorithm::Hs256).unwrap();
    let proof = secret.sign(&header(), Value::Object(claims()).to_string().as_bytes()).unwrap();
    assert_eq!(code(&proof), "dpop.algorithm");
}

#[test]
fn an_unsigned_proof_is_refused() {
    for alg in ["none", "None", "NONE", ""] {
        let header = json!({ "alg": alg, "typ": "dpop+jwt", "jwk": CLIENT.public_jwk() });
        let claims = Value::Object(claims()).to_string();
        let signed = raw(&header, claims.as_bytes());
        assert_eq!(code(&signed), "dpop.algorithm", "{alg}");
        let (text, _) = signed.rsplit_once('.').unwrap();
        assert_eq!(code(&format!("{text}.")), "dpop.algorithm", "{alg}");
    }
}

#[test]
fn an_algorithm_that_is_not_allowed_is_refused() {
    let address = url(ADDRESS);
    let mut rules = DpopRules::new("POST", &address, TOKEN, &JKT);
    rules.allowed = Allowed::new([Algorithm::EdDsa]).unwrap();
    let proof = sign(&header(), &claims());
    let error = UncheckedProof::from_bytes(proof.as_bytes()).unwrap().verify(&rules, NOW);
    assert_eq!(error.unwrap_err().entry().code, "dpop.algorithm");
}

#[test]
fn secrets_are_refused_even_if_they_are_allowed() {
    let address = url(ADDRESS);
    let mut rules = DpopRules::new("POST", &address, TOKEN, &JKT);
    rules.allowed = Allowed::new([Algorithm::Hs256]).unwrap();
    let secret = SigningKey::from_secret(&[7; 32], Algorithm::Hs256).unwrap();
    let mut header = header();
    let oct = json!({ "kty": "oct", "k": base64url::encode(&[7; 32]) });
    header.insert("jwk".to_owned(), oct);
    let proof = secret.sign(&header, Value::Object(claims()).to_string().as_bytes()).unwrap();
    let error = UncheckedProof::from_bytes(proof.as_bytes()).unwrap().verify(&rules, NOW);
    assert!(matches!(error.unwrap_err(), DpopError::Signature(_)));
}

#[test]
fn a_private_key_in_the_header_is_refused() {
    let mut jwk = CLIENT.public_jwk();
    jwk.insert("d".to_owned(), base64url::encode(&[1; 32]).into());
    assert_eq!(code(&with_header("jwk", Value::Object(jwk))), "dpop.malformed");
}

#[test]
fn a_proof_without_key_is_refused() {
    let mut header = header();
    header.remove("jwk");
    assert_eq!(code(&sign(&header, &claims())), "dpop.malformed");
    for odd in [json!(null), json!("key"), json!([]), json!({}), json!({ "kty": "EC" })] {
        assert_eq!(code(&with_header("jwk", odd.clone())), "dpop.malformed", "{odd}");
    }
}

#[test]
fn a_signature_by_another_key_than_the_headers_is_refused() {
    let other = key(Algorithm::Es256).public_jwk();
    let proof = with_header("jwk", Value::Object(other));
    assert!(matches!(
        check(&proof).unwrap_err(),
        DpopError::Signature(SignatureError::BadSignature { .. })
    ));
    assert_eq!(code(&proof), "dpop.signature");
}

#[test]
fn changed_claims_are_refused() {
    let (good, other) = (sign(&header(), &claims()), with("jti", "another"));
    let parts: Vec<&str> = good.split('.').collect();
    let payload = other.split('.').nth(1).unwrap();
    assert_eq!(code(&format!("{}.{payload}.{}", parts[0], parts[2])), "dpop.signature");
}

#[test]
fn an_unknown_crit_is_refused() {
    let header = json!({
        "alg": "ES256", "typ": "dpop+jwt", "jwk": CLIENT.public_jwk(), "crit": ["exp"], "exp": 1,
    });
    let claims = Value::Object(claims()).to_string();
    assert_eq!(code(&raw(&header, claims.as_bytes())), "dpop.malformed");
}

// The claims (item 3).

#[test]
fn claims_that_are_no_clean_object_are_refused() {
    let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": CLIENT.public_jwk() });
    let doubled = Value::Object(claims()).to_string().replacen('{', r#"{"jti":"other","#, 1);
    for text in ["", "[]", "null", "{", &doubled] {
        let error = check(&raw(&header, text.as_bytes())).unwrap_err();
        assert!(matches!(error, DpopError::Malformed { .. }), "{text}: {error:?}");
    }
}

#[test]
fn a_missing_claim_is_refused() {
    for name in ["jti", "htm", "htu", "iat", "ath"] {
        let error = check(&without(name)).unwrap_err();
        assert!(matches!(error, DpopError::Claim { claim, .. } if claim == name), "{error:?}");
        assert_eq!(error.entry().code, "dpop.claim");
    }
}

#[test]
fn a_claim_of_the_wrong_type_is_refused() {
    let odd = [json!(null), json!(true), json!([]), json!({}), json!(["x"])];
    for name in ["jti", "htm", "htu", "iat", "ath", "nonce"] {
        let more = if name == "iat" { json!("1700000000") } else { json!(1_700_000_000) };
        for value in odd.iter().chain([&more]) {
            let error = check(&with(name, value.clone())).unwrap_err();
            assert!(
                matches!(error, DpopError::Claim { claim, .. } if claim == name),
                "{name}: {value}: {error:?}"
            );
        }
    }
}

#[test]
fn a_jti_has_1_to_256_bytes() {
    assert!(check(&with("jti", "j")).is_ok());
    assert!(check(&with("jti", "j".repeat(256))).is_ok());
    for jti in [String::new(), "j".repeat(257), "ü".repeat(129)] {
        assert_eq!(code(&with("jti", jti)), "dpop.claim");
    }
}

// The request (items 8 and 9).

#[test]
fn a_proof_of_another_method_is_refused() {
    for method in ["GET", "post", "POST ", ""] {
        let error = check(&with("htm", method)).unwrap_err();
        let (expected, got) = ("POST".to_owned(), method.to_owned());
        assert_eq!(error, DpopError::Method { expected, got });
        assert_eq!(error.entry().code, "dpop.htm");
    }
}

#[test]
fn a_proof_of_another_address_is_refused() {
    for address in [
        "http://api.example/notes",
        "https://api.example:8443/notes",
        "https://api.example.evil.example/notes",
        "https://api.example/notes/",
        "https://api.example/note",
        "https://api.example/Notes",
        "https://api.example/",
        "https://api.example",
        "https://api.example/notes%2F",
        "https://api.example/notes%00",
    ] {
        let error = check(&with("htu", address)).unwrap_err();
        assert!(matches!(error, DpopError::Url { .. }), "{address}: {error:?}");
        assert_eq!(error.entry().code, "dpop.htu");
    }
}

#[test]
fn an_address_that_is_none_is_refused() {
    for address in [
        "",
        "/notes",
        "//api.example/notes",
        "https:api.example/notes",
        "https:/api.example/notes",
        "https:///api.example/notes",
        "https:\\\\api.example\\notes",
        "https://api.example\\notes",
        " https://api.example/notes",
        "https://api.example/no\ntes",
        "https://api.example/nötes",
        "https://user@api.example/notes",
        "https://user:pass@api.example/notes",
        "ftp://api.example/notes",
        "https://api.example:99999/notes",
    ] {
        let error = check(&with("htu", address)).unwrap_err();
        assert!(matches!(error, DpopError::Claim { claim: "htu", .. }), "{address}: {error:?}");
    }
}

#[test]
fn query_and_fragment_do_not_count() {
    for htu in [ADDRESS, "https://api.example/notes?page=1", "https://api.example/notes#top"] {
        for address in [ADDRESS, "https://api.example/notes?page=2", "https://api.example/notes?"] {
            assert!(check_at(&with("htu", htu), address, NOW).is_ok(), "{htu} for {address}");
        }
    }
}

#[test]
fn addresses_are_compared_in_their_normal_form() {
    for (htu, address) in [
        ("HTTPS://API.Example/notes", ADDRESS),
        ("https://api.example:443/notes", ADDRESS),
        ("https://api.example/a/../notes", ADDRESS),
        ("https://api.example/./notes", ADDRESS),
        ("https://api.example/%6eotes", ADDRESS),
        ("https://api.example/n%C3%B6tes", "https://api.example/nötes"),
        ("https://api.example/n%c3%b6tes", "https://api.example/n%C3%B6tes"),
        ("https://api.example/a%2fb", "https://api.example/a%2Fb"),
        ("https://api.example/%7Ealice", "https://api.example/~alice"),
        ("https://api.example", "https://api.example/"),
        ("http://api.example:80/notes", "http://api.example/notes"),
        ("http://[::1]:3000/notes", "http://[0:0::1]:3000/notes"),
    ] {
        let result = check_at(&with("htu", htu), address, NOW);
        assert!(result.is_ok(), "{htu} for {address}: {result:?}");
    }
}

#[test]
fn an_encoded_separator_is_not_the_separator() {
    for (htu, address) in [
        ("https://api.example/a%2Fb", "https://api.example/a/b"),
        ("https://api.example/a%3Fb", "https://api.example/a?b"),
        ("https://api.example/a%23b", "https://api.example/a#b"),
        ("https://api.example/a%25%32%46b", "https://api.example/a%2Fb"),
    ] {
        let error = check_at(&with("htu", htu), address, NOW).unwrap_err();
        assert!(matches!(error, DpopError::Url { .. }), "{htu} for {address}: {error:?}");
    }
}

#[test]
fn odd_percent_signs_are_compared_as_they_are() {
    for path in ["%", "%4", "%zz", "a%", "%%41"] {
        let address = format!("https://api.example/{path}");
        assert!(check_at(&with("htu", address.clone()), &address, NOW).is_ok(), "{path}");
        assert!(check_at(&with("htu", address), ADDRESS, NOW).is_err(), "{path}");
    }
}

// The time and the nonce (items 10 and 11).

#[test]
fn a_proof_from_the_past_is_refused() {
    assert!(check(&with("iat", NOW.as_secs() - 60)).is_ok());
    let error = check(&with("iat", NOW.as_secs() - 61)).unwrap_err();
    let (by, max_age) = (Duration::from_secs(61), Duration::from_secs(60));
    assert_eq!(error, DpopError::TooOld { by, max_age });
    assert_eq!(error.entry().code, "dpop.iat");
}

#[test]
fn a_proof_from_the_future_is_refused() {
    assert!(check(&with("iat", NOW.as_secs() + 60)).is_ok());
    let error = check(&with("iat", NOW.as_secs() + 61)).unwrap_err();
    let (by, max_age) = (Duration::from_secs(61), Duration::from_secs(60));
    assert_eq!(error, DpopError::Ahead { by, max_age });
    assert_eq!(error.entry().code, "dpop.iat");
}

#[test]
fn an_iat_beyond_all_calendars_is_refused() {
    for secs in [1e300, -1e300, 1e18] {
        assert_eq!(code(&with("iat", secs)), "dpop.claim");
    }
}

#[test]
fn a_proof_can_be_used_to_the_moment_that_it_says_and_no_longer() {
    let text = with("iat", NOW.as_secs());
    let until = check(&text).unwrap().usable_until();
    assert!(check_at(&text, ADDRESS, until).is_ok());
    assert!(check_at(&text, ADDRESS, UnixTime::from_millis(until.as_millis() + 1)).is_err());
}

#[test]
fn a_nonce_is_needed_where_one_is_demanded() {
    let error = check_nonce(&sign(&header(), &claims()), &|_| true).unwrap_err();
    assert_eq!(error, DpopError::NonceMissing);
    assert!(error.wants_nonce());
    assert_eq!(error.entry().code, "dpop.nonce");
}

#[test]
fn a_nonce_that_is_not_ours_is_refused() {
    let error = check_nonce(&with("nonce", "theirs"), &|nonce| nonce == "ours").unwrap_err();
    assert_eq!(error, DpopError::Nonce);
    assert!(error.wants_nonce());
}

#[test]
fn a_nonce_of_ours_passes() {
    let proof = check_nonce(&with("nonce", "ours"), &|nonce| nonce == "ours").unwrap();
    assert_eq!(proof.nonce(), Some("ours"));
}

#[test]
fn a_nonce_does_not_make_an_old_proof_good() {
    let mut claims = claims();
    claims.insert("nonce".to_owned(), "ours".into());
    claims.insert("iat".to_owned(), (NOW.as_secs() - 61).into());
    let error = check_nonce(&sign(&header(), &claims), &|_| true).unwrap_err();
    assert!(matches!(error, DpopError::TooOld { .. }));
    assert!(!error.wants_nonce());
}

// The token (item 12).

#[test]
fn a_proof_for_another_token_is_refused() {
    for other in ["another-token", "", "AN-ACCESS-TOKEN"] {
        let hash = base64url::encode(&digest::sha256(other.as_bytes()));
        assert_eq!(check(&with("ath", hash)).unwrap_err(), DpopError::Token);
    }
    let padded = format!("{}=", claims()["ath"].as_str().unwrap());
    assert_eq!(check(&with("ath", padded)).unwrap_err(), DpopError::Token);
    assert_eq!(check(&with("ath", TOKEN)).unwrap_err(), DpopError::Token);
}

#[test]
fn a_proof_by_another_key_than_the_tokens_is_refused() {
    let thief = key(Algorithm::Es256).without_kid();
    let mut header = header();
    header.insert("jwk".to_owned(), Value::Object(thief.public_jwk()));
    let proof = thief.sign(&header, Value::Object(claims()).to_string().as_bytes()).unwrap();
    let error = check(&proof).unwrap_err();
    assert_eq!(error, DpopError::Key);
    assert_eq!(error.entry().code, "dpop.key");
}

#[test]
fn a_token_that_names_no_key_is_never_matched() {
    let address = url(ADDRESS);
    let rules = DpopRules::new("POST", &address, TOKEN, "");
    let proof = sign(&header(), &claims());
    let error = UncheckedProof::from_bytes(proof.as_bytes()).unwrap().verify(&rules, NOW);
    assert_eq!(error.unwrap_err(), DpopError::Key);
}

// What is said about it.

#[test]
fn neither_token_nor_proof_is_shown() {
    let proof = sign(&header(), &claims());
    let unchecked = UncheckedProof::from_bytes(proof.as_bytes()).unwrap();
    assert!(!format!("{unchecked:?}").contains(&proof[..20]));
    let address = url("https://api.example/notes?key=hush");
    let rules = DpopRules::new("POST", &address, TOKEN, &JKT);
    assert!(!format!("{rules:?}").contains(TOKEN));
    for broken in [with("ath", "x"), with("htu", "https://other.example/?key=hush"), without("jti")]
    {
        let error = UncheckedProof::from_bytes(broken.as_bytes()).unwrap().verify(&rules, NOW);
        let error = error.unwrap_err();
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains(TOKEN) && !text.contains("hush"), "{text}");
        }
    }
}

#[test]
fn what_a_client_writes_is_cut_and_escaped_in_messages() {
    let long = "\u{1b}[31m\"".repeat(1000);
    for proof in [with("htm", long.clone()), with_header("typ", long)] {
        let text = check(&proof).unwrap_err().to_string();
        assert!(text.len() < 2000 && !text.contains('\u{1b}'), "{text}");
    }
}

#[test]
fn every_refusal_is_the_fault_of_whoever_sent_the_proof() {
    for error in [
        DpopError::Missing,
        DpopError::Several { got: 2 },
        DpopError::NotAscii,
        check("a.b").unwrap_err(),
        check(&with_header("typ", "JWT")).unwrap_err(),
        check(&without("jti")).unwrap_err(),
        DpopError::Key,
    ] {
        assert_eq!(error.entry().fault, Fault::Person);
        assert!(error.entry().code.starts_with("dpop."));
        assert!(CODES.contains(&error.entry()));
    }
}
