//! The first half of a login.

use countersign_protocol::danger;
use countersign_protocol::login::{Begin, LoginOptions, PendingLogin, Randomness};
use url::Url;

use super::RelyingParty;
use crate::error::Error;

impl RelyingParty {
    /// The address to send the browser to, and what to keep where only this browser can bring it
    /// back. `state`, `nonce` and PKCE (S256) are always sent.
    ///
    /// # Errors
    /// [`Error`] when the provider can't be discovered, the client can't be registered, or an
    /// option can't be sent.
    pub async fn begin(&self, options: LoginOptions) -> Result<(Url, PendingLogin), Error> {
        let now = self.now();
        let (metadata, client) = self.parties(now).await?;
        let random = Randomness::from(self.random()?);
        let plain = self.inner.pkce_where_announced && !metadata.announces_pkce();
        let options = if plain { danger::without_pkce(options) } else { options };
        let begin = Begin {
            provider: &metadata,
            identity: self.identity(),
            client: &client,
            redirect_uri: &self.inner.redirect_uri,
            scope: &self.inner.scope,
        };
        Ok(begin.login(options, &random, now)?)
    }
}
