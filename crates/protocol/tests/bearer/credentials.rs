use countersign_protocol::bearer::{Credentials, Refusal, RequestFault, Scheme};
use http::{HeaderMap, HeaderValue, header};

fn headers(values: &[&[u8]]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(header::AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
    }
    headers
}

fn read(value: &[u8]) -> Result<(Scheme, String), Refusal> {
    let headers = headers(&[value]);
    let credentials = Credentials::from_headers(&headers)?;
    Ok((credentials.scheme(), credentials.well_formed()?.to_owned()))
}

fn check(token: &str) -> Result<(), Refusal> {
    Credentials::new(Scheme::Bearer, token)?.well_formed().map(drop)
}

const FORM: Refusal = Refusal::Request(RequestFault::Form);

#[test]
fn the_scheme_is_known_in_any_case() {
    for name in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let read = read(format!("{name} abc").as_bytes());
        assert_eq!(read, Ok((Scheme::Bearer, "abc".to_owned())), "{name}");
    }
    assert_eq!(read(b"dpop abc"), Ok((Scheme::Dpop, "abc".to_owned())));
    assert_eq!(read(b"Bearer   abc"), Ok((Scheme::Bearer, "abc".to_owned())));
}

#[test]
fn a_request_without_token_says_nothing_of_one() {
    assert!(matches!(Credentials::from_headers(&HeaderMap::new()), Err(Refusal::Missing)));
    for other in ["Basic dTpw", "Negotiate abc", "Bearerabc", "Bearer\tabc", ""] {
        assert_eq!(read(other.as_bytes()), Err(Refusal::Missing), "{other}");
    }
}

#[test]
fn two_headers_are_refused_even_if_both_say_the_same() {
    let both = headers(&[b"Bearer abc", b"Bearer abc"]);
    let error = Credentials::from_headers(&both).unwrap_err();
    assert_eq!(error, Refusal::Request(RequestFault::Several));
}

#[test]
fn a_scheme_without_a_token_is_refused() {
    for empty in ["Bearer", "Bearer ", "Bearer =", "Bearer ==="] {
        assert_eq!(read(empty.as_bytes()), Err(FORM), "{empty:?}");
    }
}

#[test]
fn a_character_that_no_token_has_is_refused_wherever_it_stands() {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    // All but the equals sign, which has a rule of its own.
    for byte in (0..=127).filter(|byte| *byte != b'=') {
        for at in [0, 1, 31, 32, 63] {
            let mut token = [b'a'; 64];
            token[at] = byte;
            let token = std::str::from_utf8(&token).unwrap();
            assert_eq!(check(token).is_ok(), plain(byte), "{byte:#x} at {at}");
        }
    }
    assert_eq!(check("aü"), Err(FORM));
    assert_eq!(read(b"Bearer a\xff"), Err(FORM));
    assert_eq!(read(b"Bearer a b"), Err(FORM));
    assert_eq!(read(b"Bearer a, Bearer b"), Err(FORM));
}

#[test]
fn an_equals_sign_stands_at_the_end_only() {
    assert_eq!(check("abc=="), Ok(()));
    assert_eq!(check("a=bc"), Err(FORM));
    assert_eq!(check("=abc"), Err(FORM));
}

#[test]
fn a_token_without_end_is_refused_unread() {
    let most = 64 * 1024;
    assert!(Credentials::new(Scheme::Bearer, &"a".repeat(most)).is_ok());
    let error = Credentials::new(Scheme::Bearer, &"a".repeat(most + 1)).unwrap_err();
    assert_eq!(error, Refusal::Request(RequestFault::TooLong { bytes: most + 1, most }));
}

#[test]
fn the_token_is_not_shown() {
    let credentials = Credentials::new(Scheme::Bearer, "hush").unwrap();
    assert!(!format!("{credentials:?}").contains("hush"));
}
