//! The protected header (RFC 7515 §4): three members are kept, none is obeyed but `alg` and `kid`.

use crate::algorithm::Algorithm;
use crate::error::{Problem, SignatureError, cut};
use crate::json::{Item, JsonError, Text};

#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<String>,
    pub(crate) typ: Option<String>,
}

impl Header {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, SignatureError> {
        if bytes.len() > MAX_HEADER {
            let bytes = bytes.len();
            return Err(SignatureError::TooLarge { part: "header", bytes, limit: MAX_HEADER });
        }
        let text = Text::read(bytes).map_err(SignatureError::from_header)?;
        let top = text.top();
        let members = top.members().ok_or(JsonError::NotAnObject { got: top.kind() });
        Self::of(members.map_err(SignatureError::from_header)?)
    }

    /// Members that name keys (`jwk`, `jku`, `x5u`, `x5c`, …) are passed over: whoever forges a
    /// token writes them too.
    fn of<'d>(members: impl Iterator<Item = (&'d str, Item<'d>)>) -> Result<Self, SignatureError> {
        let (mut algorithm, mut kid, mut typ) = (None, None, None);
        let mut others = 0;
        for (name, value) in members {
            match name {
                "alg" => {
                    let alg = string("alg", value)?;
                    let unknown = |_| SignatureError::UnknownAlgorithm { alg: cut(alg) };
                    algorithm = Some(alg.parse::<Algorithm>().map_err(unknown)?);
                }
                "kid" => kid = Some(string("kid", value)?.to_owned()),
                "typ" => typ = Some(string("typ", value)?.to_owned()),
                // RFC 7515 §4.1.11: what is marked critical must be understood, and an empty list
                // is forbidden; RFC 7797 §6 has `b64` marked so. Understanding nothing, all forms
                // of them are refused, and `zip`, which belongs to encrypted tokens.
                "crit" => return Err(SignatureError::Critical { member: "crit" }),
                "b64" => return Err(SignatureError::Critical { member: "b64" }),
                "zip" => return Err(SignatureError::Critical { member: "zip" }),
                _ if others == MAX_MEMBERS => {
                    let problem = Problem::TooManyMembers { limit: MAX_MEMBERS };
                    return Err(SignatureError::malformed("header", problem));
                }
                _ => others += 1,
            }
        }
        let missing = Problem::Missing { member: "alg" };
        let algorithm = algorithm.ok_or(SignatureError::malformed("header", missing))?;
        Ok(Self { algorithm, kid, typ })
    }

    /// RFC 7515 §4.1.9: a media type, where `application/` may be left out; case does not matter.
    pub(crate) fn typ_is(&self, expected: &str) -> bool {
        self.typ.as_deref().is_some_and(|typ| bare(typ).eq_ignore_ascii_case(bare(expected)))
    }
}

fn bare(media_type: &str) -> &str {
    match media_type.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => media_type,
    }
}

fn string<'d>(member: &'static str, value: Item<'d>) -> Result<&'d str, SignatureError> {
    let problem = Problem::NotAString { member, got: value.kind() };
    value.as_str().ok_or(SignatureError::malformed("header", problem))
}

/// The kid as errors show it.
pub(crate) fn shown(kid: Option<&str>) -> Option<String> {
    kid.map(cut)
}

const PREFIX: &str = "application/";
/// Certificate chains make the longest honest headers, of about 6 KiB.
const MAX_HEADER: usize = 8 * 1024;
/// Beside `alg`, `kid` and `typ`.
const MAX_MEMBERS: usize = 32;
