//! Tokens that are not needed or not good any more.

use countersign_protocol::Secret;
use countersign_protocol::token::{Revoke, TokenHint};
use countersign_protocol::value::endpoint::Endpoint;

use super::TokenClient;
use super::exchange::name_of;
use crate::error::Error;

impl TokenClient {
    /// Tells the provider that a token is not needed any more (RFC 7009). Here it is forgotten
    /// first, and with it every token that was given in exchange for it.
    ///
    /// # Errors
    /// [`Error`] when the provider offers no revocation, refuses, or can't be reached.
    pub async fn revoke(&self, token: &Secret, hint: Option<TokenHint>) -> Result<(), Error> {
        self.forget(token);
        let now = self.now();
        let metadata = self.inner.known.metadata(now).await?;
        let endpoint = metadata.require(Endpoint::Revocation)?;
        let proof = self.proof(self.now(), &metadata)?;
        let question = Revoke::new(token, hint, endpoint, &self.inner.client, proof)?;
        self.inner.way.ask(question).await
    }

    /// Does not hand out this token again, nor one that was given in exchange for it: for an API
    /// that refused it before its end.
    pub fn forget(&self, token: &Secret) {
        let name = name_of(token);
        self.inner.own.retain(|_, held| !held.is(token));
        self.inner
            .exchanged
            .retain(|_, exchanged| exchanged.subject != name && exchanged.grant.token != *token);
    }
}
