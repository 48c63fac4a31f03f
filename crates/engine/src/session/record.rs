//! The form in which a session is kept: a version, then the tail as JSON, then the parts of the
//! ID token as bytes, which compress far better than their base64url.

use std::sync::Arc;

use countersign_protocol::UnixTime;
use countersign_protocol::danger;
use countersign_protocol::id_token::Earlier;
use countersign_protocol::jose::base64url;
use countersign_protocol::jose::json::Object;
use countersign_protocol::token::Tokens;
use countersign_protocol::value::secret::{self, Secret};
use serde::{Deserialize, Serialize};

use super::{About, Inner, Session};

#[derive(Deserialize)]
struct Tail {
    about: About,
    user_info: Option<Object>,
    #[serde(with = "secret::sealed")]
    access_token: Secret,
    expires_at: Option<UnixTime>,
    #[serde(with = "secret::sealed::optional")]
    refresh_token: Option<Secret>,
    scope: String,
    #[serde(default)]
    earlier: Earlier,
}

/// The same as it is written: from where it lies, since it may be large.
#[derive(Serialize)]
struct WrittenTail<'a> {
    about: &'a About,
    user_info: Option<&'a Object>,
    access_token: &'a str,
    expires_at: Option<UnixTime>,
    refresh_token: Option<&'a str>,
    scope: &'a str,
    #[serde(skip_serializing_if = "Earlier::is_empty")]
    earlier: &'a Earlier,
}

impl Session {
    /// The session as bytes, tokens included: only for a place that seals or guards it.
    #[must_use]
    pub fn to_record(&self) -> Vec<u8> {
        let Inner { identity, user_info, tokens, about } = &*self.inner;
        let tail = WrittenTail {
            about,
            user_info: user_info.as_ref(),
            access_token: tokens.access_token.expose(),
            expires_at: tokens.expires_at,
            refresh_token: tokens.refresh_token.as_ref().map(Secret::expose),
            scope: &tokens.scope,
            earlier: identity.earlier(),
        };
        let mut record = vec![VERSION];
        put(&mut record, &serde_json::to_vec(&tail).unwrap_or_default());
        for part in identity.raw().expose().split('.') {
            put(&mut record, &base64url::decode(part).unwrap_or_default());
        }
        record
    }

    /// A session out of a record whose authenticity the caller has checked, such as a sealed
    /// cookie that opened. `None` for another version or anything that is no such record.
    #[must_use]
    pub fn from_authenticated_record(record: &[u8]) -> Option<Self> {
        let (&version, mut rest) = record.split_first()?;
        if version != VERSION {
            return None;
        }
        let tail: Tail = serde_json::from_slice(take(&mut rest)?).ok()?;
        let mut parts = Vec::new();
        while !rest.is_empty() {
            parts.push(base64url::encode(take(&mut rest)?));
        }
        let raw = Secret::from(parts.join("."));
        let at = tail.about.verified_at;
        let identity = danger::kept_renewed_identity(&raw, tail.earlier, at).ok()?;
        let tokens =
            Tokens::new(tail.access_token, tail.expires_at, tail.refresh_token, tail.scope);
        let inner = Inner { identity, user_info: tail.user_info, tokens, about: tail.about };
        Some(Self { inner: Arc::new(inner) })
    }
}

fn put(record: &mut Vec<u8>, part: &[u8]) {
    record.extend(u32::try_from(part.len()).unwrap_or(0).to_be_bytes());
    record.extend(part);
}

fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, tail) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (part, tail) = tail.split_at_checked(length)?;
    *rest = tail;
    Some(part)
}

const VERSION: u8 = 1;
