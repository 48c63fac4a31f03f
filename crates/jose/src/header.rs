//! The protected header (RFC 7515 §4): three members are kept, none is obeyed but `alg` and `kid`.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use crate::algorithm::Algorithm;
use crate::error::{Problem, SignatureError, cut};
use crate::json::{JsonError, Reading, Strict, Text};

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
        let text = std::str::from_utf8(bytes)
            .map_err(|_| SignatureError::from_header(JsonError::NotUtf8))?;
        let reading = Reading::new(text);
        let members = Members { reading: &reading, fault: RefCell::new(None) };
        let mut reader = serde_json::Deserializer::from_str(text);
        (&members)
            .deserialize(&mut reader)
            .and_then(|header| reader.end().map(|()| header))
            .map_err(|error| members.explain(&error))
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

/// Reads the header in one pass. Members that name keys (`jwk`, `jku`, `x5u`, `x5c`, …) are read
/// for their form and dropped: whoever forges a token writes them too.
struct Members<'r> {
    reading: &'r Reading<'r>,
    fault: RefCell<Option<SignatureError>>,
}

impl Members<'_> {
    fn refuse<E: serde::de::Error>(&self, fault: SignatureError) -> E {
        *self.fault.borrow_mut() = Some(fault);
        E::custom("refused")
    }

    fn explain(&self, error: &serde_json::Error) -> SignatureError {
        let fault = self.fault.borrow_mut().take();
        fault.unwrap_or_else(|| SignatureError::from_header(self.reading.explain(error)))
    }

    /// Fills a place once.
    fn set<E: serde::de::Error>(
        &self,
        place: &mut Option<String>,
        name: &str,
        value: &str,
    ) -> Result<(), E> {
        match place.replace(value.to_owned()) {
            None => Ok(()),
            Some(_) => Err(self.reading.duplicate(name)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for &Members<'_> {
    type Value = Header;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Header, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &Members<'_> {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut algorithm = None;
        let (mut kid, mut typ) = (None, None);
        let mut others = Vec::new();
        let strict = Strict::at_top(self.reading).inside()?;
        while let Some(name) = map.next_key_seed(Text)? {
            match &*name {
                "alg" => {
                    let alg = map.next_value_seed(Text)?;
                    let known = alg.parse::<Algorithm>().map_err(|unknown| {
                        self.refuse(SignatureError::UnknownAlgorithm { alg: unknown.alg })
                    })?;
                    if algorithm.replace(known).is_some() {
                        return Err(self.reading.duplicate("alg"));
                    }
                }
                "kid" => self.set(&mut kid, "kid", &map.next_value_seed(Text)?)?,
                "typ" => self.set(&mut typ, "typ", &map.next_value_seed(Text)?)?,
                // RFC 7515 §4.1.11: what is marked critical must be understood, and an empty list
                // is forbidden; RFC 7797 §6 has `b64` marked so. Understanding nothing, all forms
                // of them are refused, and `zip`, which belongs to encrypted tokens.
                "crit" => return Err(self.refuse(SignatureError::Critical { member: "crit" })),
                "b64" => return Err(self.refuse(SignatureError::Critical { member: "b64" })),
                "zip" => return Err(self.refuse(SignatureError::Critical { member: "zip" })),
                _ => {
                    if others.contains(&name) {
                        return Err(self.reading.duplicate(&name));
                    }
                    if others.len() == MAX_MEMBERS {
                        let problem = Problem::TooManyMembers { limit: MAX_MEMBERS };
                        return Err(self.refuse(SignatureError::malformed("header", problem)));
                    }
                    map.next_value_seed(strict)?;
                    others.push(name);
                }
            }
        }
        let Some(algorithm) = algorithm else {
            let problem = Problem::Missing { member: "alg" };
            return Err(self.refuse(SignatureError::malformed("header", problem)));
        };
        Ok(Header { algorithm, kid, typ })
    }
}

/// The kid as errors show it.
pub(crate) fn shown(kid: Option<&str>) -> Option<String> {
    kid.map(cut)
}

const PREFIX: &str = "application/";
/// Certificate chains make the longest honest headers, of about 6 KiB.
const MAX_HEADER: usize = 8 * 1024;
/// Beside `alg`, `kid` and `typ`; finding a repeated name looks at all before it.
const MAX_MEMBERS: usize = 32;
