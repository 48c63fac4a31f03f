//! Logout at the provider, and from there.

use countersign_protocol::Verified;
use countersign_protocol::jose::{KeySet, danger};
use countersign_protocol::logout::{LogoutOptions, LogoutToken, LogoutTokenError, end_session_url};
use url::Url;

use super::RelyingParty;
use crate::error::Error;
use crate::session::Session;

impl RelyingParty {
    /// Where to send the browser so that the provider ends its session too (OpenID Connect
    /// RP-Initiated Logout 1.0); `None` when the provider offers no such place. The session here
    /// is ended by whoever keeps it, and first.
    ///
    /// # Errors
    /// [`Error`] when the provider can't be discovered or an extra parameter is reserved.
    pub async fn logout_url(
        &self,
        session: Option<&Session>,
        options: LogoutOptions,
    ) -> Result<Option<Url>, Error> {
        let now = self.now();
        let (metadata, client) = match session {
            Some(session) => self.parties_of(session.client_id(), now).await?,
            None => self.parties(now).await?,
        };
        let hint = session.map(|session| session.identity().raw());
        Ok(end_session_url(&metadata, &client, hint, &options)?)
    }

    /// What a logout token says that the provider has sent behind the browser's back (OpenID
    /// Connect Back-Channel Logout 1.0 section 2.5): which session, or whose sessions, are over.
    /// Whoever keeps them ends them.
    ///
    /// Each token is good once. That is remembered in this process until the token has expired.
    ///
    /// # Errors
    /// [`Error`] names the rule of section 2.6 that failed, or says that the provider's keys can't
    /// be had; such a token may be brought again.
    pub async fn logout_token(&self, token: &str) -> Result<Verified<LogoutToken>, Error> {
        let now = self.now();
        let (metadata, client) = match addressee(token) {
            Some(client_id) => self.parties_of(&client_id, now).await?,
            None => self.parties(now).await?,
        };
        let allowed = self.allowed(&metadata, &client)?;
        let rules = self.rules(&client, &allowed);
        let expected = client.expected_id_token_alg();
        let verify = |keys: &KeySet| LogoutToken::verify(token, &rules, keys, now);
        let is_unknown_key = LogoutTokenError::is_unknown_key;
        let token = self.checked(&metadata, &client, expected, now, verify, is_unknown_key).await?;
        let until = token.expires_at() + self.inner.clock_skew;
        self.inner.logout_tokens.first_time(token.issuer(), token.id(), until, now)?;
        Ok(token)
    }
}

/// For which client a token that nobody has checked says it is: good for choosing among our own,
/// of which a client that registers itself may have had another one before.
fn addressee(token: &str) -> Option<String> {
    let claims = danger::peek(token).ok()?;
    claims.get("aud")?.as_str().map(str::to_owned)
}
