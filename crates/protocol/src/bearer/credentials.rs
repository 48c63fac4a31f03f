//! Where a request carries its token (RFC 6750 section 2, RFC 9449 section 7.1).

use std::fmt;

use http::{HeaderMap, header};

use super::refusal::{Refusal, RequestFault};

/// The token that a request carries, and how it is presented. Nothing is known of the token but its
/// length: [`Credentials::well_formed`] looks at its characters, which takes as long as finding a
/// token that was seen before.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    scheme: Scheme,
    token: &'a str,
}

/// The scheme of the `Authorization` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scheme {
    /// Whoever bears it may use it (RFC 6750).
    Bearer,
    /// Good only with a proof (RFC 9449).
    Dpop,
}

impl<'a> Credentials<'a> {
    /// Reads the `Authorization` header, whatever the case of its scheme.
    ///
    /// ```
    /// use countersign_protocol::bearer::{Credentials, Refusal, Scheme};
    /// use http::{HeaderMap, HeaderValue, header};
    ///
    /// let mut headers = HeaderMap::new();
    /// assert!(matches!(Credentials::from_headers(&headers), Err(Refusal::Missing)));
    ///
    /// headers.insert(header::AUTHORIZATION, HeaderValue::from_static("bearer abc"));
    /// assert_eq!(Credentials::from_headers(&headers).unwrap().scheme(), Scheme::Bearer);
    /// ```
    ///
    /// # Errors
    /// [`Refusal::Missing`] without a token, another scheme included; [`Refusal::Request`] for
    /// several headers, or a token that is none or too long.
    pub fn from_headers(headers: &'a HeaderMap) -> Result<Self, Refusal> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let value = values.next().ok_or(Refusal::Missing)?;
        if values.next().is_some() {
            return Err(Refusal::Request(RequestFault::Several));
        }
        let bytes = value.as_bytes();
        let split = bytes.iter().position(|byte| *byte == b' ').unwrap_or(bytes.len());
        let (name, rest) = bytes.split_at(split);
        let scheme = match name {
            name if name.eq_ignore_ascii_case(b"Bearer") => Scheme::Bearer,
            name if name.eq_ignore_ascii_case(b"DPoP") => Scheme::Dpop,
            _ => return Err(Refusal::Missing),
        };
        let token = rest.trim_ascii_start();
        let token = std::str::from_utf8(token).map_err(|_| Refusal::Request(RequestFault::Form))?;
        Self::new(scheme, token)
    }

    /// A token that was found elsewhere.
    ///
    /// # Errors
    /// [`Refusal::Request`] for a token that is none or too long.
    pub fn new(scheme: Scheme, token: &'a str) -> Result<Self, Refusal> {
        if token.len() > LONGEST {
            return Err(Refusal::Request(RequestFault::TooLong {
                bytes: token.len(),
                most: LONGEST,
            }));
        }
        if token.is_empty() {
            return Err(Refusal::Request(RequestFault::Form));
        }
        Ok(Self { scheme, token })
    }

    /// How it is presented.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The token as it came, to be looked up among those that are known already: never to be shown.
    #[must_use]
    pub const fn token(&self) -> &'a str {
        self.token
    }

    /// The token, once it is seen to be in the characters of one (RFC 6750 section 2.1). One that
    /// equals a token that passed before needs no such look.
    ///
    /// # Errors
    /// [`Refusal::Request`] for other characters.
    pub fn well_formed(&self) -> Result<&'a str, Refusal> {
        if is_token68(self.token) {
            return Ok(self.token);
        }
        Err(Refusal::Request(RequestFault::Form))
    }
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

/// RFC 6750 section 2.1: letters, digits and `-._~+/`, then any number of `=`.
///
/// Every byte of every new token passes here: there is no way out of the loop and no table, so that
/// the compiler looks at many bytes at once.
fn is_token68(token: &str) -> bool {
    let body = token.trim_end_matches('=').as_bytes();
    let odd = body.iter().fold(0, |odd, byte| odd | u8::from(!is_plain(*byte)));
    odd == 0 && !body.is_empty()
}

/// From `-` to `9` stand `-`, `.`, `/` and the digits, and nothing else.
const fn is_plain(byte: u8) -> bool {
    (byte | 0x20).wrapping_sub(b'a') < 26
        || byte.wrapping_sub(b'-') < 13
        || byte == b'_'
        || byte == b'~'
        || byte == b'+'
}

/// Header lines of servers end far below this.
const LONGEST: usize = 64 * 1024;
