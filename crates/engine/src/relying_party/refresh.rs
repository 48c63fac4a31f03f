//! Renewing a session by its refresh token.

use countersign_protocol::Client;
use countersign_protocol::id_token::IdTokenRules;
use countersign_protocol::jose::{KeySet, digest};
use countersign_protocol::token::{Refresh, TokenError};
use countersign_protocol::value::endpoint::Endpoint;

use super::RelyingParty;
use crate::error::{Error, ErrorKind};
use crate::session::Session;

impl RelyingParty {
    /// The same session with new tokens and, where it is asked, a new profile.
    ///
    /// However many requests bring the same session at once, the provider is asked once; whoever
    /// comes within the next minute with the old session gets the same answer, so that refresh
    /// tokens that may be used only once are.
    ///
    /// # Errors
    /// [`Error`] with the code `refresh.refused` when the sign-in is over, `refresh.none` without
    /// a refresh token, and whatever else may come of a token request. Only a refusal ends a
    /// session; silence does not.
    pub async fn refresh(&self, session: &Session) -> Result<Session, Error> {
        let key = fingerprint(session).ok_or(ErrorKind::NoRefreshToken)?;
        let (rp, old) = (self.clone(), session.clone());
        let begin = || -> crate::outside::BoxFuture<'static, _> {
            Box::pin(async move { rp.refresh_now(old).await })
        };
        let settled = |result: &Result<Session, Error>| match result {
            Ok(_) => true,
            Err(error) => {
                matches!(error.kind(), ErrorKind::Token(TokenError::RefreshRefused { .. }))
            }
        };
        self.inner.refreshes.join(key, self.now(), begin, settled).await
    }

    async fn refresh_now(&self, session: Session) -> Result<Session, Error> {
        let now = self.now();
        let refresh_token = session.refresh_token().ok_or(ErrorKind::NoRefreshToken)?;
        let (metadata, client) = self.parties_of(session.client_id(), now).await?;
        let proof = self.proof(now, &metadata)?;
        let endpoint = metadata.require(Endpoint::Token)?;
        let refresh = Refresh::new(refresh_token, session.scope(), endpoint, &client, now, proof)?;
        let refreshed = self.inner.way.ask(refresh).await;
        let refreshed = refreshed.map_err(|error| self.over_with_its_client(error, &client))?;

        let now = self.now();
        let verify = |rules: &IdTokenRules<'_>, keys: &KeySet| {
            refreshed.verify(rules, session.identity(), keys, now)
        };
        let identity = self.identified(&metadata, &client, now, verify).await?;
        let whose = identity.as_ref().unwrap_or(session.identity());
        let tokens = refreshed.into_tokens(whose);
        let profile = self.profile(&metadata, &client, &tokens.access_token, whose, now).await?;
        Ok(session.renewed(identity, profile, tokens, now))
    }

    /// Tokens belong to the client that they were given to. A client that registers itself comes
    /// back under another name, so what the one before was given can't be renewed any more.
    fn over_with_its_client(&self, error: Error, client: &Client) -> Error {
        self.forget_if_unknown(&error, client);
        match error.kind() {
            ErrorKind::Token(TokenError::Refused { says })
                if says.error == "invalid_client" && self.inner.registered.renews() =>
            {
                TokenError::RefreshRefused { says: says.clone() }.into()
            }
            _ => error,
        }
    }
}

/// Names a session's present tokens without holding them.
fn fingerprint(session: &Session) -> Option<[u8; 32]> {
    let refresh_token = session.refresh_token()?;
    let both = format!("{}\n{}", refresh_token.expose(), session.access_token().expose());
    Some(digest::sha256(both.as_bytes()))
}
