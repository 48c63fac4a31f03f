//! The profile of whoever a token is from, asked with the token alone.

use std::sync::Arc;
use std::time::Duration;

use countersign_protocol::jose::{Allowed, KeySet, digest};
use countersign_protocol::user_info::{AskUserInfo, UserInfo, UserInfoAnswer, UserInfoError};
use countersign_protocol::value::endpoint::Endpoint;
use countersign_protocol::{Secret, UnixTime, Verified};

use super::{Keys, Known};
use crate::ask::{PATIENCE, Way};
use crate::error::{Error, ErrorKind};
use crate::kept::Kept;
use crate::outside::BoxFuture;
use crate::single_flight::SingleFlight;

/// The profiles of one provider's tokens: asked once for all who wait, kept for a minute.
#[derive(Debug)]
pub(crate) struct Profiles {
    kept: Kept<[u8; 32], Profile>,
    flights: SingleFlight<[u8; 32], Result<Profile, Error>>,
}

/// A profile that several requests share.
pub(crate) type Profile = Arc<Verified<UserInfo>>;

/// Who is asked for a profile. Without keys, signed answers are refused.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) way: Way,
    pub(crate) known: Arc<Known>,
    pub(crate) keys: Option<Arc<Keys>>,
}

impl Profiles {
    pub(crate) fn new() -> Self {
        let flights = SingleFlight::new(Duration::ZERO).patience(PATIENCE);
        Self { kept: Kept::new(MOST), flights }
    }

    /// The profile for a token that is good at `now` and until `ends_at`. It is about `subject`,
    /// or about whomever the provider names for a token that names nobody.
    pub(crate) async fn of(
        &self,
        asked: &Asked,
        token: &Secret,
        subject: Option<&str>,
        ends_at: Option<UnixTime>,
        now: UnixTime,
    ) -> Result<Profile, Error> {
        let key = fingerprint(token, subject);
        if let Some(profile) = self.kept.get(&key, now) {
            return Ok(profile);
        }
        let (asked, token, subject) = (asked.clone(), token.clone(), subject.map(str::to_owned));
        let begin = || -> BoxFuture<'static, _> {
            Box::pin(
                async move { asked.profile(&token, subject.as_deref(), now).await.map(Arc::new) },
            )
        };
        let profile = self.flights.join(key, now, begin, |_| false).await?;
        let until = ends_at.map_or(now + KEEP, |ends_at| ends_at.min(now + KEEP));
        self.kept.put(key, Arc::clone(&profile), until, now);
        Ok(profile)
    }
}

impl Asked {
    async fn profile(
        &self,
        token: &Secret,
        subject: Option<&str>,
        now: UnixTime,
    ) -> Result<Verified<UserInfo>, Error> {
        let metadata = self.known.metadata(now).await?;
        let endpoint = metadata.require(Endpoint::UserInfo)?;
        let answer = self.way.ask(AskUserInfo::with_token(endpoint, token, subject)).await?;
        let now = self.way.outside.now();
        let signed = match answer {
            UserInfoAnswer::Plain(plain) => return Ok(plain.verify(false, now)?),
            UserInfoAnswer::Signed(signed) => signed,
        };
        let keys = self.keys.as_ref().ok_or(ErrorKind::NoKeys)?;
        let (identity, allowed) = (self.known.provider().identity(), Allowed::asymmetric());
        let check = |keys: &KeySet| signed.verify(keys, &allowed, identity, None, now);
        keys.check(&metadata, now, check, UserInfoError::is_unknown_key).await
    }
}

/// Names a question without holding the token.
fn fingerprint(token: &Secret, subject: Option<&str>) -> [u8; 32] {
    let all = Secret::from(format!("{:?}", (token.expose(), subject)));
    digest::sha256(all.expose().as_bytes())
}

const KEEP: Duration = Duration::from_secs(60);
const MOST: usize = 10_000;
