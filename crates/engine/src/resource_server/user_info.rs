//! The profile of whoever a token speaks for (OpenID Connect Core 1.0 section 5.3).

use std::sync::Arc;

use countersign_protocol::Verified;
use countersign_protocol::user_info::UserInfo;

use super::ResourceServer;
use super::issuer::Source;
use super::token::Token;
use crate::error::Error;
use crate::provider::Asked;

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
        let issuer = self.issuer(token.by().issuer)?;
        let keys = match &issuer.keys {
            Source::Published(keys) => Some(Arc::clone(keys)),
            Source::Shared(_) => None,
        };
        let asked = Asked { way: issuer.way.clone(), known: Arc::clone(&issuer.known), keys };
        let ends_at = token.access_token().expires_at();
        let (profiles, now) = (&self.inner.profiles, self.now());
        profiles.of(&asked, token.raw(), token.subject(), ends_at, now).await
    }
}
