//! The profile of whoever a token speaks for (OpenID Connect Core 1.0 section 5.3).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use countersign_protocol::jose::{Object, digest};
use countersign_protocol::user_info::{AskUserInfo, UserInfo, UserInfoAnswer, UserInfoError};
use countersign_protocol::value::endpoint::Endpoint;
use countersign_protocol::{UnixTime, Verified};
use serde_json::Value;

use super::ResourceServer;
use super::issuer::Source;
use super::token::Token;
use crate::ask::PATIENCE;
use crate::error::Error;
use crate::kept::Kept;
use crate::outside::BoxFuture;
use crate::single_flight::SingleFlight;

/// Profiles by the digest of the token: asked once for all who wait, kept for a minute.
pub(super) struct Profiles {
    kept: Kept<[u8; 32], Profile>,
    flights: SingleFlight<[u8; 32], Result<Profile, Error>>,
}

type Profile = Arc<Verified<UserInfo>>;

impl Default for Profiles {
    fn default() -> Self {
        let flights = SingleFlight::new(Duration::ZERO).patience(PATIENCE);
        let size = |profile: &Profile| size_of_members(profile.claims());
        Self { kept: Kept::new(MOST).at_most_bytes(MOST_BYTES, size), flights }
    }
}

impl ResourceServer {
    /// Asks the issuer of a token for the profile of whoever it speaks for. The answer is
    /// remembered for a minute, never beyond the end of the token, and its `sub` is that of the
    /// token.
    ///
    /// ```no_run
    /// # async fn example(api: countersign::ResourceServer, token: countersign::Token) -> Result<(), countersign::Error> {
    /// let profile = api.user_info(&token).await?;
    /// println!("{:?}", profile.claims().get("name"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error`] when the issuer has no UserInfo endpoint, refuses the token or is out of reach.
    pub async fn user_info(&self, token: &Token) -> Result<Arc<Verified<UserInfo>>, Error> {
        let now = self.now();
        let Profiles { kept, flights } = &self.inner.profiles;
        let key = digest::sha256(token.text().as_bytes());
        if let Some(profile) = kept.get(&key, now) {
            return Ok(profile);
        }
        let (server, asked) = (self.clone(), token.clone());
        let begin = || -> BoxFuture<'static, _> {
            Box::pin(async move { server.profile_of(&asked, now).await.map(Arc::new) })
        };
        let profile = flights.join(key, now, begin, |_| false).await?;
        let until = now + KEEP;
        let until = token.access_token().expires_at().map_or(until, |ends| ends.min(until));
        kept.put(key, Arc::clone(&profile), until, now);
        Ok(profile)
    }

    async fn profile_of(&self, token: &Token, now: UnixTime) -> Result<Verified<UserInfo>, Error> {
        let issuer = self.issuer(token.by().issuer)?;
        let metadata = issuer.known.metadata(now).await?;
        let endpoint = metadata.require(Endpoint::UserInfo)?;
        let ask = AskUserInfo::with_token(endpoint, &token.raw(), token.subject());
        let answer = match issuer.way.ask(ask).await? {
            UserInfoAnswer::Plain(plain) => return Ok(plain.verify(false, now)?),
            UserInfoAnswer::Signed(signed) => signed,
        };
        let verify = |keys: &_| answer.verify(keys, &issuer.allowed, &issuer.identity, None, now);
        match &issuer.keys {
            Source::Shared(keys) => Ok(verify(keys)?),
            Source::Published(keys) => {
                keys.check(&metadata, now, verify, UserInfoError::is_unknown_key).await
            }
        }
    }
}

/// About how many bytes of memory they take; the reader has bounded their depth.
fn size_of_members(members: &Object) -> usize {
    members.iter().map(|(name, value)| NODE + name.len() + size_of_value(value)).sum()
}

fn size_of_value(value: &Value) -> usize {
    let inside = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(size_of_value).sum(),
        Value::Object(members) => size_of_members(members),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    size_of::<Value>() + inside
}

impl fmt::Debug for Profiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Profiles")
    }
}

const MOST: usize = 10_000;
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// The name of a member and its place.
const NODE: usize = 64;
const KEEP: Duration = Duration::from_secs(60);
