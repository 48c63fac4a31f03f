//! New tokens for old ones, about nobody in particular.

use countersign_protocol::Secret;
use countersign_protocol::token::{Refresh, Tokens};
use countersign_protocol::value::endpoint::Endpoint;

use super::TokenClient;
use crate::error::Error;

impl TokenClient {
    /// Redeems a refresh token (RFC 6749 section 6) that belongs to no [`Session`](crate::Session)
    /// here. An ID token in the answer is left aside, since there is nobody to compare it with; for
    /// a person who is logged in take [`RelyingParty::refresh`](crate::RelyingParty::refresh).
    ///
    /// # Errors
    /// [`Error`] with `refresh.refused` when the provider does not take the token any more; others
    /// when it can't be asked.
    pub async fn refresh(&self, refresh_token: &Secret, scope: &str) -> Result<Tokens, Error> {
        let now = self.now();
        let metadata = self.inner.known.metadata(now).await?;
        let endpoint = metadata.require(Endpoint::Token)?;
        let proof = self.proof(now, &metadata)?;
        let client = &self.inner.client;
        let question = Refresh::new(refresh_token, scope, endpoint, client, now, proof)?;
        Ok(self.inner.way.ask(question).await?.about_nobody())
    }
}
